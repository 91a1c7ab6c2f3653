import { create } from '@bufbuild/protobuf';
import { mayRead, outboxReadId, visibleAbove } from '@heliograph/box/channel-rights';
import { isOutgoingTo } from '@heliograph/box/channel-sight';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import { DialogRecordSchema, type DialogRecord, type MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChannelState } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import type { TypeMessage } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import { PAGE_ROWS_MAX } from '../limits';
import { channelSight } from './channel-views';
import type { ChannelReader } from './channels';
import { messageViews } from './views';

type DialogDeps = Pick<Deps, 'channels' | 'engine' | 'keyring'>;

/** How many messages of others are above a mark: exact up to PAGE_ROWS_MAX; beyond that one's own count too. */
export async function countUnread(channel: ChannelReader, mark: number): Promise<number> {
  if (channel.topId <= mark) return 0;
  const count = await channel.countAbove(channel.box, mark);
  if (count === 0 || count > PAGE_ROWS_MAX) return count;
  const above = await channel.history({ peer: channel.box, maxId: 0, minId: mark, limit: PAGE_ROWS_MAX });
  return above.filter((record) => !isOutgoingTo(channel.viewer, record)).length;
}

/** Of the messages that the caller's box counts as unseen mentions and reactions, those that are deleted: it isn't told of that. */
async function goneOf(channel: ChannelReader, { membership, unreadReactions }: DialogRecord): Promise<ReadonlySet<number>> {
  // Each list is short enough to be asked for at once.
  const lists = [membership?.mentions ?? [], [...new Set(unreadReactions.map(({ id }) => id))]].filter((ids) => ids.length > 0);
  const gone = await Promise.all(lists.map(async (ids) => {
    const found = await channel.messages(ids);
    return ids.filter((_, index) => found[index] === undefined);
  }));
  return new Set(gone.flat());
}

/**
 * Channels as the caller's lists show them: what is his (read mark, draft, pin, folder) is in his own box, the newest message and what is unread in the channels.
 * As of one moment; `reader`: the caller's box.
 */
export class ChannelDialogs {
  private readonly states = new Map<number, ChannelState>();
  private readonly merged = new Map<number, DialogRecord>();

  private constructor(private readonly deps: DialogDeps, private readonly caller: CallerContext) {}

  /** Those that the caller is in. */
  static async ofMember(deps: DialogDeps, caller: CallerContext, reader: BoxReader): Promise<ChannelDialogs> {
    const dialogs = await ChannelDialogs.of(deps, caller, reader, reader.channels().map(({ peer }) => Number(peer)));
    // The channel knows first that somebody is in it no more.
    for (const [peer, { record, member }] of dialogs.states) if (!member?.present || record?.destroyed) dialogs.merged.delete(peer);
    return dialogs;
  }

  /** These, whether or not they are the caller's to see. */
  static async of(deps: DialogDeps, caller: CallerContext, reader: BoxReader, boxes: readonly number[]): Promise<ChannelDialogs> {
    const dialogs = new ChannelDialogs(deps, caller);
    if (boxes.length > 0) for (const state of await deps.channels.find(caller.userId, boxes, { top: true })) dialogs.add(reader, state);
    return dialogs;
  }

  /** By no order. */
  get records(): DialogRecord[] {
    return [...this.merged.values()];
  }

  /** Throws CHANNEL_INVALID where there is no such channel, CHANNEL_PRIVATE where it is not the caller's to see. */
  readable(peer: number): DialogRecord {
    const state = this.states.get(peer);
    const record = this.merged.get(peer);
    if (state?.record === undefined || record === undefined) throw badRequest('CHANNEL_INVALID');
    if (!mayRead(state.record, state.member, this.caller.date)) throw badRequest('CHANNEL_PRIVATE');
    return record;
  }

  ptsOf(peer: number): number | undefined {
    return this.states.get(peer)?.pts;
  }

  /** Dialogs with what is unread in those that are channels. */
  async withUnread(records: readonly DialogRecord[]): Promise<DialogRecord[]> {
    return Promise.all(records.map(async (record) => {
      const channel = this.reader(record);
      if (!channel) return record;
      const [unreadCount, gone] = await Promise.all([countUnread(channel, record.readInboxMaxId), goneOf(channel, record)]);
      if (gone.size === 0) return { ...record, unreadCount };
      const mentions = record.membership?.mentions.filter((id) => !gone.has(id)) ?? [];
      return { ...record, unreadCount, unreadMentionsCount: mentions.length, unreadReactions: record.unreadReactions.filter(({ id }) => !gone.has(id)) };
    }));
  }

  /** The newest messages of those dialogs that are channels. */
  async tops(records: readonly DialogRecord[]): Promise<TypeMessage[]> {
    const views = await Promise.all(records.map((record) => {
      const channel = this.reader(record);
      const top = this.topOf(Number(record.peer));
      return channel && top && record.topId > 0 ? this.view(channel, top) : [];
    }));
    return views.flat();
  }

  /** How many have seen it, and commented on it, clients ask when they show the channel. */
  private async view(channel: ChannelReader, top: MessageRecord): Promise<TypeMessage[]> {
    return messageViews(this.deps, channel, channel.box, [top], { ...(await channelSight(this.deps, this.caller, channel.box)), commentsOn: () => undefined });
  }

  private reader({ peer }: DialogRecord): ChannelReader | undefined {
    const state = this.states.get(Number(peer));
    return state && this.deps.channels.reader(this.caller.userId, state);
  }

  private topOf(peer: number): MessageRecord | undefined {
    return this.states.get(peer)?.top;
  }

  private add(reader: BoxReader, state: ChannelState): void {
    const { record } = state;
    if (record === undefined) return;
    const peer = Number(state.channel);
    const own = reader.dialog(peer) ?? create(DialogRecordSchema, { peer: state.channel });
    const shown = state.topId > visibleAbove(record, state.member);
    this.states.set(peer, state);
    this.merged.set(peer, {
      ...own,
      topId: shown ? state.topId : 0,
      topDate: shown ? state.topDate : (own.membership?.date ?? 0),
      readOutboxMaxId: outboxReadId(record, this.caller.userId),
      unreadMentionsCount: own.membership?.mentions.length ?? 0,
      ttlPeriod: record.ttlPeriod,
    });
  }
}
