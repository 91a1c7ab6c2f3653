import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';

/** Who read a message is told in groups only. Throws PEER_ID_INVALID for users (docs: core.telegram.org/method/messages.getMessageReadParticipants). */
export const getMessageReadParticipants: Method<Deps, 'messages.getMessageReadParticipants'> = async () => {
  throw badRequest('PEER_ID_INVALID');
};
