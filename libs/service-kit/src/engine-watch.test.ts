import { fakeClock } from '@heliograph/testing/fake-clock';
import { EngineWatch } from './engine-watch';
import type { Logger } from './kit';
import { ENGINE_CHECK_MS } from './limits';
import type { Ports } from './ports';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

test('an engine that stops answering is a reason, by name, until it answers again; once is none', async () => {
  const clock = fakeClock();
  let down = false;
  const ports = { storage: { check: async () => {
    if (down) throw new Error('connection refused');
    return { now: clock.now() };
  } } } as unknown as Partial<Ports>;
  const watch = new EngineWatch({ clock, log: silent, placeOf: () => 'Cassandra at db:9042', peerClocks: async () => [] });
  await watch.start(ports);
  expect(watch.reasons()).toEqual([]);
  down = true;
  await clock.advance(ENGINE_CHECK_MS);
  expect(watch.reasons()).toEqual([]);
  await clock.advance(ENGINE_CHECK_MS);
  expect(watch.reasons()).toEqual(['Cassandra at db:9042 has not answered for 5 s: connection refused']);
  down = false;
  await clock.advance(ENGINE_CHECK_MS);
  expect(watch.reasons()).toEqual([]);
  watch.stop();
});

test('an engine that the service goes on without is told of, and is no reason', async () => {
  const clock = fakeClock();
  const told: string[] = [];
  const ports = { ephemeral: { check: () => Promise.reject(new Error('gone')) } } as unknown as Partial<Ports>;
  const log = { ...silent, error: (_: object, message: string) => void told.push(message) };
  const watch = new EngineWatch({ clock, log, placeOf: () => 'Redis', peerClocks: async () => [], goesOnWithout: ['ephemeral'] });
  await watch.start(ports);
  await clock.advance(ENGINE_CHECK_MS);
  expect([told, watch.reasons()]).toEqual([['an engine does not answer'], []]);
  watch.stop();
});

test('a clock that is wrong is a reason, until it is right again; stores of the process itself are not asked', async () => {
  const clock = fakeClock();
  let behind = 31_000;
  const watch = new EngineWatch({ clock, log: silent, placeOf: () => '', peerClocks: async () => [{ name: 'users 0 of DC 1', aheadMs: behind, uncertaintyMs: 2 }] });
  await watch.start({ storage: { close: async () => {} } } as unknown as Partial<Ports>);
  expect(watch.clockIsWrong).toBe(true);
  expect(watch.reasons()[0]).toContain('31.0 s ahead of that of users 0 of DC 1');
  behind = 5;
  await clock.advance(ENGINE_CHECK_MS);
  expect(watch.reasons()).toEqual([]);
  watch.stop();
});
