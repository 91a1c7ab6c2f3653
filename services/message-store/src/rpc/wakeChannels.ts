import type { MessageInitShape } from '@bufbuild/protobuf';
import type { WakeChannelsRequest, WakeChannelsResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import type { Clock } from '@heliograph/service-kit/kit';
import type { Deps } from '../deps';
import { readBox } from '../messages/internal-failure';
import { channelsAsleep, channelsAsleepLater, wakeChannels as wake } from '../messages/wake-channels';

/**
 * Somebody wrote in a channel that a user who is here has in the archive: what isn't muted comes back, and all sessions are told. Answers which others wait for that.
 * Throws UNAVAILABLE (the box), FAILED_PRECONDITION (the user lives in another DC).
 */
export async function wakeChannels(deps: Pick<Deps, 'channels' | 'engine' | 'log'> & { readonly clock: Pick<Clock, 'now'> }, { userId }: Pick<WakeChannelsRequest, 'userId'>): Promise<MessageInitShape<typeof WakeChannelsResponseSchema>> {
  const date = Math.floor(deps.clock.now() / 1_000);
  const reader = await wake(deps, { userId: Number(userId), date }, await readBox(deps, Number(userId)));
  return { asleep: channelsAsleep(reader, date).map(({ peer }) => peer), later: channelsAsleepLater(reader, date) };
}
