import { describeEphemeralContract } from './contract';
import { HELD_BYTES_MAX, KEYS_COUNT_MAX, VALUE_BYTES_MAX } from './limits';
import { type EphemeralClock, openMemoryEphemeral } from './memory';

class ManualClock implements EphemeralClock {
  time = 1_000_000;
  tasks = new Set<() => void>();

  now(): number {
    return this.time;
  }

  every(_ms: number, task: () => void): { stop(): void } {
    this.tasks.add(task);
    return { stop: () => void this.tasks.delete(task) };
  }
}

describeEphemeralContract('memory', async () => {
  const clock = new ManualClock();
  const ephemeral = openMemoryEphemeral({ clock });
  return {
    ephemeral,
    other: ephemeral,
    now: () => clock.now(),
    unitMs: 1000,
    toleranceMs: 0,
    pass: async (ms) => {
      clock.time += ms;
      for (const task of clock.tasks) task();
    },
    heard: () => new Promise((resolve) => setImmediate(resolve)),
  };
});

test('at the limit the oldest keys make room', async () => {
  const clock = new ManualClock();
  const store = openMemoryEphemeral({ clock });
  const value = new Uint8Array(1);
  for (let i = 0; i <= KEYS_COUNT_MAX; i++) void store.set(String(i), value, 60_000);
  expect(await store.get('0')).toBeUndefined();
  expect(await store.get('1')).toEqual(value);
  expect(await store.get(String(KEYS_COUNT_MAX))).toEqual(value);
  await store.close();
  expect(clock.tasks.size).toBe(0);
});

test('at the limit of bytes too, sets included', async () => {
  const store = openMemoryEphemeral({ clock: new ManualClock() });
  const large = new Uint8Array(VALUE_BYTES_MAX);
  await store.setAdd('set', Array.from({ length: 1000 }, (_, i) => `member ${i}`), 60_000);
  await store.setRemove('set', ['member 0']);
  for (let i = 0; i < HELD_BYTES_MAX / VALUE_BYTES_MAX - 1; i++) await store.set(`k${i}`, large, 60_000);
  expect(await store.setMembers('set')).toHaveLength(999);
  await store.set('one more', large, 60_000);
  expect(await store.setMembers('set')).toEqual([]);
  expect(await store.get('k1')).toHaveLength(VALUE_BYTES_MAX);
  await store.close();
});
