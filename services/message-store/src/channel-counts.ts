import type { Clock, Logger } from '@heliograph/service-kit/kit';
import { putOperation, type Storage } from '@heliograph/storage/storage';
import { Viewers } from './domain/viewers';
import { partitionOfBox } from './engine/topics';
import { COUNTED_POSTS_MAX, COUNTS_BATCH_ROWS, COUNTS_FLUSH_MS, POSTS_PER_BUCKET } from './limits';
import { channelCount } from './tables/channel-count';

interface Counted {
  readonly channel: number;
  readonly id: number;
  readonly viewers: Viewers;
  forwards: number;
  /** Something that storage does not have. */
  changed: boolean;
}

export interface PostCounts {
  views: number;
  forwards: number;
}

/** What a call counts: somebody has seen the posts (0: nobody), and they were forwarded once more. */
export interface Counting {
  viewer: number;
  forwarded: boolean;
}

/**
 * Counts views and forwards of posts in the channels whose boxes this process owns. What changes is written every COUNTS_FLUSH_MS, however many look; a post
 * that nobody asks about any more leaves memory.
 */
export class ChannelCounts {
  /** The least lately asked about first. */
  private readonly counted = new Map<string, Counted>();
  private readonly loading = new Map<string, Promise<Counted>>();
  private readonly timer: { stop(): void };
  private flushing: Promise<void> = Promise.resolve();
  private flushingEarly = false;

  constructor(private readonly storage: Storage, clock: Pick<Clock, 'every'>, private readonly log: Logger) {
    this.timer = clock.every(COUNTS_FLUSH_MS, () => this.flush());
  }

  /** The counts after that, in the order asked; at most 100 posts, which the caller knows there are. Fails as storage does. */
  async count(channel: number, ids: readonly number[], { viewer, forwarded }: Counting): Promise<PostCounts[]> {
    const posts = await this.load(channel, ids);
    return posts.map((post) => {
      if (viewer > 0 && post.viewers.add(viewer)) post.changed = true;
      if (forwarded) {
        post.forwards += 1;
        post.changed = true;
      }
      return { views: post.viewers.count, forwards: post.forwards };
    });
  }

  /** Writes what changed. A failure is logged and tried again with the next. */
  flush(): Promise<void> {
    this.flushing = this.flushing.then(() => this.write()).catch((error: unknown) => {
      this.log.warn({ error: String(error) }, 'views were not written; trying again');
    });
    return this.flushing;
  }

  /** A partition of boxes is another owner's: what is known of its channels is forgotten. `write`: the other one does not count yet, so it is written before. */
  async release(partition: number, write: boolean): Promise<void> {
    if (write) await this.flush();
    for (const [key, { channel }] of this.counted) if (partitionOfBox(channel) === partition) this.counted.delete(key);
  }

  async close(): Promise<void> {
    this.timer.stop();
    await this.flush();
  }

  private async write(): Promise<void> {
    const changed = [...this.counted.values()].filter((post) => post.changed);
    for (let at = 0; at < changed.length; at += COUNTS_BATCH_ROWS) {
      const page = changed.slice(at, at + COUNTS_BATCH_ROWS);
      for (const post of page) post.changed = false;
      try {
        await this.storage.batch(page.map(({ channel, id, viewers, forwards }) => putOperation(channelCount, { channel, bucket: bucketOf(id), id, viewers: viewers.bytes(), views: viewers.count, forwards })));
      } catch (error) {
        for (const post of page) post.changed = true;
        throw error;
      }
    }
    this.shrink();
  }

  private async load(channel: number, ids: readonly number[]): Promise<Counted[]> {
    const missing = [...new Set(ids)].filter((id) => !this.counted.has(keyOf(channel, id)) && !this.loading.has(keyOf(channel, id)));
    if (missing.length > 0) {
      const reading = this.storage.getMany(channelCount, missing.map((id) => ({ channel, bucket: bucketOf(id), id })));
      missing.forEach((id, index) => {
        const key = keyOf(channel, id);
        this.loading.set(key, reading.then((rows): Counted => {
          const row = rows[index];
          const viewers = row?.viewers ? Viewers.from(row.viewers, row.views ?? 0) : new Viewers();
          const post = { channel, id, viewers, forwards: row?.forwards ?? 0, changed: false };
          this.counted.set(key, post);
          this.makeRoom();
          return post;
        }).finally(() => this.loading.delete(key)));
      });
    }
    return Promise.all(ids.map((id) => this.find(keyOf(channel, id))));
  }

  private find(key: string): Counted | Promise<Counted> {
    const post = this.counted.get(key);
    if (post === undefined) return this.loading.get(key) as Promise<Counted>;
    this.counted.delete(key);
    this.counted.set(key, post);
    return post;
  }

  /** Over the limit what changed is written before its time. Until it is, nothing leaves: who asked again would find what storage had before. */
  private makeRoom(): void {
    if (this.counted.size <= COUNTED_POSTS_MAX || this.flushingEarly) return;
    this.flushingEarly = true;
    void this.flush().then(() => { this.flushingEarly = false; });
  }

  /** At the limit those leave that were asked about longest ago and are written. */
  private shrink(): void {
    for (const [key, { changed }] of this.counted) {
      if (this.counted.size <= COUNTED_POSTS_MAX) return;
      if (!changed) this.counted.delete(key);
    }
  }
}

const bucketOf = (id: number): number => Math.floor(id / POSTS_PER_BUCKET);
const keyOf = (channel: number, id: number): string => `${channel} ${id}`;
