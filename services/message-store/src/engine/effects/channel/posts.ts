import { postRefusal } from '@heliograph/box/channel-rights';
import { ADMIN, BANNED } from '@heliograph/box/group-rights';
import { AdminEventKind, type ChannelEdit, type ChannelPin, type ChannelPost, type ChannelSetSendAs, type Content, type MessageRecord, type MessageUid } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, readSent, type Effect, type Read, type ReadAnswer } from '../../change';
import { MENTIONS_MAX } from '../../limits';
import { emptyMessage, NO_BYTES } from '../../records';
import { applyEdit } from '../edited';
import { keyOf } from '../group/posts';
import { addMessage, remember } from '../new-message';
import { setPinned, unpinEvery } from '../pinned';
import { originalOf } from './admin-log';
import type { Channel } from './channel';
import { discuss, discussionOf, editDiscussed } from './discussed';
import { countReply } from './replies';

/** What is written into a channel. */
export interface Posted {
  content?: Content;
  randomId?: bigint;
  silent?: boolean;
  noforwards?: boolean;
  fromScheduled?: boolean;
  replyToId?: number;
  threadId?: number;
  mentions?: readonly number[];
  /** As whom; by default as `speaker` says. And who wrote it. */
  from?: number;
  author?: number;
  /** The post that it is a copy of. */
  uid?: MessageUid;
  /** Where a broadcast's post is discussed: channel id. */
  discussion?: bigint;
}

/** As whom the actor writes: in a broadcast nobody is named, an anonymous admin is the group. */
function speaker(channel: Channel): number {
  if (channel.record.broadcast) return 0;
  return ((channel.admin(channel.actor)?.rights ?? 0) & ADMIN.anonymous) !== 0 ? channel.box : channel.actor;
}

/** Writes a message at the end of the channel. */
export function addPost(channel: Channel, posted: Posted): MessageRecord {
  const { change } = channel;
  const record = emptyMessage();
  record.peer = BigInt(channel.box);
  record.from = BigInt(posted.from ?? speaker(channel));
  record.author = BigInt(posted.author ?? channel.actor);
  record.date = change.date;
  record.content = posted.content;
  record.silent = posted.silent ?? false;
  record.noforwards = posted.noforwards ?? false;
  record.randomId = posted.randomId ?? 0n;
  record.replyToId = posted.replyToId ?? 0;
  record.threadId = posted.threadId ?? 0;
  record.mentions = (posted.mentions ?? []).map(BigInt);
  record.fromScheduled = posted.fromScheduled ?? false;
  record.ttlPeriod = channel.record.ttlPeriod;
  // Nobody else is known by it: not who writes as the group, or as a channel.
  if (!channel.record.broadcast && record.from > 0n) record.rankSealed = rankAt(channel, Number(record.from));
  record.uid = posted.uid;
  record.discussion = posted.discussion ?? 0n;
  const { broadcast, signatures, signatureProfiles } = channel.record;
  record.signed = broadcast && signatures && signatureProfiles && posted.content?.service !== true;
  if (posted.content?.poll !== undefined) record.pollTally = { $typeName: 'heliograph.box.v1.PollTally', voters: 0, answers: [] };
  if (posted.content?.service !== true) record.reactionTally = { $typeName: 'heliograph.box.v1.ReactionTally', people: 0, counts: [] };
  addMessage(change, change.editDialog(channel.box), record, 0);
  return record;
}

/** What the author is called; of those whom the act did not ask for an admin alone is known. */
const rankAt = (channel: Channel, user: number): Uint8Array => channel.admin(user)?.rankSealed ?? channel.known(user)?.rankSealed ?? NO_BYTES;

/** Says in a supergroup who came or went; a broadcast's subscribers don't hear of each other. */
export function announceInGroup(channel: Channel, notice: Content | undefined, from?: number): void {
  if (notice !== undefined && !channel.record.broadcast) addPost(channel, { content: notice, from, author: from });
}

/** A remembered random_id makes nothing: the reply is the earlier message. */
export function* post(channel: Channel, body: ChannelPost): Effect {
  const { change, actor, record } = channel;
  const remembered = body.randomId === 0n ? 0n : keyOf(actor, body.randomId);
  if (remembered !== 0n) {
    const earlier = (yield* readSent(change.state)).find(remembered, change.date);
    if (earlier !== undefined) {
      change.duplicate = true;
      change.message = (yield* readMessages([earlier.id]))[0];
      return;
    }
  }
  const from = body.sendAs === 0n ? speaker(channel) : Number(body.sendAs);
  if (from < 0 && from !== channel.box) yield* channel.load([from]);
  const refusal = contentRefusal(channel, body.content) ?? pollRefusal(channel, body.content) ?? speakerRefusal(channel, from);
  if (refusal !== undefined) return change.refuse(refusal);
  const limited = record.slowmode > 0 && !record.broadcast && channel.admin(actor) === undefined;
  if (limited) {
    const wait = (channel.member(actor)?.lastPostDate ?? 0) + record.slowmode - change.date;
    if (wait > 0) return change.refuse(`SLOWMODE_WAIT_${wait}`);
  }
  const answered = yield* readAnswered(channel, body.replyToId);
  const mentions = yield* mentioned(channel, body.mentions.map(Number), answered);
  const threadId = answered === undefined || record.broadcast ? 0 : answered.threadId || answered.id;
  const written = addPost(channel, { ...body, from: record.broadcast ? 0 : from, randomId: body.randomId, replyToId: answered?.id ?? 0, threadId, mentions, discussion: discussionOf(channel) });
  remember(change, remembered);
  if (limited) channel.editMember(actor, { lastPostDate: change.date });
  if (threadId !== 0) yield* countReply(channel, threadId, written);
  discuss(change, written);
  for (const user of mentions) {
    change.derived.push({ box: user, body: { case: 'channelMention', value: { $typeName: 'heliograph.box.v1.ChannelMention', channel: BigInt(channel.box), id: written.id } } });
  }
}

/** The message that is answered, if it is there. */
function* readAnswered({ record }: Channel, id: number): Generator<Read, MessageRecord | undefined, ReadAnswer> {
  if (id <= 0 || record.destroyed) return undefined;
  const [answered] = yield* readMessages([id]);
  return answered?.deletedVersion === 0n ? answered : undefined;
}

/** Members of a supergroup who are named, or answered. */
function* mentioned(channel: Channel, named: readonly number[], answered: MessageRecord | undefined): Generator<Read, number[], ReadAnswer> {
  if (channel.record.broadcast) return [];
  const users = new Set(named.slice(0, MENTIONS_MAX));
  if (answered !== undefined) users.add(Number(answered.author));
  users.delete(channel.actor);
  const people = [...users].filter((user) => user > 0).slice(0, MENTIONS_MAX);
  yield* channel.load(people);
  return people.filter((user) => channel.isPresent(user));
}

/** Why the actor may not write this here; undefined: he may. */
function contentRefusal(channel: Channel, content: Content | undefined): string | undefined {
  const { actor, change, record } = channel;
  return postRefusal(record, channel.member(actor), actor, change.date, content?.mediaClass ?? 0);
}

/** In a broadcast nobody is told who voted. */
function pollRefusal({ record }: Channel, content: Content | undefined): string | undefined {
  return record.broadcast && content?.poll?.public === true ? 'BROADCAST_PUBLIC_VOTERS_FORBIDDEN' : undefined;
}

/** Whether the actor may write in that name. That another channel is the actor's own is for the caller to see. */
function speakerRefusal(channel: Channel, from: number): string | undefined {
  if (from === channel.actor || channel.record.broadcast) return undefined;
  if (from === channel.box) return speaker(channel) === channel.box ? undefined : 'SEND_AS_PEER_INVALID';
  if (from >= 0) return 'SEND_AS_PEER_INVALID';
  return (channel.banned(from) & (BANNED.view_messages | BANNED.send_messages)) !== 0 ? 'CHAT_WRITE_FORBIDDEN' : undefined;
}

/** As whom the actor writes from now on where he says nothing. In a broadcast there is no choice. */
export function* setSendAs(channel: Channel, { sendAs }: ChannelSetSendAs): Effect {
  const { change, actor } = channel;
  const from = Number(sendAs);
  if (channel.record.broadcast) return change.refuse('PEER_ID_INVALID');
  if (from < 0 && from !== channel.box) yield* channel.load([from]);
  const refusal = from === 0 ? undefined : speakerRefusal(channel, from);
  if (refusal !== undefined) return change.refuse(refusal === 'CHAT_WRITE_FORBIDDEN' ? 'SEND_AS_PEER_INVALID' : refusal);
  if ((channel.member(actor)?.sendAs ?? 0n) !== sendAs) channel.editMember(actor, { sendAs });
}

/** Authors edit their own; in a broadcast also those who may edit all. That it is no service message is for the caller to see: content that was erased since can't tell. */
export function* editPost(channel: Channel, body: ChannelEdit): Effect {
  const { change, actor, record } = channel;
  const [before] = yield* readMessages([body.id]);
  if (before === undefined || before.deletedVersion !== 0n) return change.refuse('MESSAGE_ID_INVALID');
  const own = Number(before.author) === actor;
  if (record.broadcast) {
    if (!(own && channel.mayAsAdmin(ADMIN.post_messages)) && !channel.mayAsAdmin(ADMIN.edit_messages)) return change.refuse(own ? 'CHAT_ADMIN_REQUIRED' : 'MESSAGE_AUTHOR_REQUIRED');
  } else {
    if (!own) return change.refuse('MESSAGE_AUTHOR_REQUIRED');
    const refusal = contentRefusal(channel, body.content);
    if (refusal !== undefined) return change.refuse(refusal);
  }
  applyEdit(change, before, body.content, body.hide);
  editDiscussed(change, before, body.content, body.hide);
  const { original, repeated } = originalOf(before, change.version);
  const { content } = body;
  channel.log({ kind: AdminEventKind.EDIT, messageBefore: original, messageAfter: { ...original, content, editDate: change.date, editHide: body.hide }, repeated });
}

const mayPin = (channel: Channel): boolean => (channel.record.broadcast ? channel.mayAsAdmin(ADMIN.edit_messages) : channel.may(ADMIN.pin_messages, BANNED.pin_messages));

/** Pins or unpins. `notice`: posted with a pin; `silent`: it notifies nobody. */
export function* pinPost(channel: Channel, body: ChannelPin, notice: Content | undefined): Effect {
  const { change, box } = channel;
  if (!mayPin(channel)) return change.refuse('CHAT_ADMIN_REQUIRED');
  const [record] = yield* readMessages([body.id]);
  if (record === undefined || record.deletedVersion !== 0n) return change.refuse('MESSAGE_ID_INVALID');
  if (!setPinned(change, box, body.id, !body.unpin)) return;
  channel.log({ kind: AdminEventKind.PINNED, [body.unpin ? 'messageBefore' : 'messageAfter']: { ...emptyMessage(), id: body.id, peer: BigInt(box) } });
  if (body.unpin || notice === undefined) return;
  addPost(channel, { content: notice, replyToId: body.id, silent: body.silent });
}

export function unpinAllPosts(channel: Channel): void {
  if (!mayPin(channel)) return channel.change.refuse('CHAT_ADMIN_REQUIRED');
  unpinEvery(channel.change, channel.box);
}
