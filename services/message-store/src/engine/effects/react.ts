import type { React, ReactCopy } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readLocals, readMessages, type Change, type Effect } from '../change';
import { isGroupBox } from '@heliograph/box/box-id';
import { hasBox } from '../ids';
import { applyReaction } from './reactions';

/** The owner reacts to a message of a private chat, here and in the peer's box. Refuses MESSAGE_ID_INVALID. */
export function* react(change: Change, body: React): Effect {
  const [record] = yield* readMessages([body.id]);
  if (record === undefined || record.deletedVersion !== 0n || body.reaction === undefined) return change.refuse('MESSAGE_ID_INVALID');
  const peer = Number(record.peer);
  // To messages of a group one reacts by groupCall.
  if (isGroupBox(peer)) return change.refuse('PEER_ID_INVALID');
  const reaction = { ...body.reaction, user: BigInt(change.box) };
  applyReaction(change, record, reaction);
  if (body.noDeliver || peer === change.box || !hasBox(peer) || record.uid === undefined) return;
  change.derived.push({ box: peer, body: { case: 'reactCopy', value: { $typeName: 'heliograph.box.v1.ReactCopy', uid: record.uid, reaction } } });
}

/** A reaction that another box derived. Nothing happens where the message never came, or was deleted. */
export function* reactCopy(change: Change, { uid, reaction }: ReactCopy): Effect {
  if (uid === undefined || reaction === undefined) return;
  const source = change.command.origin?.box ?? 0n;
  if (source > 0n && source !== reaction.user) throw new Error('a reaction comes from another box than its owner\'s');
  const [local] = yield* readLocals([uid]);
  if (local === undefined) return;
  const [record] = yield* readMessages([local]);
  // A message of another dialog is none that the origin may change.
  if (record === undefined || record.deletedVersion !== 0n || record.peer !== source) return;
  applyReaction(change, record, reaction);
}
