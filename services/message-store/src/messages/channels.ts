import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { homeDcOf, isChannelBox } from '@heliograph/box/box-id';
import { channelCalls } from '@heliograph/client-api/channel-calls';
import type { CallerContext } from '@heliograph/client-api/method';
import { badRequest, floodWait, RpcError } from '@heliograph/client-api/rpc-error';
import {
  DialogRecordSchema, type AdminEvent, type AdminEventKind, type BoxUpdate, type ChannelActSchema, type ChannelMember, type ChannelRecord, type DialogRecord, type MessageRecord, type PollVote, type Reaction,
} from '@heliograph/protos/heliograph/box/v1/box_pb';
import {
  ListMembersRequest_Kind, type ActResponse, type ChannelAnswer, type ChannelBoxService, type ChannelQuerySchema, type ChannelState,
} from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Client } from '@heliograph/service-kit/kit';
import type { BoxReader } from '../engine/contract';
import { BOX_BUSY_WAIT_SECONDS, CHANNEL_QUERIES_MAX, REQUEST_IDS_MAX } from '../limits';
import { refusal } from './refusal';

/** What is asked of a channel, without who asks. */
export type ChannelActInit = Omit<MessageInitShape<typeof ChannelActSchema>, 'actor' | '$typeName'>;

type Query = NonNullable<MessageInitShape<typeof ChannelQuerySchema>['query']>;
type Boxes = Pick<Client<typeof ChannelBoxService>, 'act' | 'getChannels' | 'query' | 'listMembers' | 'listAdminLog'>;

const KINDS = { present: ListMembersRequest_Kind.PRESENT, kicked: ListMembersRequest_Kind.KICKED, restricted: ListMembersRequest_Kind.RESTRICTED } as const;
export type MemberKind = keyof typeof KINDS;

/** Events below maxId (0: the newest) and above minId; of no kinds or users: of all. */
export interface AdminLogQuery {
  readonly maxId: bigint;
  readonly minId: bigint;
  readonly limit: number;
  readonly kinds: readonly AdminEventKind[];
  readonly users: readonly number[];
}

/**
 * A channel's box, read wherever it lives, with the shapes of BoxReader, so that what reads an own box reads a channel too (`peer` is the channel wherever it is asked for).
 * `record`, `member`, `pts` and `topId` are as of when it was opened. The rest is read as of its call, and only what the viewer may see then: 400 CHANNEL_PRIVATE when that is
 * nothing any more, and of a hidden history what came since he did. What is asked for in one turn goes in one call.
 */
export interface ChannelReader extends Pick<BoxReader, 'dialog' | 'messages' | 'history' | 'findIdAtDate' | 'countAbove' | 'changes' | 'searchToken' | 'listPostings'> {
  readonly box: number;
  readonly viewer: number;
  readonly record: ChannelRecord;
  /** Undefined: the channel knows nothing of the viewer. */
  readonly member: ChannelMember | undefined;
  readonly pts: number;
  readonly topId: number;
  readonly state: ChannelState;
  head(): { readonly pts: number; readonly topId: number };
  /** What the channel knows of these users, at most 200; those of whom it knows nothing are left out. Not only readers may ask. */
  members(users: readonly number[]): Promise<ChannelMember[]>;
  /** A page of those who voted in a poll that isn't anonymous, for an answer or at all, newest first; `below`: their versions are, 0: from the newest. At most 100. */
  listVotes(query: { id: number; answer: number | undefined; below: bigint; limit: number }): Promise<PollVote[]>;
  /** A page of those who reacted to a message of a supergroup, with one emoji (by its token) or at all, newest first; `below`: as of votes. At most 100. */
  listReactions(query: { id: number; token: bigint | undefined; below: bigint; limit: number }): Promise<Reaction[]>;
  /** A page in an order that stays. `after`: the last user of the page before, 0 from the start; `limit` at most 200. */
  listMembers(kind: MemberKind, after: number, limit: number): Promise<{ members: ChannelMember[]; more: boolean }>;
  /** What was done in it in the last 48 hours, the newest first. Whose business it is, the caller decides. */
  listAdminLog(query: AdminLogQuery): Promise<AdminEvent[]>;
}

/** Channels, asked from whoever owns their boxes, in their DCs. What reads fails as a call between services does. */
export class Channels {
  /** `boxes`: the message stores by DC. */
  constructor(private readonly boxes: ReadonlyMap<number, Boxes>) {}

  /**
   * One command of the caller, whose other sessions learn of it by the channel's updates. Throws what the channel refused with its right code, CHANNEL_INVALID (no such DC),
   * FLOOD_WAIT when the channel has too much to do, and 500 RPC_CALL_FAIL when the command's fate is unknown: posts are repeated with the same random_id.
   */
  async act(caller: Pick<CallerContext, 'userId' | 'authKeyId' | 'sessionId'>, box: number, act: ChannelActInit): Promise<ActResponse> {
    let answer: ActResponse;
    try {
      answer = await this.of(box).act({
        channel: BigInt(box), act: { ...act, actor: BigInt(caller.userId) }, callerAuthKeyId: caller.authKeyId, callerSessionId: caller.sessionId,
      }, { routeKey: box });
    } catch (error) {
      throw actFailure(error);
    }
    if (answer.error !== '') throw refusal(answer.error);
    return answer;
  }

  /** Those of the channels that there are, ended ones too, in the order asked, with what each knows of the viewer (0: nobody). `top`: with the newest message of each. */
  async find(viewer: number, boxes: readonly number[], { top = false } = {}): Promise<ChannelState[]> {
    const wanted = [...new Set(boxes)].filter((box) => isChannelBox(box) && this.boxes.has(homeDcOf(box)));
    const found = new Map<number, ChannelState>();
    await Promise.all(channelCalls(wanted).map(async (call) => {
      const [first] = call;
      const { channels } = await this.of(first).getChannels({ viewer: BigInt(viewer), channels: call.map(BigInt), withTop: top }, { routeKey: first });
      for (const state of channels) found.set(Number(state.channel), state);
    }));
    return wanted.flatMap((box) => found.get(box) ?? []);
  }

  /** A channel to read from; undefined where there is none. Whether the viewer may read is known from `record` and `member`, and seen to with each read. 0: whoever calls has seen to it. */
  async open(viewer: number, box: number): Promise<ChannelReader | undefined> {
    const [state] = await this.find(viewer, [box]);
    return state && this.reader(viewer, state);
  }

  /** One that was found for this viewer, to read from. */
  reader(viewer: number, state: ChannelState): ChannelReader | undefined {
    const box = Number(state.channel);
    return state.record && new RemoteChannel(this.of(box), viewer, box, state, state.record);
  }

  /** The copies of a broadcast's posts in the group where they are discussed, without content, as ChannelAnswer says of copies. Who may see them the caller decides. */
  async copies(group: number, broadcast: number, posts: readonly number[]): Promise<MessageRecord[]> {
    const pages = Array.from({ length: Math.ceil(posts.length / REQUEST_IDS_MAX) }, (_, page) => posts.slice(page * REQUEST_IDS_MAX, (page + 1) * REQUEST_IDS_MAX));
    const queries = pages.map((page) => ({ query: { case: 'copies' as const, value: { broadcast: BigInt(broadcast), posts: page } } }));
    const { answers } = await this.of(group).query({ channel: BigInt(group), queries }, { routeKey: group });
    return answers.flatMap(({ messages }) => messages);
  }

  private of(box: number): Boxes {
    const boxes = isChannelBox(box) ? this.boxes.get(homeDcOf(box)) : undefined;
    if (boxes === undefined) throw badRequest('CHANNEL_INVALID');
    return boxes;
  }
}

/** What a client is told about an act whose call failed. */
function actFailure(error: unknown): unknown {
  // Which replica owns the channel is nothing that the gateway could act on.
  if (!(error instanceof CallError)) return error;
  if (error.code === 'RESOURCE_EXHAUSTED') return floodWait(BOX_BUSY_WAIT_SECONDS);
  return error.code === 'INVALID_ARGUMENT' ? error : new RpcError(500, 'RPC_CALL_FAIL');
}

interface Waiting {
  readonly query: Query;
  resolve(answer: ChannelAnswer): void;
  reject(error: unknown): void;
}

class RemoteChannel implements ChannelReader {
  readonly member: ChannelMember | undefined;
  readonly pts: number;
  readonly topId: number;
  private waiting: Waiting[] = [];

  constructor(private readonly boxes: Boxes, readonly viewer: number, readonly box: number, readonly state: ChannelState, readonly record: ChannelRecord) {
    this.member = state.member;
    this.pts = state.pts;
    this.topId = state.topId;
  }

  head(): { readonly pts: number; readonly topId: number } {
    return { pts: this.pts, topId: this.topId };
  }

  dialog(peer: number): DialogRecord | undefined {
    if (peer !== this.box) return undefined;
    return create(DialogRecordSchema, { peer: BigInt(peer), topId: this.topId, topDate: this.state.topDate, pinnedIds: this.state.pinnedIds, ttlPeriod: this.record.ttlPeriod, channel: this.record });
  }

  async messages(ids: readonly number[]): Promise<(MessageRecord | undefined)[]> {
    const { messages } = await this.ask({ case: 'messages', value: { ids: [...ids] } });
    return messages.map((record) => (record.id === 0 ? undefined : record));
  }

  async history({ maxId, minId, limit, oldestFirst }: Parameters<BoxReader['history']>[0]): Promise<MessageRecord[]> {
    return (await this.ask({ case: 'history', value: { maxId, minId, limit, oldestFirst } })).messages;
  }

  async findIdAtDate(_peer: number, date: number): Promise<number> {
    return (await this.ask({ case: 'idAtDate', value: date })).number;
  }

  async countAbove(_peer: number, id: number): Promise<number> {
    return (await this.ask({ case: 'countAbove', value: { id } })).number;
  }

  async changes(after: number, limit: number): Promise<{ updates: BoxUpdate[]; pts: number; complete: boolean }> {
    const { changes, pts, complete } = await this.ask({ case: 'changes', value: { after, limit } });
    return { updates: changes, pts, complete };
  }

  async searchToken({ tokens, maxId, minId, limit }: Parameters<BoxReader['searchToken']>[0]): Promise<MessageRecord[]> {
    return (await this.ask({ case: 'search', value: { tokens: [...tokens], maxId, minId, limit } })).messages;
  }

  async listPostings({ tokens, maxId, minId, limit }: Parameters<BoxReader['listPostings']>[0]): Promise<number[]> {
    return (await this.ask({ case: 'postings', value: { tokens: [...tokens], maxId, minId, limit } })).ids;
  }

  async members(users: readonly number[]): Promise<ChannelMember[]> {
    return users.length === 0 ? [] : (await this.ask({ case: 'members', value: { users: users.map(BigInt) } })).members;
  }

  async listVotes(value: Parameters<ChannelReader['listVotes']>[0]): Promise<PollVote[]> {
    return (await this.ask({ case: 'votes', value })).votes;
  }

  async listReactions(value: Parameters<ChannelReader['listReactions']>[0]): Promise<Reaction[]> {
    return (await this.ask({ case: 'reactions', value })).reactions;
  }

  async listMembers(kind: MemberKind, after: number, limit: number): Promise<{ members: ChannelMember[]; more: boolean }> {
    return this.boxes.listMembers({ channel: BigInt(this.box), kind: KINDS[kind], after: BigInt(after), limit }, { routeKey: this.box });
  }

  async listAdminLog({ kinds, users, ...query }: AdminLogQuery): Promise<AdminEvent[]> {
    const { events } = await this.boxes.listAdminLog({ channel: BigInt(this.box), ...query, kinds: [...kinds], users: users.map(BigInt) }, { routeKey: this.box });
    return events;
  }

  private ask(query: Query): Promise<ChannelAnswer> {
    return new Promise((resolve, reject) => {
      if (this.waiting.push({ query, resolve, reject }) === 1) queueMicrotask(() => this.flush());
    });
  }

  private flush(): void {
    const { waiting } = this;
    this.waiting = [];
    for (let start = 0; start < waiting.length; start += CHANNEL_QUERIES_MAX) void this.send(waiting.slice(start, start + CHANNEL_QUERIES_MAX));
  }

  private async send(waiting: readonly Waiting[]): Promise<void> {
    try {
      const { answers, refused } = await this.boxes.query({ channel: BigInt(this.box), queries: waiting.map(({ query }) => ({ query })), viewer: BigInt(this.viewer) }, { routeKey: this.box });
      if (refused) throw refusal('CHANNEL_PRIVATE');
      waiting.forEach(({ resolve, reject }, index) => {
        const answer = answers[index];
        if (answer === undefined) reject(new Error('a query of a channel was left without an answer'));
        else resolve(answer);
      });
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
