import type { ScheduledMessage, SendScheduled } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readSent, type Change, type Effect } from '../change';
import { isChannelBox, isGroupBox } from '@heliograph/box/box-id';
import { groupCaller } from './group/call';
import { SCHEDULED_CHANGED, takeScheduled } from './schedule';
import { write } from './send';

/**
 * Sends a message that waits, because it came due or its author asks for it. It carries the message as it was read; where that is another one
 * meanwhile, nothing happens: SCHEDULED_CHANGED to who asks, and the sweeper finds it again. Refuses MESSAGE_ID_INVALID where none waits.
 */
export function* sendScheduled(change: Change, { message, due, drop, noDeliver }: SendScheduled): Effect {
  if (message === undefined) return change.refuse('MESSAGE_EMPTY');
  const peer = Number(message.peer);
  const entry = change.dialog(peer)?.scheduled.find(({ id }) => id === message.id);
  if (due === undefined && entry === undefined) return change.refuse('MESSAGE_ID_INVALID');
  if (due === undefined && entry?.version !== message.version) return change.refuse(SCHEDULED_CHANGED);
  // Sent, given up, or put off: the row has nothing to say any more.
  if (due !== undefined && entry?.at !== due.at) change.rows.push({ kind: 'dueDone', due });
  if (entry === undefined || entry.version !== message.version || (due !== undefined && entry.at !== due.at)) return;
  const sent = message.randomId === 0n ? undefined : (yield* readSent(change.state)).find(message.randomId, change.date);
  if (due !== undefined) change.rows.push({ kind: 'dueDone', due });
  const { content, silent, noforwards, replyTo, randomId } = message;
  const sentIds: number[] = [];
  if (!drop && sent === undefined) {
    if (isChannelBox(peer)) {
      deriveChannelPost(change, peer, message);
    } else if (isGroupBox(peer)) {
      const value = { $typeName: 'heliograph.box.v1.GroupPost' as const, randomId, content, silent, noforwards, replyTo, mentions: message.mentions, fromScheduled: true };
      const caller = groupCaller(change.command);
      change.derived.push({ box: peer, body: { case: 'groupAct', value: { $typeName: 'heliograph.box.v1.GroupAct', caller, act: { case: 'post', value } } } });
      change.deferred = caller !== undefined;
    } else {
      const record = write(change, { peer, content, silent, noforwards, replyTo, randomId, replyToLocalId: message.replyToLocalId, noDeliver, fromScheduled: true });
      sentIds.push(record.id);
    }
  }
  takeScheduled(change, peer, new Set([message.id]), sentIds);
}

/** A channel decides when it comes; nobody waits for it. It knows a repetition by the random_id. */
function deriveChannelPost(change: Change, channel: number, { randomId, content, silent, noforwards, replyTo, mentions, sendAs }: ScheduledMessage): void {
  const post = { $typeName: 'heliograph.box.v1.ChannelPost' as const, randomId, content, silent, noforwards, replyToId: replyTo?.id ?? 0, mentions, fromScheduled: true, sendAs };
  change.derived.push({ box: channel, body: { case: 'channelAct', value: { $typeName: 'heliograph.box.v1.ChannelAct', actor: BigInt(change.box), act: { case: 'post', value: post } } } });
}
