import { createHmac } from 'node:crypto';
import type { ClientFacts } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import type { Authorization } from '@heliograph/tl/api';

export interface SessionFacts {
  current: boolean;
  /** 0 for the caller's own. */
  hash: bigint;
  /** Unix seconds. */
  createdAt: number;
  activeAt: number;
  facts: ClientFacts | undefined;
  noCalls: boolean;
  noSecretChats: boolean;
  unconfirmed: boolean;
}

/** A session in the list of sessions. Country and region are empty: no address database is installed. */
export function authorizationOf(session: SessionFacts): Authorization {
  const { facts } = session;
  return {
    _: 'authorization',
    ...(session.current ? { current: true } : {}),
    ...(session.noSecretChats ? { encrypted_requests_disabled: true } : {}),
    ...(session.noCalls ? { call_requests_disabled: true } : {}),
    ...(session.unconfirmed ? { unconfirmed: true } : {}),
    hash: session.hash,
    device_model: facts?.deviceModel ?? '',
    platform: platformOf(facts?.systemVersion ?? ''),
    system_version: facts?.systemVersion ?? '',
    api_id: facts?.apiId ?? 0,
    app_name: '',
    app_version: facts?.appVersion ?? '',
    date_created: session.createdAt,
    date_active: session.activeAt,
    ip: facts?.ip ?? '',
    country: '',
    region: '',
  };
}

/** The system's name without its version. */
function platformOf(systemVersion: string): string {
  return /^[A-Za-z]+(?: [A-Za-z]+)*/.exec(systemVersion)?.[0] ?? '';
}

/** The name of a login in the sessions list: tells nothing about its key, never 0, and another one after the next login. */
export function loginHash(secret: Uint8Array, login: { keyId: bigint; userId: number; createdAt: number }): bigint {
  const hash = createHmac('sha256', secret).update(`session:${login.userId}:${login.keyId}:${login.createdAt}`).digest().readBigInt64LE(0);
  return hash === 0n ? 1n : hash;
}
