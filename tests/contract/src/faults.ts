import type { Blob } from '@heliograph/blob/blob';
import type { Ephemeral } from '@heliograph/ephemeral/ephemeral';
import type { EventLog, LogRecord } from '@heliograph/event-log/event-log';
import type { Storage, WriteOperation } from '@heliograph/storage/storage';
import type { Table } from '@heliograph/storage/table';

/**
 * Faults of adapters, each wrong in a way that would matter, planted around a sound one. A contract suite that does not find one has a hole.
 * `suites.mjs` names them with the tests that find them.
 */
export const faults: { storage: Faults<Storage>; 'event-log': Faults<EventLog>; ephemeral: Faults<Ephemeral>; blob: Faults<Blob> } = {
  storage: {
    'the last write of a batch is lost': (storage) => {
      const most = (operations: readonly WriteOperation[]): readonly WriteOperation[] => (operations.length > 1 ? operations.slice(0, -1) : operations);
      return { batch: (operations) => storage.batch(most(operations)), atomicBatch: (operations) => storage.atomicBatch(most(operations)) };
    },
    'an older write wins when it comes late': (storage) => {
      let newest = 2n ** 40n;
      return { put: (table, row, options) => storage.put(table, row, options?.version === undefined ? options : { ...options, version: (newest += 1n) }) };
    },
    'a range comes reversed': (storage) => ({ range: async (...query) => (await storage.range(...query)).reverse() }),
    'a time to live is ignored': (storage) => {
      const forever = <O extends { ttlSeconds?: number }>(table: Table, options: O | undefined): O | undefined => (options?.ttlSeconds === undefined && table.ttlSeconds === undefined ? options : { ...options, ttlSeconds: 10_000_000 } as O);
      return {
        put: (table, row, options) => storage.put(table, row, forever(table, options)),
        insertIfAbsent: (table, row, options) => storage.insertIfAbsent(table, row, forever(table, options)),
        batch: (operations) => storage.batch(operations.map((operation) => (operation.kind === 'put' ? { ...operation, ...forever(operation.table, operation) } : operation))),
      };
    },
    'a condition is judged before the write, not with it': (storage) => ({
      async replaceIf(table, key, expected, next) {
        const current = await storage.get(table, key);
        const fits = current !== undefined && Object.entries(expected).every(([column, value]) => (current as Record<string, unknown>)[column] === value);
        if (!fits) return current === undefined ? { applied: false } : { applied: false, current };
        const all = Object.fromEntries(Object.keys(expected).map((column) => [column, (current as Record<string, unknown>)[column]]));
        // As if nobody had written in between.
        for (let seen = current; ;) {
          const outcome = await storage.replaceIf(table, key, Object.fromEntries(Object.keys(all).map((column) => [column, (seen as Record<string, unknown>)[column]])) as typeof expected, next);
          if (outcome.applied || outcome.current === undefined) return outcome;
          seen = outcome.current;
        }
      },
    }),
  },
  'event-log': {
    'a record is delivered twice': (log) => ({
      subscribe: (topic, partition, from, handler) => log.subscribe(topic, partition, from, (batch) => handler({ ...batch, records: batch.records.flatMap((record) => (record.offset % 5n === 3n ? [record, record] : [record])) })),
    }),
    'neighbours are delivered in the wrong order': (log) => ({
      subscribe: (topic, partition, from, handler) => log.subscribe(topic, partition, from, (batch) => {
        const [first, second, ...rest] = batch.records;
        return handler({ ...batch, records: second === undefined ? batch.records : [second, first as LogRecord, ...rest] });
      }),
    }),
    'the last record of a full page is lost': (log) => ({
      read: async (topic, partition, from, limit) => {
        const records = await log.read(topic, partition, from, limit);
        return records.length === limit ? records.slice(0, -1) : records;
      },
    }),
    'a stored position is one too far': (log) => ({ storePosition: (group, topic, partition, next) => log.storePosition(group, topic, partition, next + 1n) }),
  },
  ephemeral: {
    'a counter lives longer than it was told': (store) => ({
      increment: async (key, by, ttlMs) => {
        const { value, ttlLeftMs } = await store.increment(key, by, ttlMs * 1.5);
        return { value, ttlLeftMs: Math.min(ttlMs, ttlLeftMs / 1.5) };
      },
    }),
    'an exchange looks first and sets then': (store) => ({
      exchange: async (key, value, ttlMs) => {
        const before = await store.get(key);
        await store.set(key, value, ttlMs);
        return before;
      },
    }),
    'set if absent looks first and sets then': (store) => ({
      setIfAbsent: async (key, value, ttlMs) => {
        if ((await store.get(key)) !== undefined) return false;
        await store.set(key, value, ttlMs);
        return true;
      },
    }),
    'adding what a set has does not renew it': (store) => ({
      setAdd: async (key, members, ttlMs) => {
        const there = new Set(await store.setMembers(key));
        if (!members.every((member) => there.has(member))) await store.setAdd(key, members, ttlMs);
      },
    }),
    'a message is heard twice': (store) => ({
      subscribe: (channel, listener) => {
        let heard = 0;
        return store.subscribe(channel, (message) => {
          heard += 1;
          listener(message);
          if (heard % 100 === 0) listener(message);
        });
      },
    }),
    'messages overtake each other': (store) => ({
      subscribe: (channel, listener) => {
        let heard = 0;
        let held: Uint8Array | undefined;
        return store.subscribe(channel, (message) => {
          heard += 1;
          if (heard % 100 === 50) {
            held = message;
            return;
          }
          listener(message);
          if (held !== undefined) listener(held);
          held = undefined;
        });
      },
    }),
  },
  blob: {
    'a range is torn: its second half comes from elsewhere': (blob) => ({
      get: async (key, range) => {
        const bytes = await blob.get(key, range);
        if (range === undefined || bytes === undefined || bytes.length < 4) return bytes;
        const half = bytes.length >> 1;
        const other = await blob.get(key, { from: Math.max(0, range.from - 1) + half, length: bytes.length - half });
        return new Uint8Array(Buffer.concat([bytes.subarray(0, half), other ?? bytes.subarray(half)]));
      },
    }),
    'a put is seen half written': (blob) => ({
      put: async (key, body) => {
        await blob.put(key, body.subarray(0, body.length >> 1));
        await blob.put(key, body);
      },
    }),
    'parts are joined in the order of their coming': (blob) => {
      const arrived = new Map<string, { tag: string; as: number }[]>();
      return {
        putPart: async (key, upload, part, body) => {
          const parts = arrived.get(upload) ?? [];
          arrived.set(upload, parts);
          const as = parts.length + 1;
          const tag = await blob.putPart(key, upload, as, body);
          parts.push({ tag, as });
          return tag;
        },
        completeMultipart: (key, upload, parts) => blob.completeMultipart(key, upload, (arrived.get(upload) ?? []).filter(({ tag }) => parts.some((part) => part.tag === tag)).map(({ tag, as }) => ({ part: as, tag }))),
      };
    },
    'what is not there is empty': (blob) => ({ get: async (key, range) => (await blob.get(key, range)) ?? new Uint8Array(0) }),
  },
};

export type Port = keyof typeof faults;
type Faults<P> = Record<string, (sound: P) => Partial<P>>;

/** The sound adapter with a fault in it. Throws when there is no such fault. */
export function plant<P extends object>(port: Port, fault: string, sound: P): P {
  const make = (faults[port] as unknown as Faults<P>)[fault];
  if (make === undefined) throw new Error(`no fault ${fault} of ${port}`);
  const wrong = make(sound) as Record<PropertyKey, unknown>;
  return new Proxy(sound, {
    get(target, name) {
      const value: unknown = name in wrong ? wrong[name] : Reflect.get(target, name);
      return typeof value === 'function' && !(name in wrong) ? value.bind(target) : value;
    },
  });
}
