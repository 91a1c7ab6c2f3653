import { NameState, type CheckNameRequest } from '@heliograph/protos/heliograph/users/v1/names_pb';
import type { Deps } from '../../deps';
import { isUsername } from '../../domain/username';
import { isUsernameFree } from '../../tables/usernames';

/** Whether a channel could claim a public name now. */
export async function checkName(deps: Pick<Deps, 'storage' | 'dc' | 'homes' | 'usernameOfChannel' | 'clock'>, { channel, name }: Pick<CheckNameRequest, 'channel' | 'name'>): Promise<{ state: NameState }> {
  if (!isUsername(name)) return { state: NameState.INVALID };
  return { state: await isUsernameFree(deps, name, Number(channel), Math.floor(deps.clock.now() / 1000)) ? NameState.FREE : NameState.OCCUPIED };
}
