import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { isUsername } from '../../domain/username';
import { SEARCH_QUERY_CHARS_MAX, SEARCH_RESULTS_MAX, VIEWS_PER_CALL_MAX } from '../../limits';
import { listContacts } from '../../tables/contacts';
import { findUsernameOwner } from '../../tables/usernames';
import { ownerPeer } from '../../domain/owner-peer';
import { findViews } from '../../views';

const words = (text: string): string[] => text.toLowerCase().split(/[\s_]+/).filter(Boolean);

/**
 * Contacts whose name or username has words that begin with the query's, and whoever, or whichever channel, has the query as a username. Throws SEARCH_QUERY_EMPTY.
 * NOTSPEC: people who are not contacts, and channels, are found by their whole username only; the directory is not enumerable by prefix.
 */
export const search: Method<Deps, 'contacts.search'> = async (deps, caller, { q: query, limit }) => {
  const wanted = words(query.replace(/^@/, '').slice(0, SEARCH_QUERY_CHARS_MAX));
  if (wanted.length === 0) throw badRequest('SEARCH_QUERY_EMPTY');
  const most = Math.min(Math.max(limit, 1), SEARCH_RESULTS_MAX);
  const ids = (await listContacts(deps, caller.userId)).map(({ contactId }) => contactId);
  const mine: number[] = [];
  for (let start = 0; start < ids.length && mine.length < most; start += VIEWS_PER_CALL_MAX) {
    for (const view of await findViews(deps, caller.userId, ids.slice(start, start + VIEWS_PER_CALL_MAX))) {
      const names = words(`${view.firstName ?? ''} ${view.lastName ?? ''} ${view.username ?? ''}`);
      if (mine.length < most && wanted.every((word) => names.some((name) => name.startsWith(word)))) mine.push(Number(view.id));
    }
  }
  const name = query.replace(/^@/, '').trim();
  const owner = isUsername(name) ? await findUsernameOwner(deps, name) : undefined;
  return { _: 'contacts.found', my_results: mine.map(ownerPeer), results: owner === undefined || mine.includes(owner) ? [] : [ownerPeer(owner)], chats: [], users: [] };
};
