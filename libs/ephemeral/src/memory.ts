import { checkKey, checkMembers, checkMessage, checkStep, checkTtl, checkValue } from './checks';
import type { Ephemeral } from './ephemeral';
import { EphemeralRefused } from './errors';
import { HELD_BYTES_MAX, KEYS_COUNT_MAX, SET_MEMBERS_COUNT_MAX, SWEEP_INTERVAL_MS, SWEEP_KEYS_COUNT_MAX } from './limits';

/** The part of the process's clock that is needed. */
export interface EphemeralClock {
  /** Unix milliseconds. */
  now(): number;
  every(ms: number, task: () => void): { stop(): void };
}

interface Entry {
  value: Uint8Array | number | Set<string>;
  /** Unix milliseconds. */
  expiresAt: number;
  /** Of key and value, as counted into what is held. */
  bytes: number;
}

const systemTime: EphemeralClock = {
  now: () => Date.now(),
  every: (ms, task) => {
    const timer = setInterval(task, ms);
    timer.unref();
    return { stop: () => clearInterval(timer) };
  },
};

/** The ephemeral port in this process's memory: at its limit the oldest keys go. A message reaches its subscribers in order, before the next turn. */
export function openMemoryEphemeral(options: { clock?: EphemeralClock } = {}): Ephemeral {
  const clock = options.clock ?? systemTime;
  const entries = new Map<string, Entry>();
  const channels = new Map<string, Set<(message: Uint8Array) => void>>();

  let held = 0;

  const remove = (key: string): void => {
    held -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  };
  const find = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || entry.expiresAt > clock.now()) return entry;
    remove(key);
    return undefined;
  };
  const store = (key: string, value: Entry['value'], ttlMs: number, bytes = key.length + bytesIn(value)): Entry => {
    remove(key);
    const entry = { value, expiresAt: clock.now() + ttlMs, bytes };
    // The map's order is that of insertion: the oldest goes.
    while (entries.size >= KEYS_COUNT_MAX || (held + bytes > HELD_BYTES_MAX && entries.size > 0)) remove(entries.keys().next().value as string);
    entries.set(key, entry);
    held += bytes;
    return entry;
  };
  const bytesOf = (key: string, entry: Entry): Uint8Array => {
    if (entry.value instanceof Uint8Array) return Uint8Array.from(entry.value);
    if (typeof entry.value === 'number') return Buffer.from(String(entry.value));
    throw new EphemeralRefused(`${key} is a set`);
  };
  const setOf = (key: string, entry: Entry): Set<string> => {
    if (entry.value instanceof Set) return entry.value;
    throw new EphemeralRefused(`${key} is no set`);
  };

  let cursor: IterableIterator<[string, Entry]> = entries.entries();
  const sweep = (): void => {
    const now = clock.now();
    for (let i = 0; i < SWEEP_KEYS_COUNT_MAX; i++) {
      const { value, done } = cursor.next();
      if (done === true) {
        cursor = entries.entries();
        return;
      }
      if (value[1].expiresAt <= now) remove(value[0]);
    }
  };
  const sweeps = clock.every(SWEEP_INTERVAL_MS, sweep);

  return {
    async get(key) {
      checkKey(key);
      const entry = find(key);
      return entry === undefined ? undefined : bytesOf(key, entry);
    },
    async set(key, value, ttlMs) {
      checkKey(key);
      checkValue(key, value);
      store(key, Uint8Array.from(value), checkTtl(key, ttlMs));
    },
    async setIfAbsent(key, value, ttlMs) {
      checkKey(key);
      checkValue(key, value);
      const ttl = checkTtl(key, ttlMs);
      if (find(key) !== undefined) return false;
      store(key, Uint8Array.from(value), ttl);
      return true;
    },
    async exchange(key, value, ttlMs) {
      checkKey(key);
      checkValue(key, value);
      const ttl = checkTtl(key, ttlMs);
      const entry = find(key);
      const before = entry === undefined ? undefined : bytesOf(key, entry);
      store(key, Uint8Array.from(value), ttl);
      return before;
    },
    async delete(key) {
      checkKey(key);
      remove(key);
    },
    async increment(key, by, ttlMs) {
      checkKey(key);
      checkStep(key, by);
      const ttl = checkTtl(key, ttlMs);
      const entry = find(key) ?? store(key, 0, ttl);
      if (typeof entry.value !== 'number') throw new EphemeralRefused(`${key} is no counter`);
      entry.value += by;
      return { value: entry.value, ttlLeftMs: entry.expiresAt - clock.now() };
    },
    async setAdd(key, members, ttlMs) {
      checkKey(key);
      checkMembers(key, members);
      const ttl = checkTtl(key, ttlMs);
      const there = find(key);
      if (there === undefined && members.length === 0) return;
      const set = there === undefined ? new Set<string>() : setOf(key, there);
      const added = new Set(members.filter((member) => !set.has(member)));
      if (set.size + added.size > SET_MEMBERS_COUNT_MAX) throw new EphemeralRefused(`${key} would have more than ${SET_MEMBERS_COUNT_MAX} members`);
      store(key, set, ttl, (there?.bytes ?? key.length) + bytesIn(added));
      for (const member of added) set.add(member);
    },
    async setRemove(key, members) {
      checkKey(key);
      checkMembers(key, members);
      const entry = find(key);
      if (entry === undefined) return;
      const set = setOf(key, entry);
      for (const member of members) {
        if (!set.delete(member)) continue;
        entry.bytes -= member.length + MEMBER_OVERHEAD_BYTES;
        held -= member.length + MEMBER_OVERHEAD_BYTES;
      }
      if (set.size === 0) remove(key);
    },
    async setMembers(key) {
      checkKey(key);
      const entry = find(key);
      return entry === undefined ? [] : [...setOf(key, entry)];
    },
    async publish(channel, message) {
      checkKey(channel);
      checkMessage(channel, message);
      const listeners = channels.get(channel);
      if (listeners === undefined) return;
      const copy = Uint8Array.from(message);
      for (const listener of listeners) queueMicrotask(() => {
        if (listeners.has(listener)) listener(copy);
      });
    },
    async subscribe(channel, listener) {
      checkKey(channel);
      const listeners = channels.get(channel) ?? new Set();
      channels.set(channel, listeners);
      // Wrapped, so that one function may listen twice.
      const own = (message: Uint8Array): void => listener(message);
      listeners.add(own);
      return {
        close: async () => {
          listeners.delete(own);
          if (listeners.size === 0 && channels.get(channel) === listeners) channels.delete(channel);
        },
      };
    },
    async close() {
      sweeps.stop();
      entries.clear();
      held = 0;
      channels.clear();
    },
  };
}

const MEMBER_OVERHEAD_BYTES = 16;

function bytesIn(value: Entry['value']): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === 'number') return 8;
  let bytes = 0;
  for (const member of value) bytes += member.length + MEMBER_OVERHEAD_BYTES;
  return bytes;
}
