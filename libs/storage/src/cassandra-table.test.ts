import { types } from 'cassandra-driver';
import { createTable, findMissing, type StoredTable } from './cassandra-schema';
import { CassandraTable } from './cassandra-table';
import { decodeValue, encodeList, encodeValue, escapePartition } from './cassandra-values';
import { StorageRefused } from './errors';
import { deleteOperation, putOperation } from './storage';
import { defineTable } from './table';

const log = defineTable({
  name: 'log', keyspace: 'dc', partition: { box: 'int', bucket: 'int' }, clustering: { kind: 'int', id: { type: 'int', order: 'desc' } }, columns: { v: 'bytes', pts: 'int' }, writes: 'versioned',
});
const names = defineTable({ name: 'names', keyspace: 'directory', partition: { name: 'text' }, clustering: {}, columns: { owner: 'long', at: 'int' }, ttlSeconds: 60, writes: 'conditional' });
const TOKEN = Buffer.from('token678');
const logTable = new CassandraTable(log, 'ks');
const namesTable = new CassandraTable(names, 'dir');
const int = (value: number): Buffer => encodeValue('int', value);

describe('statements', () => {
  test('a put of a versioned table leaves out what is left out, and erases by null', () => {
    const { query, params } = logTable.statement(putOperation(log, { box: 1, bucket: 0, kind: 2, id: -7, v: null }, { version: 5n }), TOKEN);
    expect(query).toBe('INSERT INTO "ks"."log" ("box", "bucket", "kind", "id", "v", "pts") VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP ?');
    expect(params).toEqual([int(1), int(0), int(2), int(-7), null, types.unset, int(5)]);
  });

  test('a TTL is never shorter than asked for', () => {
    const { query, params } = logTable.statement(putOperation(log, { box: 1, bucket: 0, kind: 2, id: 7 }, { version: 5n, ttlSeconds: 1.5 }), TOKEN);
    expect(query).toMatch(/ USING TIMESTAMP \? AND TTL \?$/);
    expect(params.at(-1)).toEqual(Buffer.from([0, 0, 0, 3]));
  });

  test('a deletion names the whole key', () => {
    expect(logTable.statement(deleteOperation(log, { box: 1, bucket: 0, kind: 2, id: 7 }, { version: 5n }), TOKEN))
      .toMatchObject({ query: 'DELETE FROM "ks"."log" USING TIMESTAMP ? WHERE "box" = ? AND "bucket" = ? AND "kind" = ? AND "id" = ?', params: [int(5), int(1), int(0), int(2), int(7)] });
  });

  test('every write of a conditional table has a token', () => {
    const put = namesTable.statement(putOperation(names, { name: 'n', at: 1 }), TOKEN);
    expect(put.query).toBe('INSERT INTO "dir"."names" ("name", "owner", "at", "write_token") VALUES (?, ?, ?, ?)');
    expect(namesTable.insertIfAbsent({ name: 'n', at: 1 }, undefined, TOKEN)).toMatchObject({ query: `${put.query} IF NOT EXISTS`, params: put.params });
    expect(namesTable.insertIfAbsent({ name: 'n' }, 5, TOKEN).query).toMatch(/ VALUES \(\?, \?, \?, \?\) IF NOT EXISTS USING TTL \?$/);
    expect(namesTable.replaceIf({ name: 'n' }, { owner: 1n, at: null }, { at: 2 }, TOKEN))
      .toMatchObject({ query: 'UPDATE "dir"."names" SET "at" = ?, "write_token" = ? WHERE "name" = ? IF "owner" = ? AND "at" = ?', params: [int(2), TOKEN, Buffer.from('n'), encodeValue('long', 1n), null] });
    expect(namesTable.deleteIf({ name: 'n' }, {}).query).toBe('DELETE FROM "dir"."names" WHERE "name" = ? IF EXISTS');
  });

  test('rows that differ in the last clustering column are read together', () => {
    const { query, params } = logTable.getSeveral([{ box: 1, bucket: 0, kind: 2, id: 7 }, { box: 1, bucket: 0, kind: 2, id: 80 }]);
    expect(query).toBe('SELECT "kind", "id", "v", "pts" FROM "ks"."log" WHERE "box" = ? AND "bucket" = ? AND "kind" = ? AND "id" IN ?');
    expect(params).toEqual([int(1), int(0), int(2), encodeList([int(7), int(80)])]);
  });

  test('rows that are close together are read as a slice, with what is between them', () => {
    const { query, params } = logTable.getSeveral([15, 8, 9].map((id) => ({ box: 1, bucket: 0, kind: 2, id })));
    expect(query).toBe('SELECT "kind", "id", "v", "pts" FROM "ks"."log" WHERE "box" = ? AND "bucket" = ? AND "kind" = ? AND "id" >= ? AND "id" <= ?');
    expect(params).toEqual([int(1), int(0), int(2), int(8), int(15)]);
  });

  test('a range in one order is one statement, in mixed orders one for each group', () => {
    const [only, ...rest] = logTable.range({ box: 1, bucket: 0 }, { from: { kind: 2, id: 20 }, fromExclusive: true, to: { kind: 2 }, limit: 5 });
    expect(rest).toEqual([]);
    expect(only?.query).toBe('SELECT "kind", "id", "v", "pts" FROM "ks"."log" WHERE "box" = ? AND "bucket" = ? AND "kind" = ? AND "id" < ? LIMIT ?');
    const mixed = logTable.range({ box: 1, bucket: 0 }, { from: { kind: 2, id: 20 }, limit: 5, reverse: true }).map(({ query }) => query.slice(query.indexOf(' AND "kind"')));
    expect(mixed).toEqual([' AND "kind" > ? ORDER BY "kind" DESC, "id" ASC LIMIT ?', ' AND "kind" = ? AND "id" <= ? ORDER BY "kind" DESC, "id" ASC LIMIT ?']);
  });

  test('a table may not have the token as a column of its own', () => {
    expect(() => new CassandraTable(defineTable({ ...names, columns: { write_token: 'int' } }), 'ks')).toThrow(StorageRefused);
  });
});

describe('values', () => {
  test.each([0, 1, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])('the int %p has the bytes of a bigint', (value) => {
    const bytes = encodeValue('int', value);
    expect(bytes).toEqual(encodeValue('long', BigInt(value)));
    expect(decodeValue('int', types.Long.fromBits(bytes.readInt32BE(4), bytes.readInt32BE(0)))).toBe(value);
  });

  test.each([0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n])('the long %p comes back', (value) => {
    const bytes = encodeValue('long', value);
    expect(decodeValue('long', types.Long.fromBits(bytes.readInt32BE(4), bytes.readInt32BE(0)))).toBe(value);
  });

  test('bytes are copied on the way in and out', () => {
    const given = Uint8Array.of(1, 2);
    const encoded = encodeValue('bytes', given);
    const decoded = decodeValue('bytes', encoded);
    given.fill(0);
    encoded.fill(9);
    expect(decoded).toEqual(Uint8Array.of(1, 2));
  });

  test('no two partition keys are stored as one, and none is empty', () => {
    const keys = ['', '\0', '\0\0', 'a', '\0a', 'a\0'].map((key) => escapePartition(Buffer.from(key)).toString('latin1'));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.every((key) => key.length > 0)).toBe(true);
    expect(keys[3]).toBe('a');
  });
});

describe('schema', () => {
  const stored = (table: StoredTable['writes'], columns: Record<string, string>): StoredTable => ({ partition: ['name text'], clustering: [], columns: new Map(Object.entries(columns)), writes: table });

  test('the DDL says what the declaration says', () => {
    expect(createTable(log, 'ks')).toBe('CREATE TABLE IF NOT EXISTS "ks"."log" ("box" bigint, "bucket" bigint, "kind" bigint, "id" bigint, "v" blob, "pts" bigint, PRIMARY KEY (("box", "bucket"), "kind", "id"))'
      + ' WITH CLUSTERING ORDER BY ("kind" ASC, "id" DESC) AND comment = \'heliograph: versioned\' AND gc_grace_seconds = 864000 AND compression = {\'class\': \'LZ4Compressor\', \'chunk_length_in_kb\': 16}');
    expect(createTable(names, 'dir')).toContain('"write_token" blob, PRIMARY KEY (("name"))) WITH comment = \'heliograph: conditional\'');
    expect(createTable(names, 'dir')).toMatch(/default_time_to_live = 61$/);
  });

  test('what is missing is told, what does not fit is refused', () => {
    const whole = { owner: 'bigint', at: 'bigint', write_token: 'blob' };
    expect(findMissing(names, undefined)).toBe('table');
    expect(findMissing(names, stored('conditional', whole))).toEqual([]);
    expect(findMissing(names, stored('conditional', { ...whole, more: 'text' }))).toEqual([]);
    expect(findMissing(names, stored('conditional', { owner: 'bigint' }))).toEqual(['at', 'write_token']);
    for (const wrong of [stored('plain', whole), stored(undefined, whole), stored('conditional', { ...whole, at: 'text' }), { ...stored('conditional', whole), partition: ['name blob'] }]) {
      expect(() => findMissing(names, wrong)).toThrow(StorageRefused);
    }
  });
});
