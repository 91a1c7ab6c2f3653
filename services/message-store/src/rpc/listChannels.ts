import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ListChannelsRequest, ListChannelsResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import type { Clock } from '@heliograph/service-kit/kit';
import type { Deps } from '../deps';
import { readBox } from '../messages/internal-failure';
import { channelsAsleep, channelsAsleepLater } from '../messages/wake-channels';

/** The channels that a user is in, as their own box was last told. Throws UNAVAILABLE (the box), FAILED_PRECONDITION (the user lives in another DC). */
export async function listChannels(deps: Pick<Deps, 'engine'> & { readonly clock: Pick<Clock, 'now'> }, { userId }: Pick<ListChannelsRequest, 'userId'>): Promise<MessageInitShape<typeof ListChannelsResponseSchema>> {
  const reader = await readBox(deps, Number(userId));
  const date = Math.floor(deps.clock.now() / 1_000);
  const asleep = new Set(channelsAsleep(reader, date).map(({ peer }) => peer));
  const later = new Map(channelsAsleepLater(reader, date).map(({ channel, from }) => [channel, from]));
  return { channels: reader.channels().map(({ peer, membership }) => ({ channel: peer, version: membership?.version ?? 0n, asleep: asleep.has(peer), asleepFrom: later.get(peer) })) };
}
