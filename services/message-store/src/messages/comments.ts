import { channelBox } from '@heliograph/box/box-id';
import { NO_COMMENTS, readUpTo, renderComments } from '@heliograph/box/discussion';
import type { CallerContext } from '@heliograph/client-api/method';
import { dropOldestTenth } from '@heliograph/client-api/oldest-tenth';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { isCallError } from '@heliograph/service-kit/call-error';
import type { Clock } from '@heliograph/service-kit/kit';
import type { MessageReplies } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { COMMENTS_FRESH_MS, COMMENTS_KNOWN_POSTS_MAX } from '../limits';
import type { ChannelReader, Channels } from './channels';

interface Known {
  /** The group's copy, without content; undefined: the post has no comments to be shown. */
  readonly copy: MessageRecord | undefined;
  readonly until: number;
}

/**
 * How broadcasts' posts are discussed, asked from the groups where they are, in one call for each page of posts, and known for COMMENTS_FRESH_MS: so many readers of
 * a broadcast ask its group once.
 */
export class Comments {
  private readonly known = new Map<string, Known>();

  constructor(private readonly channels: Pick<Channels, 'copies'>, private readonly clock: Pick<Clock, 'now'>) {}

  /** The copies of posts by the posts' ids: one with id 0 has not come yet. Nothing of posts that can't be commented on, and where it can't be told. */
  async find(group: number, broadcast: number, posts: readonly number[]): Promise<Map<number, MessageRecord>> {
    const key = (post: number): string => `${group}/${broadcast}/${post}`;
    const now = this.clock.now();
    const found = new Map<number, MessageRecord>();
    const asked: number[] = [];
    for (const post of new Set(posts)) {
      const known = this.known.get(key(post));
      if (known === undefined || known.until <= now) asked.push(post);
      else if (known.copy) found.set(post, known.copy);
    }
    if (asked.length === 0) return found;
    const copies = await this.ask(group, broadcast, asked);
    if (copies === undefined) return found;
    if (this.known.size >= COMMENTS_KNOWN_POSTS_MAX) dropOldestTenth(this.known);
    asked.forEach((post, index) => {
      const copy = copies[index]?.deletedVersion === 0n ? copies[index] : undefined;
      this.known.set(key(post), { copy, until: now + COMMENTS_FRESH_MS });
      if (copy) found.set(post, copy);
    });
    return found;
  }

  private async ask(group: number, broadcast: number, posts: readonly number[]): Promise<MessageRecord[] | undefined> {
    try {
      return await this.channels.copies(group, broadcast, posts);
    } catch (error) {
      // Comments are beside the point of what is read with them.
      if (isCallError(error) && error.code !== 'INTERNAL') return undefined;
      throw error;
    }
  }
}

/** The comments on those of a channel's messages that are posts of a broadcast which are discussed still, as the caller has read them. */
export async function commentsOn(
  deps: Pick<Deps, 'comments' | 'engine'>, caller: CallerContext, { box, record }: Pick<ChannelReader, 'box' | 'record'>, records: readonly MessageRecord[],
): Promise<(id: number) => MessageReplies | undefined> {
  const posts = records.filter(({ discussion }) => discussion !== 0n && discussion === record.linked).map(({ id }) => id);
  if (posts.length === 0) return () => undefined;
  const group = Number(record.linked);
  const [copies, own] = await Promise.all([deps.comments.find(channelBox(group), box, posts), deps.engine.read(caller.userId)]);
  const dialog = own.dialog(channelBox(group));
  return (post) => {
    const copy = copies.get(post);
    if (copy === undefined) return undefined;
    if (copy.id === 0) return renderComments(group, NO_COMMENTS);
    const { replyCount, lastRepliers, lastReplyId } = copy;
    return renderComments(group, { replyCount, lastRepliers, lastReplyId, pts: lastReplyId || copy.pts, readMaxId: Math.min(readUpTo(dialog, copy.id), lastReplyId) });
  };
}
