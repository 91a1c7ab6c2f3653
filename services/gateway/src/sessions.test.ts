import type { AuthKey } from './auth-key';
import type { Connection } from './connection';
import {
  CONNECTIONS_PER_SESSION_MAX, REPLAY_IDS_PER_KEY_MAX, REPLAY_IDS_PER_UNAUTHORISED_KEY_MAX, REPLAY_WINDOW_IDS, SESSION_DETACHED_TTL_MS, SESSIONS_PER_KEY_MAX, SESSIONS_PER_UNAUTHORISED_KEY_MAX,
} from './limits';
import type { Session } from './session';
import { Sessions } from './sessions';
import { fakeConnection, fakeKey } from './testing/fake-connection';

let now: number;
let forgotten: Session[];
let closed: Connection[];
let seen: string[];

function openSessions(...limits: number[]): Sessions {
  now = 1_700_000_000_000;
  forgotten = [];
  closed = [];
  seen = [];
  const sessions: Sessions = new Sessions({
    now: () => now,
    uniqueId: () => 7n,
    onConnected: ({ id }) => seen.push(`+${id}`),
    onDisconnected: ({ id }) => seen.push(`-${id}`),
    onForget: (session) => forgotten.push(session),
    closeConnection: (connection) => {
      closed.push(connection);
      sessions.detach(connection);
    },
  }, ...limits);
  return sessions;
}

/** A session with a connection of its own. */
function join(sessions: Sessions, key: AuthKey, id: bigint, connection = fakeConnection()): Session {
  const session = sessions.obtain(key, id, connection) as Session;
  sessions.attach(session, connection);
  return session;
}

test('a session belongs to its key: the same id under another is another session', () => {
  const sessions = openSessions();
  const [one, two] = [fakeKey(), fakeKey()];
  expect(join(sessions, one, 1n)).toBe(join(sessions, one, 1n));
  expect(join(sessions, two, 1n)).not.toBe(join(sessions, one, 1n));
  expect(sessions.size).toBe(2);
});

test('messages go to the connection that spoke last; all gone, the session waits, and comes back', () => {
  const sessions = openSessions();
  const [first, second] = [fakeConnection(), fakeConnection()];
  const session = join(sessions, fakeKey(), 1n, first);
  session.wantsPushes = true;
  expect(sessions.attach(session, second)).toBe(true);
  expect(session.connection).toBe(second);
  expect(sessions.attach(session, first)).toBe(false);
  expect(session.connection).toBe(first);
  sessions.detach(first);
  expect([session.connection, seen, session.missedPushes]).toEqual([second, ['+1'], false]);
  sessions.detach(second);
  expect([sessions.detachedSize, seen, session.missedPushes]).toEqual([1, ['+1', '-1'], true]);
  expect(sessions.attach(session, fakeConnection())).toBe(true);
  expect([sessions.detachedSize, session.detachedAt, seen.at(-1)]).toEqual([0, 0, '+1']);
});

test('one connection may carry several sessions, and loses them all at once', () => {
  const sessions = openSessions();
  const [key, connection] = [fakeKey(), fakeConnection()];
  const both = [join(sessions, key, 1n, connection), join(sessions, key, 2n, connection)];
  expect([connection.session, connection.otherSessions]).toEqual([both[0], [both[1]]]);
  sessions.forget(both[0] as Session);
  expect(connection.session).toBe(both[1]);
  sessions.detach(connection);
  expect([sessions.size, sessions.detachedSize]).toEqual([1, 1]);
});

test('a session of too many connections closes its oldest', () => {
  const sessions = openSessions();
  const oldest = fakeConnection();
  const session = join(sessions, fakeKey(), 1n, oldest);
  for (let count = 1; count <= CONNECTIONS_PER_SESSION_MAX; count++) sessions.attach(session, fakeConnection());
  expect(closed).toEqual([oldest]);
  expect(session.connections.length).toBe(CONNECTIONS_PER_SESSION_MAX);
});

test.each([['logged in', 5, SESSIONS_PER_KEY_MAX], ['nobody logged in', 0, SESSIONS_PER_UNAUTHORISED_KEY_MAX]])('a key with %s evicts the session that was left, else the oldest', (_, userId, most) => {
  const sessions = openSessions();
  const key = fakeKey(userId);
  const left = fakeConnection();
  const all = Array.from({ length: most }, (_, index) => join(sessions, key, BigInt(index + 1), index === 3 ? left : fakeConnection()));
  sessions.detach(left);
  join(sessions, key, 1_000n);
  expect(forgotten).toEqual([all[3]]);
  expect(closed).toEqual([]);
  const oldest = (all[0] as Session).connection;
  join(sessions, key, 1_001n);
  expect(forgotten).toEqual([all[3], all[0]]);
  expect(closed).toEqual([oldest]);
  expect(key.sessions.size).toBe(most);
});

test('at the bound of the process the session left for longest goes; if all are connected, nobody new comes', () => {
  const sessions = openSessions(3);
  const connections = [fakeConnection(), fakeConnection(), fakeConnection()];
  const all = connections.map((connection, index) => join(sessions, fakeKey(), BigInt(index + 1), connection));
  expect(sessions.obtain(fakeKey(), 9n, fakeConnection())).toBeUndefined();
  sessions.detach(connections[2] as Connection);
  sessions.detach(connections[0] as Connection);
  expect(sessions.obtain(fakeKey(), 9n, fakeConnection())).toBeDefined();
  expect(forgotten).toEqual([all[2]]);
});

test('who was left for too long is forgotten', () => {
  const sessions = openSessions();
  const [early, late] = [fakeConnection(), fakeConnection()];
  const session = join(sessions, fakeKey(), 1n, early);
  join(sessions, fakeKey(), 2n, late);
  sessions.detach(early);
  now += 1_000;
  sessions.detach(late);
  now += SESSION_DETACHED_TTL_MS - 500;
  sessions.expire();
  expect(forgotten).toEqual([session]);
  expect([session.closed, sessions.size]).toEqual([true, 1]);
});

describe('remembered message ids', () => {
  const fill = (sessions: Sessions, session: Session, count: number): void => {
    for (let id = 1; id <= count; id++) sessions.remember(session, BigInt(id * 4), 0);
  };

  test.each([['logged in', 5, REPLAY_IDS_PER_KEY_MAX], ['nobody logged in', 0, REPLAY_IDS_PER_UNAUTHORISED_KEY_MAX]])('of all sessions of a key with %s are bounded; what is folded is refused as too old', (_, userId, most) => {
    const sessions = openSessions();
    const key = fakeKey(userId);
    const all = Array.from({ length: 6 }, (_, index) => join(sessions, key, BigInt(index + 1)));
    for (const session of all) fill(sessions, session, REPLAY_WINDOW_IDS - 1);
    expect(key.replayIds).toBeLessThanOrEqual(most);
    expect(key.replayIds).toBe(all.reduce((sum, { window }) => sum + window.size, 0));
    for (const { window } of all) {
      expect(window.classify(4n)).not.toBe('new');
      expect(window.classify(BigInt((REPLAY_WINDOW_IDS - 1) * 4))).toBe('duplicate');
    }
  });

  test('of all sessions are bounded, and given back', () => {
    const sessions = openSessions(100, 1_000);
    const keys = Array.from({ length: 20 }, () => fakeKey(5));
    const all = keys.map((key) => join(sessions, key, 1n));
    for (const session of all) fill(sessions, session, 200);
    expect(sessions.rememberedIds).toBeLessThanOrEqual(1_000 + all.length);
    for (const session of all) sessions.forget(session);
    expect([sessions.rememberedIds, keys[0]?.replayIds]).toEqual([0, 0]);
  });
});
