import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { messagesPage } from '../../messages/answer';
import { pageLimit, readDialogPage } from '../../messages/page';
import { namedPeer } from '../../messages/peer';
import { messageViews } from '../../messages/views';

/** A page of a chat (docs: core.telegram.org/method/messages.getHistory). `hash` is ignored: the answer is always the messages. */
export const getHistory: Method<Deps, 'messages.getHistory'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  const reader = await deps.engine.read(caller.userId);
  const count = reader.dialog(peer)?.messageCount ?? 0;
  const records = await readDialogPage(reader, peer, request);
  const whole = records.length >= count && pageLimit(request.limit) > 0;
  return messagesPage(await messageViews(deps, reader, caller.userId, records), count, whole);
};
