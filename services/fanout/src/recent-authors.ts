import { AUTHORED_CHANNELS_MAX, AUTHORED_POSTS_PER_CHANNEL_MAX } from './limits';

interface Post {
  readonly id: number;
  readonly author: number;
}

interface Authored {
  /** Rising by id. */
  posts: Post[];
  /** Nothing is known of posts up to this id. */
  floor: number;
  /** Authors of posts up to this id know that they were read, as far as anybody was told; undefined: that isn't known. */
  told: number | undefined;
  reader: number;
}

/**
 * Who wrote the newest messages of channels. That something was read is told to those alone whose messages it is about: else whatever is
 * said in a large group would go to everybody once more, as often as it is read.
 */
export class RecentAuthors {
  /** The one with the oldest news first. */
  private readonly channels = new Map<number, Authored>();

  wrote(channel: number, id: number, author: number): void {
    const known = this.touch(channel) ?? { posts: [], floor: id - 1, told: undefined, reader: 0 };
    this.channels.set(channel, known);
    known.posts.push({ id, author });
    if (known.posts.length > AUTHORED_POSTS_PER_CHANNEL_MAX) known.floor = known.posts.shift()?.id ?? known.floor;
    if (this.channels.size > AUTHORED_CHANNELS_MAX) this.channels.delete(this.channels.keys().next().value as number);
  }

  /** `reader` has read up to an id, others as far as they have. Whom that concerns; undefined: perhaps anybody. */
  readUpTo(channel: number, id: number, reader: number): number[] | undefined {
    const known = this.touch(channel);
    if (known === undefined) return undefined;
    this.channels.set(channel, known);
    const { told, reader: before } = known;
    Object.assign(known, { told: id, reader });
    if (told === undefined || told < known.floor) return undefined;
    const concerned = new Set([reader, before]);
    for (const post of known.posts) if (post.id > told && post.id <= id) concerned.add(post.author);
    known.posts = known.posts.filter((post) => post.id > id);
    known.floor = Math.max(known.floor, id);
    return [...concerned].filter((user) => user > 0);
  }

  /** Events were missed: nothing that is remembered is whole. */
  clear(): void {
    this.channels.clear();
  }

  private touch(channel: number): Authored | undefined {
    const known = this.channels.get(channel);
    this.channels.delete(channel);
    return known;
  }
}
