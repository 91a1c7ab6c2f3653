import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ListChannelsRequest, ListChannelsResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import type { Deps } from '../deps';
import { readBox } from '../messages/internal-failure';

/** The channels that a user is in, as their own box was last told. Throws UNAVAILABLE (the box), FAILED_PRECONDITION (the user lives in another DC). */
export async function listChannels(deps: Pick<Deps, 'engine'>, { userId }: Pick<ListChannelsRequest, 'userId'>): Promise<MessageInitShape<typeof ListChannelsResponseSchema>> {
  const reader = await readBox(deps, Number(userId));
  return { channels: reader.channels().map(({ peer, membership }) => ({ channel: peer, version: membership?.version ?? 0n })) };
}
