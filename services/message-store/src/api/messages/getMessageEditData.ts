import { isChannelBox } from '@heliograph/box/box-id';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { editableMessage } from '../../messages/edit-in-channel';
import { openForMessages } from '../../messages/named-channel';
import { namedPeer } from '../../messages/peer';

/** Whether a message is one that the caller may edit, and whether it has a caption (docs: core.telegram.org/method/messages.getMessageEditData). */
export const getMessageEditData: Method<Deps, 'messages.getMessageEditData'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  if (isChannelBox(peer)) {
    await editableMessage(caller, await openForMessages(deps, caller, request.peer), request.id);
    return { _: 'messages.messageEditData' };
  }
  const [record] = await (await deps.engine.read(caller.userId)).messages([request.id]);
  if (!record || Number(record.peer) !== peer || record.content?.service) throw badRequest('MESSAGE_ID_INVALID');
  if (!record.out) throw new RpcError(403, 'MESSAGE_AUTHOR_REQUIRED');
  return { _: 'messages.messageEditData' };
};
