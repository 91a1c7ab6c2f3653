import { isChannelBox, channelBox } from '@heliograph/box/box-id';
import type { UserView, UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Client, Clock } from '@heliograph/service-kit/kit';
import type { TypeChat, TypeUser, User } from '@heliograph/tl/api';
import { collectPeers } from '@heliograph/tl/peers';
import { DRESSED_CHAT_TTL_MS, DRESSED_MIN_PEERS_MAX, DRESSED_USER_TTL_MS, VIEWS_PER_CALL_MAX } from './limits';
import { userEmpty } from './user';

export interface ForAllDresserOptions {
  users: Pick<Client<typeof UsersService>, 'getViews'>;
  /** Channels by their boxes as everybody may see them (`min`), those that there are. */
  channels(boxes: readonly number[]): Promise<ReadonlyMap<number, TypeChat>>;
  clock: Pick<Clock, 'now'>;
}

interface Remembered<T> {
  /** Undefined while it is fetched for the first time. */
  value: T | undefined;
  /** Unix milliseconds until when it is served without asking. */
  until: number;
}

/**
 * Fills `users` and `chats` of what goes to all members of a channel in the same bytes: `min` constructors, which say only what is no matter of who looks, and have no
 * access hash. Clients take of them what they don't know better, and address such a peer by the message that names it
 * (core.telegram.org/api/min).
 */
export class ForAllDresser {
  private readonly users: MinPeers<TypeUser>;
  private readonly channels: MinPeers<TypeChat>;

  constructor(options: ForAllDresserOptions) {
    const { clock } = options;
    this.users = new MinPeers(clock, DRESSED_USER_TTL_MS, async (ids) => {
      const { users } = await options.users.getViews({ viewerId: 0n, userIds: ids.map(BigInt) });
      return new Map(users.map((view) => [Number(view.id), minUser(view)]));
    });
    this.channels = new MinPeers(clock, DRESSED_CHAT_TTL_MS, (boxes) => options.channels(boxes));
  }

  /** Mutates `value`. Resolves at once (returns undefined) when everybody is remembered. Rejects with the CallError of the service that was asked. */
  dress(value: object): Promise<void> | undefined {
    const target = value as { users?: TypeUser[]; chats?: TypeChat[]; updates?: readonly { _: string }[] };
    const userIds = new Set<number>();
    const boxes = new Set<number>();
    collectPeers(value, (kind, id) => {
      if (kind === 'user') userIds.add(id);
      else if (kind === 'channel' && isChannelBox(channelBox(id))) boxes.add(channelBox(id));
    });
    for (const box of changedChannels(target.updates ?? [])) this.channels.forget(box);
    const users = this.users.find(userIds);
    const channels = this.channels.find(boxes);
    if (!(users instanceof Promise) && !(channels instanceof Promise)) {
      target.users = [...userIds].map((id) => users.get(id) ?? userEmpty(id));
      target.chats = [...channels.values()];
      return undefined;
    }
    return Promise.all([users, channels]).then(([foundUsers, foundChannels]) => {
      target.users = [...userIds].map((id) => foundUsers.get(id) ?? userEmpty(id));
      target.chats = [...foundChannels.values()];
    });
  }

  /** What is remembered of the user is stale. */
  invalidate(userId: number): void {
    this.users.forget(userId);
  }
}

/** Peers by id, remembered for a while, and after that for as long as whoever is to be asked does not answer. */
class MinPeers<T> {
  private readonly remembered = new Map<number, Remembered<T>>();

  constructor(private readonly clock: Pick<Clock, 'now'>, private readonly ttlMs: number, private readonly fetch: (ids: readonly number[]) => Promise<ReadonlyMap<number, T>>) {}

  find(ids: ReadonlySet<number>): ReadonlyMap<number, T> | Promise<ReadonlyMap<number, T>> {
    const found = new Map<number, T>();
    const missing: number[] = [];
    for (const id of ids) {
      const known = this.remembered.get(id);
      if (known?.value !== undefined && known.until > this.clock.now()) found.set(id, known.value);
      else missing.push(id);
    }
    return missing.length === 0 ? found : this.ask(missing, found);
  }

  /** It changed. An answer that is on its way may be older, and is not remembered. */
  forget(id: number): void {
    if (this.remembered.has(id)) this.open(id);
  }

  private async ask(missing: readonly number[], found: Map<number, T>): Promise<ReadonlyMap<number, T>> {
    for (let start = 0; start < missing.length; start += VIEWS_PER_CALL_MAX) {
      const ids = missing.slice(start, start + VIEWS_PER_CALL_MAX);
      const places = ids.map((id) => this.open(id));
      const fetched = await this.fetch(ids).catch((error: unknown) => {
        if (places.some(({ value }) => value === undefined)) throw error;
        return undefined;
      });
      ids.forEach((id, index) => {
        const place = places[index] as Remembered<T>;
        const value = fetched === undefined ? place.value : fetched.get(id);
        if (value === undefined) return;
        found.set(id, value);
        if (fetched !== undefined) Object.assign(place, { value, until: this.clock.now() + this.ttlMs });
      });
    }
    return found;
  }

  /** A place for what is fetched anew, with what was known before. */
  private open(id: number): Remembered<T> {
    if (this.remembered.size >= DRESSED_MIN_PEERS_MAX) this.remembered.clear();
    const place: Remembered<T> = { value: this.remembered.get(id)?.value, until: 0 };
    this.remembered.set(id, place);
    return place;
  }
}

function minUser(view: UserView): User {
  const user: User = { _: 'user', min: true, id: Number(view.id) };
  if (view.deleted) return { ...user, deleted: true };
  if (view.bot) Object.assign(user, { bot: true, bot_info_version: Math.max(1, view.botInfoVersion) });
  if (view.verified) user.verified = true;
  if (view.support) user.support = true;
  if (view.firstName) user.first_name = view.firstName;
  if (view.lastName) user.last_name = view.lastName;
  if (view.username) user.username = view.username;
  return user;
}

/** Boxes of channels that look otherwise from these updates on. */
function changedChannels(updates: readonly { _: string }[]): number[] {
  return updates.flatMap((update) => {
    const { channel_id: id, message } = update as { channel_id?: number; message?: { _: string; peer_id: { channel_id?: number } } };
    if (update._ === 'updateChannel' && id !== undefined) return [channelBox(id)];
    const of = update._ === 'updateNewChannelMessage' && message?._ === 'messageService' ? message.peer_id.channel_id : undefined;
    return of === undefined ? [] : [channelBox(of)];
  });
}
