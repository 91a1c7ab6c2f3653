import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { channelBox, isChannelBox } from '@heliograph/box/box-id';
import { mayRead, visibleAbove } from '@heliograph/box/channel-rights';
import { MessageRecordSchema, type BoxUpdate, type ChannelMember, type MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChannelAnswer, ChannelQuery, CopiesQuery, QueryRequest, QueryResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Clock } from '@heliograph/service-kit/kit';
import type { Deps } from '../../deps';
import type { BoxReader } from '../../engine/contract';
import { CHANNEL_QUERIES_MAX, CHANNEL_MEMBERS_MAX, DIFFERENCE_CHANGES_MAX, PAGE_ROWS_MAX, REQUEST_IDS_MAX } from '../../limits';
import { readBox } from '../../messages/internal-failure';
import { changesWithOwn, messageIn, withOwn } from '../../messages/own-choices';
import { REACTIONS } from '../../messages/own-reactions';
import { VOTES } from '../../messages/own-votes';

/**
 * Reads of a channel as of one moment, as far as the viewer may read then: who was removed reads nothing of what was posted after it, whatever his request knew when it
 * began. Throws INVALID_ARGUMENT, NOT_FOUND (no such channel), UNAVAILABLE.
 */
export async function query(deps: Pick<Deps, 'engine'> & { readonly clock: Pick<Clock, 'now'> }, { channel, queries, viewer }: Pick<QueryRequest, 'channel' | 'queries' | 'viewer'>): Promise<MessageInitShape<typeof QueryResponseSchema>> {
  const box = Number(channel);
  if (!isChannelBox(box) || queries.length > CHANNEL_QUERIES_MAX) throw new CallError('INVALID_ARGUMENT', `at most ${CHANNEL_QUERIES_MAX} reads of one channel`);
  const reader = await readBox(deps, box);
  const record = reader.dialog(box)?.channel;
  if (record === undefined) throw new CallError('NOT_FOUND', 'no such channel');
  const { pts } = reader.head();
  let above = 0;
  if (viewer > 0n) {
    const [member] = await reader.channelMembers([Number(viewer)]);
    // What the channel knows of its members says nothing of its messages; whose business it is, the caller decides.
    if (!mayRead(record, member, Math.floor(deps.clock.now() / 1000)) && queries.some(({ query: { case: kind } }) => kind !== 'members')) return { pts, refused: true };
    above = visibleAbove(record, member);
  }
  return { pts, answers: await Promise.all(queries.map(async (each) => withChosen(reader, Number(viewer), await answer(reader, box, above, each)))) };
}

type Answer = Partial<Omit<ChannelAnswer, '$typeName' | '$unknown'>>;

/** What has a tally says nothing of who voted how, or reacted; it is told with what the viewer chose. */
async function withChosen(reader: BoxReader, viewer: number, found: Answer): Promise<Answer> {
  const messages = found.messages && await withOwn(REACTIONS, reader, viewer, await withOwn(VOTES, reader, viewer, found.messages));
  const changes = found.changes && await changesWithOwn(REACTIONS, async () => reader, viewer, await changesWithOwn(VOTES, async () => reader, viewer, found.changes));
  return { ...found, messages, changes };
}

/** `above`: what is at or below it is hidden. */
async function answer(reader: BoxReader, box: number, above: number, { query: asked }: ChannelQuery): Promise<Answer> {
  switch (asked.case) {
    case 'messages': {
      const ids = asked.value.ids.slice(0, REQUEST_IDS_MAX);
      const found = await reader.messages(ids);
      return { messages: found.map((record) => (record !== undefined && record.id > above ? record : create(MessageRecordSchema))) };
    }
    case 'history': {
      const { maxId, minId, limit, oldestFirst } = asked.value;
      return { messages: await reader.history({ peer: box, maxId, minId: Math.max(minId, above), limit: Math.min(limit, PAGE_ROWS_MAX), oldestFirst }) };
    }
    case 'idAtDate':
      return { number: await reader.findIdAtDate(box, asked.value) };
    case 'countAbove':
      return { number: await reader.countAbove(box, Math.max(asked.value.id, above)) };
    case 'changes': {
      const { updates, pts, complete } = await reader.changes(asked.value.after, Math.min(asked.value.limit, DIFFERENCE_CHANGES_MAX));
      return { changes: above === 0 ? updates : updates.filter((update) => idOf(update) > above), pts, complete };
    }
    case 'search': {
      const { tokens, maxId, minId, limit } = asked.value;
      return { messages: await reader.searchToken({ peer: box, tokens, maxId, minId: Math.max(minId, above), limit }) };
    }
    case 'postings': {
      const { tokens, maxId, minId, limit } = asked.value;
      return { ids: await reader.listPostings({ peer: box, tokens, maxId, minId: Math.max(minId, above), limit }) };
    }
    case 'votes': {
      const { id, answer: chosen, below, limit } = asked.value;
      return { votes: id > above ? await reader.listVotes({ id, answer: chosen, below, limit: Math.min(limit, PAGE_ROWS_MAX) }) : [] };
    }
    case 'reactions': {
      const { id, token, below, limit } = asked.value;
      return { reactions: id > above ? await reader.listReactions({ id, token, below, limit: Math.min(limit, PAGE_ROWS_MAX) }) : [] };
    }
    case 'members': {
      const users = asked.value.users.slice(0, CHANNEL_MEMBERS_MAX).map(Number);
      return { members: (await reader.channelMembers(users)).filter((member): member is ChannelMember => member !== undefined) };
    }
    case 'copies':
      return { messages: await copiesOf(reader, box, asked.value) };
    default:
      throw new CallError('INVALID_ARGUMENT', 'a read of an unknown kind');
  }
}

/** The message that a change shows; those that show none are everybody's to know. */
const idOf = (update: BoxUpdate): number => messageIn(update)?.id ?? Infinity;

/** The copies of a broadcast's posts, as ChannelAnswer says. */
async function copiesOf(reader: BoxReader, box: number, { broadcast, posts }: CopiesQuery): Promise<MessageRecord[]> {
  const record = reader.dialog(box)?.channel;
  if (record === undefined || record.destroyed || record.broadcast || record.linked <= 0n || channelBox(Number(record.linked)) !== Number(broadcast)) return [];
  const ids = await reader.findLocalIds(posts.slice(0, REQUEST_IDS_MAX).map((id) => ({ box: Number(broadcast), id })));
  const found = await reader.messages(ids.filter((id) => id !== undefined));
  const copies = new Map(found.filter((copy) => copy !== undefined).map((copy) => [copy.id, copy]));
  return ids.map((id) => {
    if (id === undefined) return create(MessageRecordSchema);
    const copy = copies.get(id);
    return copy ? { ...copy, content: undefined, reactions: [], reactionTally: undefined, pollVotes: [] } : create(MessageRecordSchema, { id, deletedVersion: 1n });
  });
}
