import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { REQUEST_IDS_MAX } from '../../limits';
import { submit } from '../../messages/submit';

/** Marks the contents of messages as seen: voice heard, mention read (docs: core.telegram.org/method/messages.readMessageContents). */
export const readMessageContents: Method<Deps, 'messages.readMessageContents'> = async (deps, caller, request) => {
  if (request.id.length > REQUEST_IDS_MAX) throw badRequest('LIMIT_INVALID');
  const ids = [...new Set(request.id)].filter((id) => id > 0);
  if (ids.length === 0) return { _: 'messages.affectedMessages', pts: (await deps.engine.read(caller.userId)).head().pts, pts_count: 0 };
  const outcome = await submit(deps, caller, { case: 'readContents', value: { ids } });
  return { _: 'messages.affectedMessages', pts: outcome.pts, pts_count: outcome.ptsCount };
};
