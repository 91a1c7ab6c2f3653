/** What decides whether a session is pushed to. */
export interface PushFacts {
  /** A user is logged in under the session's key. */
  loggedIn: boolean;
  /** The query is wrapped in invokeWithoutUpdates. */
  withoutUpdates: boolean;
  method: string;
  /** The method works without a login. */
  loginFree: boolean;
  /** Another session of the key that is connected is pushed to. */
  otherListens: boolean;
}

/** Does this query make its session one that is pushed to? `false` also takes the wish back: the connection is for files. */
export type PushWish = 'yes' | 'no' | 'unchanged';

/**
 * Asking for the state, or any ordinary call of a logged-in user, wants pushes; calls wrapped in invokeWithoutUpdates and file transfers don't.
 * A session that only asks for what needs no login (libraries do so after a reconnect) takes over when no other session of its key is listening.
 * Source: core.telegram.org/api/updates#subscribing-to-updates
 */
export function pushWish(facts: PushFacts): PushWish {
  if (facts.withoutUpdates) return 'no';
  if (!facts.loggedIn || isFileTransfer(facts.method) || facts.method === 'auth.bindTempAuthKey') return 'unchanged';
  if (facts.loginFree) return facts.otherListens ? 'unchanged' : 'yes';
  return 'yes';
}

export const isFileTransfer = (method: string): boolean => method.startsWith('upload.');
