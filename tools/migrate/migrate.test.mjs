import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declaredTables } from './declared-tables.mjs';
import { migrationFiles } from './migrate.mjs';

test('the migrations make what the services declare', () => {
  const missing = migrationFiles().next(declaredTables(), '');
  assert.equal(missing, undefined, `tables were declared without a migration: npm run migrate -- --new "what they are for"\n${JSON.stringify(missing, null, 1)}`);
});

test('schema/version.json says what the newest migration says', () => {
  const { read, version } = migrationFiles();
  const newest = read().at(-1);
  assert.deepEqual(version(), { version: newest.version, oldestCode: newest.oldestCode });
});
