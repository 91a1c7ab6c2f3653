import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { setInChannel } from '../../messages/channel-setting';
import { openChannel } from '../../messages/named-channel';

/** Whether posts of a broadcast bear their authors' names, and lead to their profiles (docs: core.telegram.org/method/channels.toggleSignatures). */
export const toggleSignatures: Method<Deps, 'channels.toggleSignatures'> = async (deps, caller, request) => {
  const { box, record } = await openChannel(deps, caller, request.channel);
  if (!record.broadcast) throw badRequest('CHAT_ID_INVALID');
  const signatures = request.signatures_enabled ?? false;
  return setInChannel(deps, caller, box, { signatures, signatureProfiles: signatures && (request.profiles_enabled ?? false) });
};
