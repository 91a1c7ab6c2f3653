import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { authorizationOf, loginHash } from '../../domain/session-view';
import { authorizationTtlDays, requireLogin } from '../../logins';
import { findKeyClients } from '../../tables/key-clients';
import { listLogins } from '../../tables/logins';

/** The user's sessions, the caller's first, then the most recently active (docs: core.telegram.org/method/account.getAuthorizations). */
export const getAuthorizations: Method<Deps, 'account.getAuthorizations'> = async (deps, caller) => {
  const own = await requireLogin(deps, caller);
  const logins = (await listLogins(deps.storage, caller.userId, caller.date)).filter((login) => login.parentKey === 0n || login.keyId === own.keyId);
  const [clients, ttlDays] = await Promise.all([findKeyClients(deps, logins.map((login) => login.keyId)), authorizationTtlDays(deps, caller.userId)]);
  const authorizations = logins.map((login, index) => {
    const current = login.keyId === own.keyId;
    return authorizationOf({
      ...login, current, hash: current ? 0n : loginHash(deps.codeSecret, login), activeAt: current ? caller.date : Math.max(clients[index]?.activeAt ?? 0, login.createdAt), facts: clients[index]?.facts,
    });
  });
  authorizations.sort((a, b) => Number(b.current ?? false) - Number(a.current ?? false) || b.date_active - a.date_active);
  return { _: 'account.authorizations', authorization_ttl_days: ttlDays, authorizations };
};
