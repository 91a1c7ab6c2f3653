import { loseEphemeral } from '@heliograph/ephemeral/faults';
import { openMemoryEphemeral } from '@heliograph/ephemeral/memory';
import type { SessionState } from '@heliograph/protos/heliograph/gateway/v1/gateway_pb';
import type { Client } from '@heliograph/service-kit/kit';
import { type FakeClock, fakeClock } from '@heliograph/testing/fake-clock';
import { eventually } from '@heliograph/testing/eventually';
import type { GatewayService } from '@heliograph/protos/heliograph/gateway/v1/gateway_pb';
import { CLAIM_DEADLINE_MS, CLAIM_REFRESH_INTERVAL_MS, CLAIM_TTL_MS, FIRST_CLAIMS_PER_KEY_MAX, FIRST_CLAIMS_PER_SECOND_MAX, SESSION_DETACHED_TTL_MS } from './limits';
import type { AuthKey } from './auth-key';
import { Session } from './session';
import { SessionClaims } from './session-claims';
import { fakeKey } from './testing/fake-connection';

type TakeSession = Client<typeof GatewayService>['takeSession'];

const START = 1_700_000_000_000;
let clock: FakeClock;
let key: AuthKey;
const STATE = { receivedIds: [4n, 8n], floor: 0n } as unknown as SessionState;
let ephemeral: ReturnType<typeof openMemoryEphemeral>;
let asked: string[];
let failures: string[];

beforeEach(() => {
  clock = fakeClock(START);
  key = fakeKey(5, 77n);
  ephemeral = openMemoryEphemeral({ clock: { now: () => clock.now(), every: () => ({ stop: () => undefined }) } });
  asked = [];
  failures = [];
});

/** A gateway's claims; `peers` answer by place. */
function claimsOf(gatewayId: bigint, replica: number, peers: Record<number, () => Promise<SessionState | undefined>> = {}): SessionClaims {
  return new SessionClaims({
    gatewayId, replica, ephemeral, clock,
    peer: (place) => {
      const answer = peers[place];
      if (answer === undefined) return undefined;
      const takeSession = async ({ gatewayId: meant }: { gatewayId: bigint }): Promise<unknown> => {
        asked.push(`${place}/${meant}`);
        return { session: await answer() };
      };
      return { takeSession: takeSession as unknown as TakeSession };
    },
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    failures: { add: (_, attributes) => failures.push(String(attributes?.['what'])) },
  });
}

const sessionWith = (top: bigint): Session => {
  const session = new Session(3n, key, 0n);
  session.window.add(top, 1);
  session.recordedAt = clock.now();
  return session;
};
const never = (): boolean => false;
/** Lets writes that nobody waits for take place. */
const settle = (): Promise<void> => clock.advance(0);

test('a session that nobody has is taken without asking; one that another has is taken from there, once for all who wait', async () => {
  expect(await claimsOf(1n, 0).claim(key, 3n)).toEqual({ state: undefined, floor: 0n, recorded: true });
  const second = claimsOf(2n, 1, { 0: async () => STATE });
  const both = await Promise.all([second.claim(key, 3n), second.claim(key, 3n)]);
  expect(both.map(({ state }) => state)).toEqual([STATE, STATE]);
  expect(asked).toEqual(['0/1']);
});

test('its own record says nothing new; another key\'s session is another session', async () => {
  const claims = claimsOf(1n, 0, { 0: async () => STATE });
  await claims.claim(key, 3n);
  expect(await claims.claim(key, 3n)).toMatchObject({ state: undefined, floor: 0n, recorded: true });
  expect(await claimsOf(2n, 1, { 0: async () => STATE }).claim(fakeKey(5, 78n), 3n)).toMatchObject({ state: undefined });
  expect(asked).toEqual([]);
});

test('of three that take a session at once, each asks the one before it, whatever the order', async () => {
  const places = [0, 1, 2].map((place) => claimsOf(BigInt(place + 1), place, { 0: async () => undefined, 1: async () => undefined, 2: async () => undefined }));
  await Promise.all(places.map((claims) => claims.claim(key, 3n)));
  expect(asked).toHaveLength(2);
  expect(new Set(asked).size).toBe(2);
});

test('what a gateway that goes had received is left behind; not of sessions that another took from it', async () => {
  const first = claimsOf(1n, 0);
  await first.claim(key, 3n);
  await first.leaveBehind([sessionWith(400n)], never);
  const second = claimsOf(2n, 1, { 0: () => Promise.reject(new Error('gone')) });
  expect(await second.claim(key, 3n)).toEqual({ state: undefined, floor: 400n, recorded: true });
  expect(failures).toEqual(['take-session']);
  await first.leaveBehind([sessionWith(500n)], never);
  expect(await claimsOf(3n, 2).claim(key, 3n)).toMatchObject({ floor: 0n });
  await first.leaveBehind([sessionWith(600n)], () => true);
  expect(await claimsOf(4n, 3).claim(key, 3n)).toMatchObject({ floor: 0n });
});

test('a record is kept alive while its session is connected, and given up when another gateway took it', async () => {
  const [first, second] = [claimsOf(1n, 0), claimsOf(2n, 1)];
  const lost: Session[] = [];
  await first.claim(key, 3n);
  const session = sessionWith(400n);
  first.keep(session);
  for (let passed = 0; passed < 2 * CLAIM_TTL_MS; passed += CLAIM_REFRESH_INTERVAL_MS) {
    await clock.advance(CLAIM_REFRESH_INTERVAL_MS);
    first.refresh((gone) => lost.push(gone));
    await settle();
  }
  expect(lost).toEqual([]);
  asked = [];
  await claimsOf(2n, 1, { 0: async () => STATE }).claim(key, 3n);
  expect(asked).toEqual(['0/1']);
  await clock.advance(CLAIM_REFRESH_INTERVAL_MS);
  first.refresh((gone) => lost.push(gone));
  await eventually(() => lost.length === 1);
  expect(lost).toEqual([session]);
  // The record is the second's again.
  asked = [];
  await second.claim(key, 3n);
  expect(asked).toEqual([]);
});

test('a session left and come back to outlives neither its record nor the gateway\'s memory of it', async () => {
  const first = claimsOf(1n, 0);
  await first.claim(key, 3n);
  const session = sessionWith(400n);
  first.keep(session);
  for (let round = 0; round < 4; round++) {
    first.leave(session);
    await clock.advance(SESSION_DETACHED_TTL_MS - 1);
    first.keep(session);
    await settle();
    expect(await ephemeral.get('gateway:session:4d:3')).toBeDefined();
  }
});

test('without the ephemeral store, or when it is silent, nothing is known and nobody waits for long', async () => {
  const first = claimsOf(1n, 0);
  const restore = loseEphemeral(ephemeral);
  expect(await first.claim(key, 3n)).toEqual({ state: undefined, floor: 0n, recorded: false });
  ephemeral.exchange = () => new Promise(() => undefined);
  const silent = first.claim(key, 4n);
  await clock.advance(CLAIM_DEADLINE_MS);
  expect(await silent).toMatchObject({ recorded: false });
  expect(await first.destroy(77n, 3n)).toBe(false);
  restore();
  // What could not be written is written later, where nothing else is.
  const session = sessionWith(400n);
  session.recordedAt = 0;
  first.keep(session);
  await clock.advance(CLAIM_REFRESH_INTERVAL_MS);
  first.refresh(() => undefined);
  await eventually(() => session.recordedAt !== 0);
  asked = [];
  await claimsOf(2n, 1, { 0: async () => STATE }).claim(key, 3n);
  expect(asked).toEqual(['0/1']);
  session.recordedAt = 0;
  await clock.advance(CLAIM_REFRESH_INTERVAL_MS);
  first.refresh(() => { throw new Error('it is not lost'); });
  await settle();
  expect(session.recordedAt).toBe(0);
});

test('one key, and all keys in one second, make only so many records; who comes back is not counted', async () => {
  const claims = claimsOf(1n, 0);
  for (let id = 0; id < FIRST_CLAIMS_PER_KEY_MAX - 1; id++) await claims.claim(key, BigInt(id));
  for (let round = 0; round < 5; round++) expect(await claims.claim(key, 1n)).toMatchObject({ recorded: true });
  expect(await claims.claim(key, 10_001n)).toMatchObject({ recorded: true });
  expect(await claims.claim(key, 10_002n)).toMatchObject({ recorded: false });
  let made = 0;
  for (let id = 100n; made === Number(id) - 100; id++) if ((await claims.claim(fakeKey(0, id), 1n)).recorded) made += 1;
  expect(made).toBe(FIRST_CLAIMS_PER_SECOND_MAX - FIRST_CLAIMS_PER_KEY_MAX);
  await clock.advance(1_000);
  expect(await claims.claim(fakeKey(0, 1n), 1n)).toMatchObject({ recorded: true });
  expect(await claims.claim(key, 10_002n)).toMatchObject({ recorded: false });
  await clock.advance(CLAIM_TTL_MS);
  expect(await claims.claim(key, 10_002n)).toMatchObject({ recorded: true });
});

test('destroys a session where it is, and refuses its packets from then on', async () => {
  await claimsOf(1n, 0).claim(key, 3n);
  const second = claimsOf(2n, 1, { 0: async () => STATE });
  expect(await second.destroy(77n, 3n)).toBe(true);
  expect(await second.destroy(77n, 4n)).toBe(false);
  expect(await claimsOf(3n, 2).claim(key, 3n)).toMatchObject({ state: undefined, floor: 8n });
});
