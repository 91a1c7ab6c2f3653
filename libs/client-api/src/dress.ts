import type { TypeUser } from '@heliograph/tl/api';
import { collectPeers } from '@heliograph/tl/peers';
import type { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Client, Clock } from '@heliograph/service-kit/kit';
import { accessHash } from './access-hash';
import type { AccessSecretOf } from './access-secrets';
import { DRESSED_USERS_MAX, DRESSED_USER_TTL_MS, VIEWS_PER_CALL_MAX } from './limits';
import { userEmpty, userFromView } from './user';

/** An object that carries `users` and `chats` vectors for the peers that it mentions. */
interface Dressable {
  users?: TypeUser[];
}

interface Dressed {
  user: TypeUser;
  until: number;
  peerGeneration: number;
  viewerGeneration: number;
}

export interface DresserOptions {
  users: Pick<Client<typeof UsersService>, 'getViews'>;
  /** What access hashes are made with. */
  secretOf: AccessSecretOf;
  clock: Pick<Clock, 'now'>;
}

/**
 * Fills `users` of results and updates for one viewer: names as the viewer saved them, phone and status by privacy, access hashes.
 * Handlers only name peers by id; an entry `userEmpty` in `users` names a user that the object mentions nowhere else.
 */
export class Dresser {
  private readonly dressed = new Map<string, Dressed>();
  private readonly generations = new Map<number, number>();

  constructor(private readonly options: DresserOptions) {}

  /**
   * Mutates `value`. Resolves at once (returns undefined) when every user is remembered, so that the hot path costs no promise.
   * Rejects with the users service's CallError.
   */
  dress(viewerId: number, value: object): Promise<void> | undefined {
    const target = value as Dressable;
    if (!Array.isArray(target.users)) return undefined;
    const ids = new Set<number>();
    for (const user of target.users) ids.add(user.id);
    collectPeers(value, (kind, id) => {
      if (kind === 'user') ids.add(id);
    });
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

  /** Views of this user, or by this user, are stale. */
  invalidate(userId: number): void {
    if (this.generations.size >= DRESSED_USERS_MAX) {
      this.generations.clear();
      this.dressed.clear();
    }
    this.generations.set(userId, this.generation(userId) + 1);
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
    if (this.dressed.size >= DRESSED_USERS_MAX) {
      let drop = Math.ceil(DRESSED_USERS_MAX / 10);
      for (const oldest of this.dressed.keys()) {
        this.dressed.delete(oldest);
        if (--drop === 0) break;
      }
    }
    this.dressed.set(key, entry);
  }
}

export const createDresser = (options: DresserOptions): Dresser => new Dresser(options);
