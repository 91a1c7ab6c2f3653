import { homeDcOf } from '@heliograph/box/box-id';
import type { Logger } from '@heliograph/service-kit/kit';
import { pages } from '@heliograph/storage/pages';
import type { Storage } from '@heliograph/storage/storage';
import type { Row } from '@heliograph/storage/table';
import { HOME_BUCKETS, HOMES_MAX, HOMES_PAGE_ROWS } from './limits';
import { homes } from './tables/homes';

/** Ephemeral channel that tells the replicas of this service to read the table of homes anew. */
export const HOMES_CHANNEL = 'users:homes';

/** Where somebody lives who moves or has moved. */
export interface Home {
  dc: number;
  /** 0: staying. */
  movingTo: number;
  /** 0: nothing is left behind. */
  movingFrom: number;
}

export const homeKey = (userId: number): { bucket: number; user_id: number } => ({ bucket: Math.floor(userId / 32) % HOME_BUCKETS, user_id: userId });

const homeOf = (row: Row<typeof homes>): Home => ({ dc: row.dc ?? homeDcOf(row.user_id), movingTo: row.moving_to ?? 0, movingFrom: row.moving_from ?? 0 });

/**
 * Where users live: where their id says, but for the few who moved. Those are in memory, read at the start, when a move is told, and every
 * HOMES_REFRESH_MS. Being late is safe: the DC that a user left answers that nobody is there, and what is sent to a box goes on to where it lives.
 */
export class Homes {
  private moved: ReadonlyMap<number, Home> = new Map();

  constructor(private readonly deps: { storage: Pick<Storage, 'get' | 'range'>; log: Logger }) {}

  of(userId: number): number {
    return this.moved.get(userId)?.dc ?? homeDcOf(userId);
  }

  /** Whether the user has ever lived elsewhere than where the id says, or is on the way there. */
  hasMoved(userId: number): boolean {
    return this.moved.has(userId);
  }

  /** Users who are on the way from one DC to another. */
  onTheWay(): number[] {
    return [...this.moved].flatMap(([userId, home]) => (home.movingTo === 0 ? [] : [userId]));
  }

  /** The DC that the user is on the way to; 0: none. */
  movingTo(userId: number): number {
    return this.moved.get(userId)?.movingTo ?? 0;
  }

  /** What the directory says now. */
  async find(userId: number): Promise<Home | undefined> {
    const row = await this.deps.storage.get(homes, homeKey(userId));
    return row && homeOf(row);
  }

  async load(): Promise<void> {
    const found = new Map<number, Home>();
    for (let bucket = 0; bucket < HOME_BUCKETS; bucket += 1) {
      for await (const rows of pages(this.deps.storage, homes, { bucket }, { limit: HOMES_PAGE_ROWS })) {
        for (const row of rows) found.set(row.user_id, homeOf(row));
        if (found.size > HOMES_MAX) break;
      }
    }
    if (found.size > HOMES_MAX) this.deps.log.error({ limit: HOMES_MAX }, 'more users live elsewhere than where their id says than this release knows of; some are not found');
    this.moved = found;
  }
}
