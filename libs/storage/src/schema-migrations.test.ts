import { checkKeyspace, createStateTable } from './cassandra-state';
import { parseReplication } from './cassandra-schema';
import { StorageRefused } from './errors';
import { foldMigrations, type Migration, migrationTo } from './schema-migrations';
import { defineTable } from './table';

const users = defineTable({ name: 'users', keyspace: 'dc', partition: { id: 'int' }, clustering: {}, columns: { a: 'text' }, writes: 'plain' });
const names = defineTable({ name: 'names', keyspace: 'directory', partition: { name: 'text' }, clustering: {}, columns: { owner: 'int' }, writes: 'conditional' });
const first: Migration = { version: 1, oldestCode: 1, why: 'first', createTables: [users, names] };

describe('migrations', () => {
  test('they add up', () => {
    const schema = foldMigrations([
      first,
      { version: 2, oldestCode: 1, why: 'expand', addColumns: [{ table: 'users', columns: { b: 'int' } }] },
      { version: 3, oldestCode: 2, why: 'contract', dropColumns: [{ table: 'users', columns: ['a'] }], dropTables: ['names'] },
    ]);
    expect(schema).toMatchObject({ version: 3, oldestCode: 2 });
    expect([...schema.tables.values()]).toEqual([{ ...users, columns: { b: 'int' } }]);
    expect([...schema.droppedTables]).toEqual([['names', 'directory']]);
    expect([...schema.droppedColumns]).toEqual([['users', ['a']]]);
  });

  test.each<[string, Migration]>([
    ['a gap', { version: 3, oldestCode: 1, why: '' }],
    ['code of the future', { version: 2, oldestCode: 3, why: '' }],
    ['older code than before', { version: 2, oldestCode: 0, why: '' }],
    ['a table twice', { version: 2, oldestCode: 1, why: '', createTables: [users] }],
    ['a column twice', { version: 2, oldestCode: 1, why: '', addColumns: [{ table: 'users', columns: { a: 'text' } }] }],
    ['a column of no table', { version: 2, oldestCode: 1, why: '', addColumns: [{ table: 'x', columns: { a: 'text' } }] }],
    ['a drop of no column', { version: 2, oldestCode: 2, why: '', dropColumns: [{ table: 'users', columns: ['z'] }] }],
    ['a table dropped while code that uses it may run', { version: 2, oldestCode: 1, why: '', dropTables: ['users'] }],
    ['a column dropped while code that uses it may run', { version: 2, oldestCode: 1, why: '', dropColumns: [{ table: 'users', columns: ['a'] }] }],
  ])('%s is refused', (_what, second) => expect(() => foldMigrations([first, second])).toThrow(StorageRefused));

  test('what was dropped does not come back under its name', () => {
    const gone: Migration = { version: 2, oldestCode: 2, why: '', dropTables: ['names'], dropColumns: [{ table: 'users', columns: ['a'] }] };
    expect(() => foldMigrations([first, gone, { version: 3, oldestCode: 2, why: '', createTables: [names] }])).toThrow(StorageRefused);
    expect(() => foldMigrations([first, gone, { version: 3, oldestCode: 2, why: '', addColumns: [{ table: 'users', columns: { a: 'text' } }] }])).toThrow(StorageRefused);
  });

  test('the next one is what declarations add', () => {
    expect(migrationTo([users, names], [first], '')).toBeUndefined();
    const wider = defineTable({ ...users, columns: { a: 'text', b: 'int' } });
    const more = defineTable({ ...users, name: 'more' });
    expect(migrationTo([wider, names, more], [first], 'more')).toEqual({
      version: 2, oldestCode: 1, why: 'more', createTables: [{ ...more }], addColumns: [{ table: 'users', columns: { b: 'int' } }],
    });
    expect(() => migrationTo([defineTable({ ...users, columns: { a: 'int' } })], [first], '')).toThrow(StorageRefused);
    expect(() => migrationTo([defineTable({ ...users, ttlSeconds: 5 })], [first], '')).toThrow(StorageRefused);
  });
});

describe('the gate', () => {
  const keyspace = { name: 'ks', replication: { dc1: 3 } };
  const code = { version: 3, oldestCode: 2 };
  const check = (state: { version: number; oldestCode: number } | undefined, where = keyspace as Parameters<typeof checkKeyspace>[0], dc = 'dc1'): void => checkKeyspace(where, state, code, dc);

  test('the same version, and newer ones that still take this code', () => {
    check({ version: 3, oldestCode: 2 });
    check({ version: 9, oldestCode: 3 });
  });

  test.each<[RegExp, () => void]>([
    [/not there: run `npm run migrate`/, () => check(undefined, { name: 'ks', replication: undefined })],
    [/no replicas in Cassandra data center dc2 \(only in: dc1\)/, () => check({ version: 3, oldestCode: 2 }, keyspace, 'dc2')],
    [/no schema: run/, () => check(undefined)],
    [/version 2 and this code needs 3: run `npm run migrate`/, () => check({ version: 2, oldestCode: 1 })],
    [/version 4 or newer, and this code is for 3: run a newer release/, () => check({ version: 5, oldestCode: 4 })],
  ])('%p', (sentence, work) => {
    expect(work).toThrow(StorageRefused);
    expect(work).toThrow(sentence);
  });
});

test('two that make the state table at once make the same', () => {
  expect(createStateTable('ks')).toBe(createStateTable('ks'));
  expect(createStateTable('ks')).toMatch(/WITH ID = [0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12} /);
  expect(createStateTable('other')).not.toContain((/ID = (\S+)/.exec(createStateTable('ks')) as RegExpExecArray)[1]);
});

test('replication is read from a setting', () => {
  expect(parseReplication('dc1:3, dc2:2')).toEqual({ dc1: 3, dc2: 2 });
  for (const wrong of ['', 'dc1', 'dc1:0', 'dc1:3,dc1:3', 'dc1:3;dc2:3', "d'c:1"]) expect(() => parseReplication(wrong)).toThrow(StorageRefused);
});
