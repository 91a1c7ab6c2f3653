import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { REQUEST_IDS_MAX } from '../../limits';
import { submit } from '../../messages/submit';

/**
 * Deletes messages of private chats for oneself, or with `revoke` for both sides, whoever wrote them and however old they are
 * (FEATURES C1). Ids of messages that do not exist are passed over (docs: core.telegram.org/method/messages.deleteMessages).
 */
export const deleteMessages: Method<Deps, 'messages.deleteMessages'> = async (deps, caller, request) => {
  if (request.id.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  const ids = [...new Set(request.id)].filter((id) => id > 0);
  if (ids.length === 0) {
    const head = (await deps.engine.read(caller.userId)).head();
    return { _: 'messages.affectedMessages', pts: head.pts, pts_count: 0 };
  }
  const outcome = await submit(deps, caller, { case: 'delete', value: { ids, revoke: request.revoke ?? false } });
  return { _: 'messages.affectedMessages', pts: outcome.pts, pts_count: outcome.ptsCount };
};
