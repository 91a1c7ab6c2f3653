import { homeDcOf, isChannelBox } from '@heliograph/box/box-id';
import type { ChannelCountService } from '@heliograph/protos/heliograph/messagestore/v1/channel_counts_pb';
import { isCallError } from '@heliograph/service-kit/call-error';
import type { Client } from '@heliograph/service-kit/kit';
import type { PostCounts } from '../channel-counts';

/** Views and forwards of broadcasts' posts, asked from whoever owns the channel's box, in its DC. Calls fail as calls between services do. */
export class PostCounter {
  /** `counters`: the message stores by DC. */
  constructor(private readonly counters: ReadonlyMap<number, Pick<Client<typeof ChannelCountService>, 'countPosts'>>) {}

  /** By id; nothing where it can't be told. At most 100 posts. `counting`: what is counted first. */
  async count(box: number, ids: readonly number[], counting: { viewer?: number; forwarded?: boolean } = {}): Promise<Map<number, PostCounts>> {
    const wanted = [...new Set(ids)];
    const counter = isChannelBox(box) ? this.counters.get(homeDcOf(box)) : undefined;
    if (counter === undefined || wanted.length === 0) return new Map();
    try {
      const { counts } = await counter.countPosts({ channel: BigInt(box), ids: wanted, viewer: BigInt(counting.viewer ?? 0), forwarded: counting.forwarded }, { routeKey: box });
      return new Map(counts.map(({ views, forwards }, index) => [wanted[index] as number, { views, forwards }]));
    } catch (error) {
      // Counts are beside the point of what is read with them.
      if (isCallError(error, 'UNAVAILABLE') || isCallError(error, 'DEADLINE_EXCEEDED') || isCallError(error, 'UNIMPLEMENTED')) return new Map();
      throw error;
    }
  }
}
