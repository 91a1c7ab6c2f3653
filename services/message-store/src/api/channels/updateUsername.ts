import { isOwner } from '@heliograph/box/channel-rights';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import { NameState } from '@heliograph/protos/heliograph/users/v1/names_pb';
import type { Deps } from '../../deps';
import { actInChannel } from '../../messages/channel-act';
import { openChannel } from '../../messages/named-channel';
import { refuseOneMorePublic } from '../../messages/own-channels';

/**
 * Gives a channel a public name, another one, or (empty) none; its creator's to do (docs: core.telegram.org/method/channels.updateUsername): claimed in the directory first,
 * taken by the channel next, the old one released last. Throws USERNAME_INVALID, USERNAME_OCCUPIED, USERNAME_NOT_MODIFIED, CHANNELS_ADMIN_PUBLIC_TOO_MUCH, CHAT_ADMIN_REQUIRED.
 */
export const updateUsername: Method<Deps, 'channels.updateUsername'> = async (deps, caller, { channel, username }) => {
  const { box, record } = await openChannel(deps, caller, channel);
  if (!isOwner(record, caller.userId)) throw badRequest('CHAT_ADMIN_REQUIRED');
  const before = record.username;
  if (before === username) throw badRequest('USERNAME_NOT_MODIFIED');
  if (username !== '') await claim(deps, caller, box, before, username);
  await take(deps, caller, box, before, username);
  if (before !== '' && !isSame(before, username)) await deps.names.releaseName({ channel: BigInt(box), name: before });
  return true;
};

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

async function claim(deps: Deps, caller: CallerContext, box: number, before: string, name: string): Promise<void> {
  if (before === '') await refuseOneMorePublic(deps, caller);
  const { state } = await deps.names.claimName({ channel: BigInt(box), name });
  if (state !== NameState.FREE) throw badRequest(state === NameState.INVALID ? 'USERNAME_INVALID' : 'USERNAME_OCCUPIED');
}

async function take(deps: Deps, caller: CallerContext, box: number, before: string, username: string): Promise<void> {
  try {
    await actInChannel(deps, caller, box, { case: 'setUsername', value: { username } });
  } catch (error) {
    // Refused for certain; where it is not certain, the directory asks the channel once the claim has settled.
    if (error instanceof RpcError && error.code < 420 && username !== '' && !isSame(before, username)) await deps.names.releaseName({ channel: BigInt(box), name: username });
    throw error;
  }
}
