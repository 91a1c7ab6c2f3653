import { QUERY_BYTES_MAX, QUERY_BYTES_PER_KEY_MAX, QUERY_BYTES_PER_UNAUTHORISED_KEY_MAX, QUERY_BYTES_UNAUTHORISED_MAX, QUERY_BYTES_WAITING_MAX } from './limits';
import { type Counted, QueryBytes } from './query-bytes';
import { fakeKey } from './testing/fake-connection';

const counted = (waiting = false): Counted => ({ bytes: 0, unauthorised: false, waiting });

test('a key has its share, more when somebody is logged in under it', () => {
  const bytes = new QueryBytes();
  const [stranger, member] = [fakeKey(), fakeKey(5)];
  expect(bytes.take(stranger, counted(), QUERY_BYTES_PER_UNAUTHORISED_KEY_MAX)).toBe(true);
  expect(bytes.take(stranger, counted(), 1)).toBe(false);
  expect(bytes.take(member, counted(), QUERY_BYTES_PER_KEY_MAX)).toBe(true);
  expect(bytes.take(member, counted(), 1)).toBe(false);
});

test('strangers together leave the most to those who are logged in', () => {
  const bytes = new QueryBytes();
  const share = QUERY_BYTES_PER_UNAUTHORISED_KEY_MAX;
  let taken = 0;
  while (bytes.take(fakeKey(), counted(), share)) taken += share;
  expect(taken).toBeGreaterThan(QUERY_BYTES_UNAUTHORISED_MAX - share);
  expect(taken).toBeLessThanOrEqual(QUERY_BYTES_UNAUTHORISED_MAX);
  expect(bytes.take(fakeKey(5), counted(), QUERY_BYTES_PER_KEY_MAX)).toBe(true);
});

test('what waits for another message can\'t keep others from running', () => {
  const bytes = new QueryBytes();
  const share = QUERY_BYTES_PER_KEY_MAX;
  for (let taken = 0; taken < QUERY_BYTES_WAITING_MAX; taken += share) expect(bytes.take(fakeKey(5), counted(true), share)).toBe(true);
  expect(bytes.take(fakeKey(5), counted(true), 1)).toBe(false);
  const query = counted();
  expect(bytes.take(fakeKey(5), query, share)).toBe(true);
  expect(bytes.wait(query)).toBe(false);
});

test('the process has a bound; what ends makes room, however the login changed meanwhile', () => {
  const bytes = new QueryBytes();
  const key = fakeKey(0);
  const first = counted();
  bytes.take(key, first, 100);
  key.login!.userId = 5;
  expect(bytes.take(key, first, 50)).toBe(true);
  expect(bytes.wait(first)).toBe(true);
  bytes.run(first);
  const others = Array.from({ length: QUERY_BYTES_MAX / QUERY_BYTES_PER_KEY_MAX - 1 }, () => ({ key: fakeKey(6), query: counted() }));
  for (const { key: other, query } of others) expect(bytes.take(other, query, QUERY_BYTES_PER_KEY_MAX)).toBe(true);
  expect(bytes.take(fakeKey(6), counted(), QUERY_BYTES_PER_KEY_MAX)).toBe(false);
  bytes.release(key, first);
  for (const { key: other, query } of others) bytes.release(other, query);
  expect([bytes.totalBytes, key.queryBytes, first.bytes]).toEqual([0, 0, 0]);
});
