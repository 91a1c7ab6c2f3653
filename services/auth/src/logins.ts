import { homeDcOf } from '@heliograph/box/box-id';
import { haveMoved } from '@heliograph/client-api/have-moved';
import type { CallerContext } from '@heliograph/client-api/method';
import { unauthorized } from '@heliograph/client-api/rpc-error';
import type { Deps } from './deps';
import { ifThere } from './ephemeral-loss';
import { AUTHORIZATION_TTL_DAYS_DEFAULT, LOGINS_PER_USER_MAX, OTHER_DC_DEADLINE_MS } from './limits';
import { deleteAuthKey, setAuthKeyLife } from './tables/auth-keys';
import { deleteKeyClient, findKeyClients, writeKeyClient } from './tables/key-clients';
import { oweEnds } from './tables/exported-logins';
import { authorizationSettings, deleteLogin, findLogin, findLogins, listLogins, writeLogin, type Login } from './tables/logins';
import { clearRevoked, markRevoked } from './revoked-logins';
import { boundTempKeys, deleteTempKey } from './temp-keys';

/** The permanent key of the caller; 401 AUTH_KEY_PERM_EMPTY while its temporary key is not bound. */
export function permanentKey(caller: Pick<CallerContext, 'authKeyId'>): bigint {
  if (caller.authKeyId === 0n) throw unauthorized('AUTH_KEY_PERM_EMPTY');
  return caller.authKeyId;
}

/** The caller's login; 401 AUTH_KEY_UNREGISTERED when there is none (any more). */
export async function requireLogin(deps: Pick<Deps, 'storage'>, caller: CallerContext): Promise<Login> {
  const login = await findLogin(deps.storage, permanentKey(caller));
  if (!login || login.userId !== caller.userId) throw unauthorized('AUTH_KEY_UNREGISTERED');
  return login;
}

/** Who logs in. */
export interface NewLogin {
  userId: number;
  bot: boolean;
  /** The login that it is imported from; 0: a login of its own. */
  parentKey: bigint;
  /** Where the user lives; default: where the id says. */
  homeDc?: number;
}

/**
 * Logs the caller's key in as that user, and tells the gateway. Another user's login with this key ends. When the user has
 * LOGINS_PER_USER_MAX logins, the least recently active one ends. Throws 401 AUTH_KEY_UNREGISTERED when the key is gone.
 * @returns whether the user has other logins of their own
 */
export async function logIn(deps: Deps, caller: CallerContext, user: NewLogin): Promise<{ others: Login[] }> {
  const keyId = permanentKey(caller);
  const before = await findLogin(deps.storage, keyId);
  if (before && before.userId !== user.userId) await endLogin(deps, before, { exceptSession: caller.sessionId });
  const others = (await listLogins(deps.storage, user.userId, caller.date)).filter((login) => login.keyId !== keyId);
  await makeRoom(deps, others, user.parentKey !== 0n);
  // The key must outlive its time without a login before anybody is logged in with it.
  if (!(await setAuthKeyLife(deps, keyId, 'keep'))) throw unauthorized('AUTH_KEY_UNREGISTERED');
  await writeKeyClient(deps, keyId, {
    layer: caller.layer, activeAt: caller.date, ip: caller.ip, deviceModel: caller.client?.deviceModel, systemVersion: caller.client?.systemVersion,
    appVersion: caller.client?.appVersion, langCode: caller.client?.langCode, apiId: caller.client?.apiId,
  });
  await clearRevoked(deps, keyId);
  const homeDc = user.homeDc ?? homeDcOf(user.userId);
  await writeLogin(deps.storage, { keyId, userId: user.userId, bot: user.bot, createdAt: caller.date, parentKey: user.parentKey, homeDc });
  caller.changeSession({ case: 'loggedIn', value: { userId: BigInt(user.userId), bot: user.bot, homeDc } });
  return { others: others.filter((login) => login.parentKey === 0n) };
}

async function makeRoom(deps: Deps, others: readonly Login[], imported: boolean): Promise<void> {
  const alike = others.filter((login) => (login.parentKey !== 0n) === imported);
  if (alike.length < LOGINS_PER_USER_MAX) return;
  const clients = await findKeyClients(deps, alike.map((login) => login.keyId));
  const oldest = alike.map((login, index) => ({ login, activeAt: clients[index]?.activeAt ?? login.createdAt })).sort((a, b) => a.activeAt - b.activeAt);
  for (const { login } of oldest.slice(0, alike.length - LOGINS_PER_USER_MAX + 1)) await endLogin(deps, login);
}

/**
 * Ends a login, and those that were imported from it in any DC; their connections are closed everywhere.
 * `exceptSession`: the session that asked; its connection is its gateway's to end. `revoked`: another session of the user asked; the client is told
 * SESSION_REVOKED. Repeating it is harmless.
 */
export async function endLogin(deps: Deps, login: Pick<Login, 'keyId' | 'userId' | 'parentKey'>, options: { exceptSession?: bigint; revoked?: boolean } = {}): Promise<void> {
  if (options.revoked === true) await markRevoked(deps, login.keyId);
  await deleteLogin(deps.storage, login);
  await setAuthKeyLife(deps, login.keyId, 'forget');
  await announceRevoked(deps, login.keyId, options.exceptSession);
  if (login.parentKey !== 0n) return;
  await endImportedHere(deps, login.userId, login.keyId, { revoked: options.revoked });
  // Imported where it was exported to, or not at all. A DC that cannot be reached learns it when it is back.
  if (await oweEnds(deps.storage, login.keyId, login.userId)) deps.inBackground('end imported logins', () => deps.endedExports.sweep());
}

/** Ends what was imported into this DC from that login. */
export async function endImportedHere(deps: Deps, userId: number, parentKey: bigint, options: { revoked?: boolean } = {}): Promise<void> {
  const all = await listLogins(deps.storage, userId, Math.floor(deps.clock.now() / 1000));
  for (const login of all) if (login.parentKey === parentKey) await endLogin(deps, login, options);
}

/** Ends what a user who moved has left logged in in other DCs, but for those that came from that key. Throws UNAVAILABLE: then it is to be repeated. */
export async function endLoginsElsewhere(deps: Deps, userId: number, exceptKeyId: bigint): Promise<void> {
  const others = deps.dcIds.filter((dc) => dc !== deps.dc);
  if (others.length === 0) return;
  const [moved] = await haveMoved(deps.homes, [userId]);
  if (moved !== true) return;
  for (const dc of others) await deps.loginMovesOf(dc).endLogins({ userId: BigInt(userId), exceptKeyId }, { deadlineMs: OTHER_DC_DEADLINE_MS });
}

/** Forgets a key, its login and its temporary keys. */
export async function destroyKey(deps: Deps, keyId: bigint, sessionId: bigint): Promise<boolean> {
  const login = await findLogin(deps.storage, keyId);
  const exceptSession = sessionId || undefined;
  if (login) await endLogin(deps, login, { exceptSession });
  const bound: bigint[] = [];
  // Nobody is logged in under them any more; those that can't be forgotten now end with their time.
  await ifThere(deps, 'forget temporary keys of a destroyed key', async () => {
    bound.push(...await boundTempKeys(deps, keyId));
    for (const tempKey of bound) await deleteTempKey(deps, tempKey);
  });
  await deleteKeyClient(deps, keyId);
  const destroyed = await deleteAuthKey(deps, keyId);
  // Other gateways may have the keys in memory, and connections under them, whoever is logged in.
  if (destroyed) for (const gone of [keyId, ...bound]) await announceRevoked(deps, gone, exceptSession);
  return destroyed;
}

/** Tells all gateways that connections under the key end, but for one session of it. */
export async function announceRevoked(deps: Pick<Deps, 'fanout' | 'log'>, keyId: bigint, exceptSession: bigint | undefined): Promise<void> {
  // Gateways look a login up again when they open a connection; a push that fails delays the close, no more.
  await deps.fanout.publish({
    pushes: [{ userIds: [], what: { case: 'authKeyRevoked', value: keyId }, exceptSessionId: exceptSession ?? 0n, exceptAuthKeyId: exceptSession === undefined ? 0n : keyId }],
  }).catch((error: unknown) => deps.log.warn({ error }, 'a revoked key could not be announced'));
}

/** The login of a key unless it has been inactive for longer than its user allows; then it ends here. */
export async function activeLogin(deps: Deps, keyId: bigint): Promise<{ login: Login | undefined; layer: number }> {
  const [[login], [client]] = await Promise.all([findLogins(deps.storage, [keyId]), findKeyClients(deps, [keyId])]);
  const layer = client?.layer ?? 0;
  if (!login) return { login, layer };
  const days = await authorizationTtlDays(deps, login.userId);
  const activeAt = Math.max(client?.activeAt ?? 0, login.createdAt);
  if (activeAt + days * 86_400 > deps.clock.now() / 1000) return { login, layer };
  await endLogin(deps, login);
  return { login: undefined, layer };
}

export async function authorizationTtlDays(deps: Pick<Deps, 'storage'>, userId: number): Promise<number> {
  return (await deps.storage.get(authorizationSettings, { user_id: userId }))?.ttl_days ?? AUTHORIZATION_TTL_DAYS_DEFAULT;
}
