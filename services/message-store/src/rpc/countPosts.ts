import type { MessageInitShape } from '@bufbuild/protobuf';
import { isChannelBox } from '@heliograph/box/box-id';
import type { CountPostsRequest, CountPostsResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/channel_counts_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { ChannelCounts } from '../channel-counts';
import { REQUEST_IDS_MAX } from '../limits';

/** Counts a view or a forward of posts of a channel whose box is owned here. Throws INVALID_ARGUMENT. */
export async function countPosts(counts: Pick<ChannelCounts, 'count'>, { channel, ids, viewer, forwarded }: CountPostsRequest): Promise<MessageInitShape<typeof CountPostsResponseSchema>> {
  if (!isChannelBox(Number(channel)) || ids.length > REQUEST_IDS_MAX || ids.some((id) => id <= 0)) throw new CallError('INVALID_ARGUMENT', 'counts are of posts of a channel, 100 at the most');
  return { counts: await counts.count(Number(channel), ids, { viewer: Number(viewer), forwarded }) };
}
