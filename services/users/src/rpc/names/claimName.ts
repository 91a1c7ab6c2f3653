import { isChannelBox } from '@heliograph/box/box-id';
import { NameState, type ClaimNameRequest } from '@heliograph/protos/heliograph/users/v1/names_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../../deps';
import { isUsername } from '../../domain/username';
import { claimUsername } from '../../tables/usernames';

/** Claims a public name for a channel; it has the name when its box says so too. Repeating it is harmless. Throws INVALID_ARGUMENT. */
export async function claimName(deps: Pick<Deps, 'storage' | 'dc' | 'homes' | 'usernameOfChannel' | 'clock'>, { channel, name }: Pick<ClaimNameRequest, 'channel' | 'name'>): Promise<{ state: NameState }> {
  if (!isChannelBox(Number(channel))) throw new CallError('INVALID_ARGUMENT', 'names are claimed for channels');
  if (!isUsername(name)) return { state: NameState.INVALID };
  return { state: await claimUsername(deps, name, Number(channel), Math.floor(deps.clock.now() / 1000)) ? NameState.FREE : NameState.OCCUPIED };
}
