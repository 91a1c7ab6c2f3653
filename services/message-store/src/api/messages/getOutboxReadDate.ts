import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { userPeer } from '../../messages/peer';

/**
 * When the other side read a message (docs: core.telegram.org/method/messages.getOutboxReadDate).
 * NOTSPEC: read dates are not kept, so every read message is past the period for which they are told. Throws MESSAGE_ID_INVALID,
 * MESSAGE_NOT_READ_YET, MESSAGE_TOO_OLD.
 */
export const getOutboxReadDate: Method<Deps, 'messages.getOutboxReadDate'> = async (deps, caller, request) => {
  const peer = userPeer(deps, caller, request.peer);
  const reader = await deps.engine.read(caller.userId);
  const [record] = await reader.messages([request.msg_id]);
  if (!record || Number(record.peer) !== peer || !record.out) throw badRequest('MESSAGE_ID_INVALID');
  throw badRequest(record.id > (reader.dialog(peer)?.readOutboxMaxId ?? 0) ? 'MESSAGE_NOT_READ_YET' : 'MESSAGE_TOO_OLD');
};
