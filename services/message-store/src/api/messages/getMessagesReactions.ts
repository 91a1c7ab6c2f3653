import { dialogKeys } from '@heliograph/box/dialog-key';
import { EVERYBODY } from '@heliograph/box/channel-sight';
import { renderReactions } from '@heliograph/box/reactions';
import { peerOf } from '@heliograph/box/render-peer';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { REQUEST_IDS_MAX } from '../../limits';
import { emptyUpdates } from '../../messages/answer';
import { channelSight } from '../../messages/channel-views';
import { openMessages } from '../../messages/chat-messages';

/** The reactions to some messages, as updates (docs: core.telegram.org/method/messages.getMessagesReactions). */
export const getMessagesReactions: Method<Deps, 'messages.getMessagesReactions'> = async (deps, caller, request) => {
  const { peer, box, reader, channel } = await openMessages(deps, caller, request.peer);
  if (request.id.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  const found = await reader.messages([...new Set(request.id)]);
  const records = found.filter((record) => record !== undefined).filter((record) => Number(record.peer) === peer && !record.content?.service);
  const keys = await dialogKeys(deps.keyring, box, records);
  const { isUnreadReaction } = channel ? await channelSight(deps, caller, box) : EVERYBODY;
  return emptyUpdates(caller, records.map((record) => ({ _: 'updateMessageReactions', peer: peerOf(peer), msg_id: record.id, reactions: renderReactions(keys, box, record, caller.userId, isUnreadReaction) })));
};
