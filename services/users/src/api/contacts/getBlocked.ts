import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { BLOCKED_PAGE_USERS_MAX, BLOCKED_USERS_MAX } from '../../limits';
import { blocked } from '../../tables/blocked';

/** Whom the caller blocks, newest first. */
export const getBlocked: Method<Deps, 'contacts.getBlocked'> = async (deps, caller, request) => {
  if (request.my_stories_from) throw badRequest('NOT_IMPLEMENTED');
  const rows = await deps.storage.range(blocked, { owner: caller.userId }, { limit: BLOCKED_USERS_MAX });
  rows.sort((a, b) => (b.date ?? 0) - (a.date ?? 0) || b.peer_id - a.peer_id);
  const offset = Math.max(0, request.offset);
  const page = rows.slice(offset, offset + Math.min(Math.max(request.limit, 1), BLOCKED_PAGE_USERS_MAX)).map((row) => ({ _: 'peerBlocked' as const, peer_id: { _: 'peerUser' as const, user_id: row.peer_id }, date: row.date ?? 0 }));
  return page.length === rows.length
    ? { _: 'contacts.blocked', blocked: page, chats: [], users: [] }
    : { _: 'contacts.blockedSlice', count: rows.length, blocked: page, chats: [], users: [] };
};
