import { channelOfBox, groupBox, homeDcOf, isChannelBox } from '@heliograph/box/box-id';
import type { ChannelBoxService } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import type { GroupBoxService } from '@heliograph/protos/heliograph/messagestore/v1/group_box_pb';
import { isCallError } from '@heliograph/service-kit/call-error';
import type { Client, Clock } from '@heliograph/service-kit/kit';
import type { TypeChat } from '@heliograph/tl/api';
import { accessHash } from './access-hash';
import type { AccessSecretOf } from './access-secrets';
import { channelFromState, minChannel } from './channel';
import { channelCalls } from './channel-calls';
import { chatEmpty, chatFromView } from './chat';
import { DRESSED_CHATS_MAX, DRESSED_CHAT_TTL_MS, VIEWS_PER_CALL_MAX } from './limits';
import { dropOldestTenth } from './oldest-tenth';

/** A group or a channel as one viewer sees it, or a place for it while it is fetched. */
interface Remembered {
  chat: TypeChat | undefined;
  until: number;
  /** Of the channel when it was asked for. */
  readonly generation: number;
}

export interface ChatViewsOptions {
  chats: Pick<Client<typeof GroupBoxService>, 'getChatViews'>;
  /** The message store of a DC; undefined where there is no such DC. */
  channelsOf(dc: number): Pick<Client<typeof ChannelBoxService>, 'getChannels'> | undefined;
  secretOf: AccessSecretOf;
  clock: Pick<Clock, 'now'>;
}

/** Basic groups and channels, by their boxes, as their viewers see them: remembered for DRESSED_CHAT_TTL_MS or until the viewer is told of a change. */
export class ChatViews {
  private readonly remembered = new Map<string, Remembered>();
  private readonly generations = new Map<number, number>();

  constructor(private readonly options: ChatViewsOptions) {}

  find(viewerId: number, box: number): TypeChat | undefined {
    const entry = this.remembered.get(keyOf(viewerId, box));
    return entry?.chat !== undefined && entry.until > this.options.clock.now() && entry.generation === this.generation(box) ? entry.chat : undefined;
  }

  /** The viewer is being told that it changed. An answer that is on its way may be older, and is not remembered. */
  forget(viewerId: number, box: number): void {
    this.remembered.delete(keyOf(viewerId, box));
  }

  /** The channel changed: whoever looks sees it as it is from now on. */
  invalidate(box: number): void {
    if (this.generations.size >= DRESSED_CHATS_MAX) {
      this.generations.clear();
      this.remembered.clear();
    }
    this.generations.set(box, this.generation(box) + 1);
  }

  private generation(box: number): number {
    return this.generations.get(box) ?? 0;
  }

  /**
   * Asks anew; channels that there are not are left out. While a channel's DC can't be reached, its channels are as they were seen last. Rejects with the message store's
   * CallError.
   */
  async fetch(viewerId: number, boxes: readonly number[]): Promise<TypeChat[]> {
    const groups = boxes.filter((box) => !isChannelBox(box));
    const calls = [...paged(groups).map((page) => this.fetchGroups(viewerId, page)), ...channelCalls(boxes.filter(isChannelBox)).map((call) => this.fetchChannels(viewerId, call))];
    return (await Promise.all(calls)).flat();
  }

  private async fetchGroups(viewerId: number, boxes: readonly number[]): Promise<TypeChat[]> {
    const { chats, secretOf, clock } = this.options;
    const places = boxes.map((box) => this.open(viewerId, box));
    const { chats: views } = await chats.getChatViews({ viewerId: BigInt(viewerId), chatIds: boxes.map((box) => BigInt(-box)) }, { routeKey: viewerId });
    const secret = secretOf(viewerId);
    const byBox = new Map(views.map((view) => [groupBox(Number(view.id)), view]));
    return boxes.map((box, index) => {
      const view = byBox.get(box);
      const chat = view ? chatFromView(view, viewerId, (channel) => accessHash(secret, viewerId, 'channel', channel)) : chatEmpty(-box);
      fill(places[index] as Remembered, chat, clock.now());
      return chat;
    });
  }

  private async fetchChannels(viewerId: number, boxes: readonly [number, ...number[]]): Promise<TypeChat[]> {
    const { channelsOf, secretOf, clock } = this.options;
    const [first] = boxes;
    const service = channelsOf(homeDcOf(first));
    if (service === undefined) return [];
    const before = boxes.map((box) => this.remembered.get(keyOf(viewerId, box))?.chat);
    const places = boxes.map((box) => this.open(viewerId, box));
    const now = clock.now();
    try {
      const { channels } = await service.getChannels({ viewer: BigInt(viewerId), channels: boxes.map(BigInt), brief: true }, { routeKey: first });
      const secret = secretOf(viewerId);
      const byBox = new Map(channels.map((state) => [Number(state.channel), state]));
      return boxes.flatMap((box, index) => {
        const state = byBox.get(box);
        const chat = state && channelFromState(state, viewerId, accessHash(secret, viewerId, 'channel', channelOfBox(box)), Math.floor(now / 1000));
        if (chat === undefined) return [];
        fill(places[index] as Remembered, chat, clock.now());
        return [chat];
      });
    } catch (error) {
      if (before.some((chat) => chat === undefined) || !(isCallError(error, 'UNAVAILABLE') || isCallError(error, 'DEADLINE_EXCEEDED'))) throw error;
      return before.flatMap((chat, index) => {
        if (chat === undefined) return [];
        fill(places[index] as Remembered, chat, now);
        return [chat];
      });
    }
  }

  private open(viewerId: number, box: number): Remembered {
    if (this.remembered.size >= DRESSED_CHATS_MAX) dropOldestTenth(this.remembered);
    const key = keyOf(viewerId, box);
    const place: Remembered = { chat: undefined, until: 0, generation: this.generation(box) };
    this.remembered.delete(key);
    this.remembered.set(key, place);
    return place;
  }
}

/** Channels by their boxes as everybody may see them, those that there are. Rejects with the message store's CallError. */
export async function findMinChannels({ channelsOf }: Pick<ChatViewsOptions, 'channelsOf'>, boxes: readonly number[]): Promise<Map<number, TypeChat>> {
  const answers = await Promise.all(channelCalls(boxes).map((call) => channelsOf(homeDcOf(call[0]))?.getChannels({ channels: call.map(BigInt), brief: true }, { routeKey: call[0] })));
  const found = new Map<number, TypeChat>();
  for (const state of answers.flatMap((answer) => answer?.channels ?? [])) {
    const channel = minChannel(state);
    if (channel !== undefined) found.set(Number(state.channel), channel);
  }
  return found;
}

function fill(place: Remembered, chat: TypeChat, now: number): void {
  place.chat = chat;
  place.until = now + DRESSED_CHAT_TTL_MS;
}

function paged(boxes: readonly number[]): number[][] {
  const pages: number[][] = [];
  for (let start = 0; start < boxes.length; start += VIEWS_PER_CALL_MAX) pages.push(boxes.slice(start, start + VIEWS_PER_CALL_MAX));
  return pages;
}

const keyOf = (viewerId: number, box: number): string => `${viewerId}:${box}`;
