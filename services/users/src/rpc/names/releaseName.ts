import { isChannelBox } from '@heliograph/box/box-id';
import type { ReleaseNameRequest } from '@heliograph/protos/heliograph/users/v1/names_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../../deps';
import { releaseUsername } from '../../tables/usernames';

/** Gives up a channel's public name; nothing happens when it does not have it. Throws INVALID_ARGUMENT. */
export async function releaseName(deps: Pick<Deps, 'storage' | 'clock'>, { channel, name }: Pick<ReleaseNameRequest, 'channel' | 'name'>): Promise<object> {
  if (!isChannelBox(Number(channel))) throw new CallError('INVALID_ARGUMENT', 'names of channels are released here');
  await releaseUsername(deps, name, Number(channel), Math.floor(deps.clock.now() / 1000));
  return {};
}
