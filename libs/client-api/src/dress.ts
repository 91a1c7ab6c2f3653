import { channelBox, groupBox } from '@heliograph/box/box-id';
import type { ChatInvite, ChatInviteAlready, ChatlistsChatlistInvite, ChatlistsChatlistInviteAlready, ChatlistsChatlistUpdates, MessagesChatInviteJoinResultOk, MessagesInvitedUsers, TypeChat, TypeUser, UserEmpty } from '@heliograph/tl/api';
import { collectPeers } from '@heliograph/tl/peers';
import type { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Client } from '@heliograph/service-kit/kit';
import { accessHash } from './access-hash';
import { changedChats } from './changed-chats';
import { ChatViews, type ChatViewsOptions } from './chat-views';
import { DRESSED_USERS_MAX, DRESSED_USER_TTL_MS, VIEWS_PER_CALL_MAX } from './limits';
import { dropOldestTenth } from './oldest-tenth';
import { userEmpty, userFromView } from './user';

/** An object that carries `users` and `chats` vectors for the peers that it mentions. */
interface Dressable {
  users?: TypeUser[];
  chats?: TypeChat[];
}

interface Dressed {
  user: TypeUser;
  until: number;
  peerGeneration: number;
  viewerGeneration: number;
}

export interface DresserOptions extends ChatViewsOptions {
  users: Pick<Client<typeof UsersService>, 'getViews'>;
}

/**
 * Fills `users` and `chats` of results and updates for one viewer: names as the viewer saved them, phone and status by privacy, access hashes; basic
 * groups as the viewer was told them, channels as they are. Handlers only name peers by id; an entry `userEmpty` in `users`, `chatEmpty` or `channelForbidden` in `chats`,
 * names one that the object mentions nowhere else. Of an invite link (`chatInvite`, `chatInviteAlready`) the participants and the chat are filled likewise; of a shared folder a
 * `channel` in `chats` is how the viewer sees it where he has never been in it. A result that is `userEmpty` is the user himself.
 */
export class Dresser {
  private readonly dressed = new Map<string, Dressed>();
  private readonly generations = new Map<number, number>();

  private readonly chats: ChatViews;

  constructor(private readonly options: DresserOptions) {
    this.chats = new ChatViews(options);
  }

  /**
   * Mutates `value`. Resolves at once (returns undefined) when everybody is remembered, so that the hot path costs no promise. Groups that `value` itself
   * says have changed are asked for anew. Rejects with the CallError of the users service or the message store.
   */
  dress(viewerId: number, value: object): Promise<void> | undefined {
    const named = value as { _?: string };
    switch (named._) {
      case 'messages.invitedUsers':
      case 'messages.chatInviteJoinResultOk':
        return this.fill(viewerId, value, (value as MessagesInvitedUsers | MessagesChatInviteJoinResultOk).updates as Dressable);
      case 'chatInvite': {
        const invite = value as ChatInvite;
        const target: Dressable = { users: invite.participants ?? [] };
        return after(this.fill(viewerId, value, target), () => {
          if (invite.participants) invite.participants = target.users;
        });
      }
      case 'chatInviteAlready': {
        const invite = value as ChatInviteAlready;
        const target: Dressable = { chats: [invite.chat] };
        return after(this.fill(viewerId, value, target), () => {
          invite.chat = target.chats?.[0] ?? invite.chat;
        });
      }
      case 'chatlists.chatlistInvite':
      case 'chatlists.chatlistInviteAlready':
      case 'chatlists.chatlistUpdates': {
        const list = value as ChatlistsChatlistInvite | ChatlistsChatlistInviteAlready | ChatlistsChatlistUpdates;
        const invited = new Map(list.chats.flatMap((chat) => (chat._ === 'channel' ? [[chat.id, chat]] : [])));
        return after(this.fill(viewerId, list, list), () => {
          list.chats = list.chats.map((chat) => (chat._ === 'channelForbidden' ? { ...invited.get(chat.id) ?? chat, access_hash: chat.access_hash } : chat));
        });
      }
      case 'userEmpty': {
        const [target, { id }]: [Dressable, UserEmpty] = [{ users: [value as UserEmpty] }, value as UserEmpty];
        // Nobody.
        if (id === 0) return undefined;
        return after(this.fill(viewerId, value, target), () => {
          Object.assign(value, target.users?.find((user) => user.id === id));
        });
      }
      default:
        return this.fill(viewerId, value, value);
    }
  }

  /** Puts those whom `value` mentions into the vectors that `target` has. */
  private fill(viewerId: number, value: object, target: Dressable): Promise<void> | undefined {
    const hasUsers = Array.isArray(target.users);
    const hasChats = Array.isArray(target.chats);
    if (!hasUsers && !hasChats) return undefined;
    const userIds = new Set<number>();
    let boxes: Set<number> | undefined;
    if (hasUsers) for (const user of target.users as TypeUser[]) userIds.add(user.id);
    if (hasChats) for (const chat of target.chats as TypeChat[]) (boxes ??= new Set()).add(boxOf(chat));
    collectPeers(value, (kind, id) => {
      if (kind === 'user') userIds.add(id);
      else if (hasChats) (boxes ??= new Set()).add(kind === 'chat' ? groupBox(id) : channelBox(id));
    });
    const fillingChats = boxes && this.fillChats(viewerId, value, target, boxes);
    const fillingUsers = hasUsers ? this.fillUsers(viewerId, target, userIds) : undefined;
    return fillingChats && fillingUsers ? Promise.all([fillingChats, fillingUsers]).then(() => undefined) : fillingChats ?? fillingUsers;
  }

  private fillUsers(viewerId: number, target: Dressable, ids: ReadonlySet<number>): Promise<void> | undefined {
    const users: TypeUser[] = [];
    const missing: number[] = [];
    for (const id of ids) {
      const user = this.find(viewerId, id);
      if (user) users.push(user);
      else missing.push(id);
    }
    target.users = users;
    if (missing.length === 0) return undefined;
    return this.fetch(viewerId, missing).then((fetched) => {
      users.push(...fetched);
    });
  }

  private fillChats(viewerId: number, value: object, target: Dressable, boxes: ReadonlySet<number>): Promise<void> | undefined {
    const changed = changedChats(value);
    if (changed !== 'all') for (const box of changed) this.chats.forget(viewerId, box);
    const chats: TypeChat[] = [];
    const missing: number[] = [];
    for (const box of boxes) {
      const chat = changed === 'all' ? undefined : this.chats.find(viewerId, box);
      if (chat) chats.push(chat);
      else missing.push(box);
    }
    target.chats = chats;
    if (missing.length === 0) return undefined;
    return this.chats.fetch(viewerId, missing).then((fetched) => {
      chats.push(...fetched);
    });
  }

  /** Views of this user, or by this user, are stale. */
  invalidate(userId: number): void {
    if (this.generations.size >= DRESSED_USERS_MAX) {
      this.generations.clear();
      this.dressed.clear();
    }
    this.generations.set(userId, this.generation(userId) + 1);
  }

  /** Views of this channel, by whomever, are stale. */
  invalidateChannel(box: number): void {
    this.chats.invalidate(box);
  }

  private generation(userId: number): number {
    return this.generations.get(userId) ?? 0;
  }

  private find(viewerId: number, id: number): TypeUser | undefined {
    const key = `${viewerId}:${id}`;
    const entry = this.dressed.get(key);
    if (!entry) return undefined;
    if (entry.until > this.options.clock.now() && entry.peerGeneration === this.generation(id) && entry.viewerGeneration === this.generation(viewerId)) return entry.user;
    this.dressed.delete(key);
    return undefined;
  }

  private async fetch(viewerId: number, ids: readonly number[]): Promise<TypeUser[]> {
    const users: TypeUser[] = [];
    const secret = this.options.secretOf(viewerId);
    for (let start = 0; start < ids.length; start += VIEWS_PER_CALL_MAX) {
      const slice = ids.slice(start, start + VIEWS_PER_CALL_MAX);
      // Generations as of before the call: a change while it runs makes the answer stale at once.
      const before = slice.map((id) => this.generation(id));
      const viewerGeneration = this.generation(viewerId);
      const { users: views } = await this.options.users.getViews({ viewerId: BigInt(viewerId), userIds: slice.map(BigInt) });
      const byId = new Map(views.map((view) => [Number(view.id), view]));
      slice.forEach((id, index) => {
        const view = byId.get(id);
        const user = view ? userFromView(view, accessHash(secret, viewerId, 'user', id)) : userEmpty(id);
        users.push(user);
        this.remember(`${viewerId}:${id}`, { user, until: this.options.clock.now() + DRESSED_USER_TTL_MS, peerGeneration: before[index] ?? 0, viewerGeneration });
      });
    }
    return users;
  }

  private remember(key: string, entry: Dressed): void {
    if (this.dressed.size >= DRESSED_USERS_MAX) dropOldestTenth(this.dressed);
    this.dressed.set(key, entry);
  }
}

const boxOf = ({ _: kind, id }: TypeChat): number => (kind === 'channel' || kind === 'channelForbidden' ? channelBox(id) : groupBox(id));

/** Runs `then` when `work` is done: now, where there is none. */
function after(work: Promise<void> | undefined, then: () => void): Promise<void> | undefined {
  if (work !== undefined) return work.then(then);
  then();
  return undefined;
}

export const createDresser = (options: DresserOptions): Dresser => new Dresser(options);
