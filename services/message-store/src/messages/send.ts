import { sealContent, type MessageContent } from '@heliograph/box/content';
import { dialogKeys, dialogSeal, type DialogSeal } from '@heliograph/box/dialog-key';
import { renderMessage } from '@heliograph/box/render-message';
import { openContent } from '@heliograph/box/content';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { MessageUid } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Message, MessageService, TypeUpdate } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { Outcome } from '../engine/contract';
import { isGroupBox, isSharedBox } from '@heliograph/box/box-id';
import { submitSends } from './set-ttl';
import type { CommandBody } from './submit';

/** A message about to be sent to a user, to oneself, or to a basic group. */
export interface Outgoing {
  peer: number;
  randomId: bigint;
  content: MessageContent;
  silent?: boolean;
  noforwards?: boolean;
  clearDraft?: boolean;
  /** In a group: users named in it, who are told so if they are members. */
  mentions?: readonly number[];
  replyTo?: { uid: MessageUid | undefined; localId: number };
  /** In a channel: first message of the thread that it is in. */
  thread?: number;
  /** In a channel: as whom; 0 or absent: as the channel has it. */
  sendAs?: number;
}

/** How a message to a peer may go out. Whether one may write in a group is the group's to say. */
export interface Admission {
  /** The peer blocks the caller: the message stays in the caller's box and nothing tells so (FEATURES B6). */
  noDeliver: boolean;
  /** The DC that the peer lives in, where it is told. */
  dc?: number;
}

/**
 * Whether the caller may write to this user; of groups nothing is asked.
 * Throws PEER_ID_INVALID (no such user), INPUT_USER_DEACTIVATED (deleted account), YOU_BLOCKED_USER.
 */
export async function admit(deps: Pick<Deps, 'admissions'>, from: number, to: number): Promise<Admission> {
  if (from === to || isSharedBox(to)) return { noDeliver: false };
  const contact = await deps.admissions.find(from, to);
  if (!contact.toExists) throw badRequest('PEER_ID_INVALID');
  if (contact.toDeleted) throw badRequest('INPUT_USER_DEACTIVATED');
  if (contact.blockedBySelf) throw badRequest('YOU_BLOCKED_USER');
  return { noDeliver: contact.blockedByPeer, dc: contact.toDc };
}

/** Seals and submits. The outcome of a repeated random_id is that of the first time. */
export async function send(deps: Pick<Deps, 'dc' | 'engine' | 'keyring'>, caller: CallerContext, admission: Admission, outgoing: Outgoing): Promise<Outcome> {
  const seal = await dialogSeal(deps.keyring, deps.dc, caller.userId, outgoing.peer);
  const [outcome] = await submitSends(deps, caller, admission, outgoing.peer, [sendBody(caller.userId, seal, admission, outgoing)]);
  return outcome as Outcome;
}

/** The command of a message. `seal`: of the dialog. */
export function sendBody(from: number, seal: DialogSeal, admission: Admission, outgoing: Outgoing): CommandBody {
  const { peer, randomId } = outgoing;
  const content = sealContent(seal, from, peer, outgoing.content);
  const silent = outgoing.silent ?? false;
  const noforwards = outgoing.noforwards ?? false;
  if (isGroupBox(peer)) {
    const post = { randomId, content, silent, noforwards, replyTo: outgoing.replyTo?.uid, mentions: outgoing.mentions?.map(BigInt) };
    return { case: 'groupCall', value: { group: BigInt(peer), act: { act: { case: 'post', value: post } }, clearDraft: outgoing.clearDraft ?? false } };
  }
  return {
    case: 'send',
    value: {
      peer: BigInt(peer),
      randomId,
      content,
      silent,
      noforwards,
      clearDraft: outgoing.clearDraft ?? false,
      replyTo: outgoing.replyTo?.uid,
      replyToLocalId: outgoing.replyTo?.localId ?? 0,
      noDeliver: admission.noDeliver,
    },
  };
}

/** The message that a send made, with the pts it took in the caller's box. */
export async function sentMessage(deps: Pick<Deps, 'keyring'>, caller: CallerContext, outcome: Outcome): Promise<{ message: Message | MessageService; pts: number }> {
  const record = outcome.message;
  if (!record) throw new Error('a send was applied without a message');
  // A repeated send of a message that was deleted since: the record says which it was, its content is gone.
  if (!record.content || record.content.sealed.length === 0) throw badRequest('RANDOM_ID_DUPLICATE');
  const keys = await dialogKeys(deps.keyring, caller.userId, [record]);
  return { message: renderMessage(caller.userId, record, openContent(keys, caller.userId, record), false), pts: record.pts };
}

/** updateMessageID and updateNewMessage of a sent message: what clients match their pending message by. */
export function sentUpdates(randomId: bigint, sent: { message: Message | MessageService; pts: number }): TypeUpdate[] {
  return [
    { _: 'updateMessageID', id: sent.message.id, random_id: randomId },
    { _: 'updateNewMessage', message: sent.message, pts: sent.pts, pts_count: 1 },
  ];
}
