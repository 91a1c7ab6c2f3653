import { AuthKey, Login } from '../auth-key';
import type { Connection } from '../connection';

/** As much of a connection as sessions, budgets and the outbox look at. */
export function fakeConnection(change: Partial<Connection> = {}): Connection {
  return { closed: false, authenticated: true, address: '192.0.2.1', session: undefined, otherSessions: undefined, partialBytes: 0, heldBytes: 0, backlogBytes: 0, ...change } as unknown as Connection;
}

/** A permanent key; `userId` 0: nobody is logged in under it. */
export function fakeKey(userId = 0, id = BigInt(Math.floor(Math.random() * 2 ** 48)) + 1n): AuthKey {
  const key = new AuthKey(id, new Uint8Array(256), 0);
  key.login = new Login(id);
  key.login.userId = userId;
  key.login.keys.push(key);
  return key;
}
