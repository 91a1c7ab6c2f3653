import { isChannelBox, isGroupBox } from '@heliograph/box/box-id';
import { isOutgoingTo } from '@heliograph/box/channel-sight';
import { forwardedPoll, mayPollShow, type PollState } from '@heliograph/box/polls';
import type { MessageContent } from '@heliograph/box/content';
import type { CallerContext } from '@heliograph/client-api/method';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { InputMediaPoll, MessageMediaPoll, TypeInputPeer, Updates } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { outcomeUpdates } from './answer';
import { changeInChannel } from './channel-answer';
import type { ChannelReader } from './channels';
import { openMessages } from './chat-messages';
import { submitAct } from './group-act';
import { admit } from './send';
import { submit } from './submit';
import { openAll } from './views';

/** A poll of the chat that an InputPeer names. Throws `error` where there is none, and as `openMessages`. */
export async function findPoll(
  deps: Pick<Deps, 'channels' | 'comments' | 'engine' | 'keyring' | 'peers' | 'postCounts'>, caller: CallerContext, input: TypeInputPeer, id: number, error: 'MESSAGE_ID_INVALID' | 'MSG_ID_INVALID',
): Promise<{ peer: number; record: MessageRecord; media: MessageMediaPoll; channel: ChannelReader | undefined }> {
  const { peer, box, find, channel } = await openMessages(deps, caller, input);
  const record = await find(id);
  if (record?.poll === undefined) throw badRequest(error);
  const [opened] = await openAll(deps, box, [record]);
  if (opened?.content.media?._ !== 'messageMediaPoll') throw badRequest(error);
  return { peer, record, media: opened.content.media, channel };
}

/** Ids and hashes of polls. */
export const newPollId = (deps: Pick<Deps, 'random'>): bigint => Buffer.from(deps.random(8)).readBigInt64LE();

/**
 * Ends an own poll before its time, as an edit asks for it (docs: core.telegram.org/api/poll). What else the edit says of it is not looked at, as libraries leave it
 * empty. Throws MESSAGE_ID_INVALID, MEDIA_PREV_INVALID (no poll), MEDIA_NEW_INVALID (an edit of the poll itself), MESSAGE_AUTHOR_REQUIRED, MESSAGE_NOT_MODIFIED.
 */
export async function closeOwnPoll(deps: Deps, caller: CallerContext, record: MessageRecord, content: MessageContent, { poll }: InputMediaPoll): Promise<Updates> {
  if (content.media?._ !== 'messageMediaPoll') throw badRequest('MEDIA_PREV_INVALID');
  if (!poll.closed) throw badRequest('MEDIA_NEW_INVALID');
  const peer = Number(record.peer);
  deps.presence.touch(caller.userId);
  if (isChannelBox(peer)) return changeInChannel(deps, caller, peer, { act: { case: 'closePoll', value: { $typeName: 'heliograph.box.v1.ChannelClosePoll', id: record.id } } });
  return outcomeUpdates(deps, caller, isGroupBox(peer)
    ? await submitAct(deps, caller, -peer, { case: 'closePoll', value: { id: record.uid?.id ?? 0 } })
    : await submit(deps, caller, { case: 'closePoll', value: { id: record.id, noDeliver: (await admit(deps, caller.userId, peer)).noDeliver } }));
}

/**
 * What becomes of a poll that the caller sends on. Throws QUIZ_ANSWER_MISSING: who would hide where a quiz comes from must have answered it.
 */
export function pollToForward(deps: Pick<Deps, 'random'>, caller: CallerContext, state: PollState, content: MessageContent, dropAuthor: boolean): MessageMediaPoll | undefined {
  if (content.media?._ !== 'messageMediaPoll') return undefined;
  const { media } = content;
  if (dropAuthor && media.poll.quiz && !isOutgoingTo(caller.userId, state) && !mayPollShow(media, state, caller.userId)) throw badRequest('QUIZ_ANSWER_MISSING');
  return forwardedPoll(media, state, newPollId(deps));
}

/** Throws 403 POLL_VOTE_REQUIRED where the caller isn't told how others voted, BROADCAST_FORBIDDEN where nobody is. */
export function requireVoters(caller: CallerContext, record: MessageRecord, media: MessageMediaPoll): void {
  if (!media.poll.public_voters) throw new RpcError(403, 'BROADCAST_FORBIDDEN');
  if (!mayPollShow(media, record, caller.userId)) throw new RpcError(403, 'POLL_VOTE_REQUIRED');
}
