import type { MessageInitShape } from '@bufbuild/protobuf';
import { isChannelBox } from '@heliograph/box/box-id';
import { ListMembersRequest_Kind, type ListMembersRequest, type ListMembersResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../../deps';
import { CHANNEL_MEMBERS_MAX } from '../../limits';
import { readBox } from '../../messages/internal-failure';

const KINDS = {
  [ListMembersRequest_Kind.UNSPECIFIED]: undefined,
  [ListMembersRequest_Kind.PRESENT]: 'present',
  [ListMembersRequest_Kind.KICKED]: 'kicked',
  [ListMembersRequest_Kind.RESTRICTED]: 'restricted',
} as const;

/** A page of a channel's members, in an order that stays while they come and go. Throws INVALID_ARGUMENT, UNAVAILABLE. */
export async function listMembers(deps: Pick<Deps, 'engine'>, { channel, kind, after, limit }: Pick<ListMembersRequest, 'channel' | 'kind' | 'after' | 'limit'>): Promise<MessageInitShape<typeof ListMembersResponseSchema>> {
  const listed = KINDS[kind];
  if (!isChannelBox(Number(channel)) || listed === undefined || limit <= 0) throw new CallError('INVALID_ARGUMENT', 'members of which channel, and of which kind');
  const reader = await readBox(deps, Number(channel));
  return reader.listChannelMembers(listed, Number(after), Math.min(limit, CHANNEL_MEMBERS_MAX));
}
