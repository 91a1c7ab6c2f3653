import { RpcError } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { TypeAuthSentCode } from '@heliograph/tl/api';
import type { Deps } from './deps';
import { randomCode, testCode } from './domain/login-code';
import { ACTIVE_SESSION_SECONDS, CODE_DIGITS, CODE_NEXT_TYPE_SECONDS, CODE_SENDS_PER_HASH_MAX } from './limits';
import { permanentKey } from './logins';
import { deletePendingCode, writePendingCode } from './pending-codes';
import { noticeCode } from './service-notices';
import { findKeyClients } from './tables/key-clients';
import { listLogins } from './tables/logins';

/**
 * Makes a code for (phone, hash) and brings it: to the user's active sessions as a message from the service account, else (or when `sms`) by the
 * sender. Throws 406 SEND_CODE_UNAVAILABLE when neither way is open. `userId` 0: nobody has the number.
 */
export async function deliverCode(deps: Deps, caller: CallerContext, login: { phone: string; hash: string; userId: number; sends: number; sms: boolean }): Promise<TypeAuthSentCode> {
  const { phone, hash, userId, sends } = login;
  const fixed = deps.config.testPhones ? testCode(phone) : undefined;
  const code = fixed ?? randomCode(deps.random);
  await writePendingCode(deps, { phone, hash, code, keyId: permanentKey(caller), sends });
  const next = sends < CODE_SENDS_PER_HASH_MAX ? { next_type: { _: 'auth.codeTypeSms' as const }, timeout: CODE_NEXT_TYPE_SECONDS } : {};
  if (!login.sms && userId !== 0 && (await tellSessions(deps, caller, userId, code, `${hash}:${sends}`))) {
    return { _: 'auth.sentCode', type: { _: 'auth.sentCodeTypeApp', length: CODE_DIGITS }, phone_code_hash: hash, ...next };
  }
  // Everybody knows the code of a test number: nothing is sent.
  if (fixed === undefined) await sendOrFail(deps, phone, code, hash);
  return { _: 'auth.sentCode', type: { _: 'auth.sentCodeTypeSms', length: CODE_DIGITS }, phone_code_hash: hash, ...next };
}

/** False when the user has no session that was active lately, or the message could not be written: then the code must go by SMS. */
async function tellSessions(deps: Deps, caller: CallerContext, userId: number, code: string, seed: string): Promise<boolean> {
  const others = (await listLogins(deps.storage, userId, caller.date)).filter((login) => login.keyId !== caller.authKeyId && login.parentKey === 0n && !login.bot);
  const clients = await findKeyClients(deps, others.map((login) => login.keyId));
  const active = others.some((login, index) => Math.max(clients[index]?.activeAt ?? 0, login.createdAt) + ACTIVE_SESSION_SECONDS > caller.date);
  if (!active) return false;
  try {
    await noticeCode(deps, userId, code, seed, caller.date);
    return true;
  } catch (error) {
    deps.log.warn({ error: error instanceof Error ? error.name : typeof error }, 'a code could not be written to the service chat');
    return false;
  }
}

async function sendOrFail(deps: Deps, phone: string, code: string, hash: string): Promise<void> {
  try {
    await deps.sendCode({ phone, code });
  } catch (error) {
    deps.log.error({ error: error instanceof Error ? error.name : typeof error }, 'the code sender failed');
    await deletePendingCode(deps, hash);
    throw new RpcError(406, 'SEND_CODE_UNAVAILABLE');
  }
}
