import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest, forbidden } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { REQUEST_IDS_MAX } from '../../limits';
import { isAdminOf } from '../../messages/group-view';
import { submit } from '../../messages/submit';

/**
 * Deletes messages of private chats for oneself, or with `revoke` for both sides, whoever wrote them and however old they are
 * (FEATURES C1); in a basic group for all one's own, as an admin everybody's: else MESSAGE_DELETE_FORBIDDEN. Ids of messages that do not exist are passed over
 * (docs: core.telegram.org/method/messages.deleteMessages).
 */
export const deleteMessages: Method<Deps, 'messages.deleteMessages'> = async (deps, caller, request) => {
  if (request.id.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  const ids = [...new Set(request.id)].filter((id) => id > 0);
  if (ids.length === 0) {
    const head = (await deps.engine.read(caller.userId)).head();
    return { _: 'messages.affectedMessages', pts: head.pts, pts_count: 0 };
  }
  if (request.revoke) await refuseForeign(deps, caller, ids);
  const outcome = await submit(deps, caller, { case: 'delete', value: { ids, revoke: request.revoke ?? false } });
  return { _: 'messages.affectedMessages', pts: outcome.pts, pts_count: outcome.ptsCount };
};

/** The group decides who deletes for all; what it would pass over is refused before the caller's own copy goes. */
async function refuseForeign(deps: Deps, caller: CallerContext, ids: readonly number[]): Promise<void> {
  const reader = await deps.engine.read(caller.userId);
  for (const record of await reader.messages(ids)) {
    if (record === undefined || record.out) continue;
    const view = reader.dialog(Number(record.peer))?.view;
    if (view !== undefined && !isAdminOf(view, caller.userId)) throw forbidden('MESSAGE_DELETE_FORBIDDEN');
  }
}
