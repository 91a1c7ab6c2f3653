import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, imports, rules } from './rules.mjs';

const root = { path: 'package.json', text: JSON.stringify({ name: 'root', devDependencies: { typescript: '1' } }) };
const users = { path: 'services/users/package.json', text: JSON.stringify({ name: '@heliograph/users', dependencies: { '@heliograph/storage': '*', '@heliograph/auth': '*', '@nestjs/common': '1', 'reflect-metadata': '1' } }) };
const readme = { path: 'services/users/README.md', text: ['Owns', 'Calls', 'Emits', 'Consumes', 'Tables', 'Limits', 'Runbooks'].map((heading) => `## ${heading}\n`).join('') };
const auth = { path: 'services/auth/package.json', text: JSON.stringify({ name: '@heliograph/auth' }) };
const authReadme = { ...readme, path: 'services/auth/README.md' };
const base = [root, users, readme, auth, authReadme];

/** Findings of one rule in one file beside a clean tree. */
const found = (rule, path, text, more = {}) => check([...base.filter((file) => file.path !== path), { path, text, ...more }]).filter((finding) => finding.rule === rule);
const refused = (rule, path, text, line, more) => {
  const [first] = found(rule, path, text, more);
  assert.ok(first, `${rule} accepts ${path}: ${text}`);
  assert.equal(first.line, line);
  assert.ok(first.message.length > 10);
};
const accepted = (rule, path, text, more) => assert.deepEqual(found(rule, path, text, more), []);

test('a clean tree has no findings', () => assert.deepEqual(check(base), []));

test('nest', () => {
  refused('nest', 'services/users/src/deps.ts', "import x from 'y';\nimport { Module } from '@nestjs/common';", 2);
  refused('nest', 'services/users/src/deps.ts', "import 'reflect-metadata';", 1);
  accepted('nest', 'services/users/src/users.module.ts', "import { Module } from '@nestjs/common';");
  accepted('nest', 'libs/service-kit/src/x.ts', "import { Module } from '@nestjs/common';");
});

test('names', () => {
  for (const path of ['libs/tl/src/utils.ts', 'libs/tl/src/string-helper.ts', 'libs/tl/src/common/x.ts', 'libs/tl/src/sessionManager.ts', 'libs/tl/src/send-v2.ts', 'libs/tl/src/info.ts', 'libs/tl/src/data.ts']) refused('names', path, '', 1);
  for (const path of ['libs/tl/src/data-key.ts', 'services/users/src/api/help/getInfo.ts', 'libs/tl/data/tl.json', 'libs/tl/src/newest.ts']) accepted('names', path, '');
});

test('ambient', () => {
  for (const text of ['const x = Date.now();', 'Math.random()', 'setTimeout(f, 1)', 'setInterval(f, 1)', 'process.env.X', 'new Date()', "console.log('x')", 'randomBytes(8)']) refused('ambient', 'services/users/src/domain/x.ts', `\n${text}`, 2);
  for (const text of ['// Date.now() is not read', '/* setTimeout(x) */', ' * Math.random() in a docstring', 'new Date(seconds * 1000)', 'clock.now()']) accepted('ambient', 'services/users/src/domain/x.ts', `/**\n${text}\n*/\n`);
  accepted('ambient', 'services/users/src/domain/x.test.ts', 'Date.now()');
  accepted('ambient', 'libs/service-kit/src/x.ts', 'Date.now()');
});

test('apart', () => {
  refused('apart', 'services/users/src/x.ts', "import { y } from '@heliograph/auth/logins';", 1);
  accepted('apart', 'services/users/src/x.test.ts', "import { y } from '@heliograph/auth/auth.module';");
  accepted('apart', 'services/users/src/x.ts', "import { y } from '@heliograph/storage/table';");
  accepted('apart', 'deploy/standalone/src/x.ts', "import { y } from '@heliograph/auth/auth.module';");
});

test('inside', () => {
  refused('inside', 'services/users/src/x.ts', "import { y } from '../../auth/src/y';", 1);
  accepted('inside', 'services/users/src/domain/x.ts', "import { y } from '../deps';");
});

test('one-method', () => {
  refused('one-method', 'services/users/src/api/users/getUsers.ts', 'export async function getUser() {}', 1);
  refused('one-method', 'services/users/src/api/users/getUsers.ts', 'export async function getUsers() {}\nexport const other = 1;', 2);
  accepted('one-method', 'services/users/src/api/users/getUsers.ts', "export interface X {}\nexport const getUsers: Method<Deps, 'users.getUsers'> = async () => {};");
});

test('table-header', () => {
  const header = '/** Partition: user. Clustering: none. Rows: 1 a user, 200 bytes. TTL: none. Writers: createUser. Readers: getViews. */\n';
  refused('table-header', 'services/users/src/tables/users.ts', '/** Users. */\nexport const users = defineTable({});', 1);
  accepted('table-header', 'services/users/src/tables/users.ts', `${header}export const users = defineTable({});`);
});

test('readme', () => {
  assert.equal(check([root, users]).filter(({ rule }) => rule === 'readme').length, 1);
  refused('readme', 'services/users/README.md', '# users\n## Owns\n', 1);
});

test('machine', () => {
  refused('machine', 'libs/tl/src/x.ts', "const x = '/home/ann/heliograph';", 1);
  refused('machine', 'docs/x.md', '\nregistry=https://registry.example.com/npm/', 2);
  refused('machine', 'libs/tl/src/x.ts', `const key = 'AKIA${'A'.repeat(16)}';`, 1);
  refused('machine', 'libs/tl/key.pem.txt', `x\n-----BEGIN RSA PRIVATE KEY-----\n${'A'.repeat(64)}\n`, 2);
  accepted('machine', 'libs/tl/src/x.ts', "const x = 'https://registry.npmjs.org/x'; const y = pem.startsWith('-----BEGIN RSA PRIVATE KEY-----');");
});

test('declared', () => {
  refused('declared', 'services/users/src/x.ts', "import { z } from 'zod';", 1);
  refused('declared', 'services/users/src/x.ts', "import fs from 'fs';", 1);
  refused('declared', 'services/users/src/x.ts', "const x = await import('left-pad/x');", 1);
  accepted('declared', 'services/users/src/x.ts', "import { defineTable } from '@heliograph/storage/table';\nimport { x } from './x';\nimport { y } from 'node:fs';\nimport ts from 'typescript';\nimport { w } from '@heliograph/users/w';");
});

test('barrel', () => {
  refused('barrel', 'libs/tl/src/index.ts', '', 1);
  refused('barrel', 'libs/tl/src/all.ts', "// all\nexport { a } from './a';\nexport { b } from './b';", 1);
  refused('barrel', 'libs/tl/src/all.ts', "const x = 1;\nexport * from './a';", 2);
  accepted('barrel', 'libs/tl/src/all.ts', "export { a } from './a';\nexport const b = 1;");
});

test('generated', () => {
  refused('generated', 'libs/tl/src/gen/api.ts', '', 1);
  accepted('generated', 'libs/tl/src/gen/api.ts', '', { tracked: false });
});

test('limits', () => {
  refused('limits', 'libs/tl/src/limits.ts', '/** x */\nexport const WAITING_MAX = 1;', 2);
  refused('limits', 'libs/tl/src/limits.ts', '/** x */\nexport const waitMs = 1;', 2);
  refused('limits', 'libs/tl/src/limits.ts', '\nexport const WAIT_MS = 1;', 2);
  accepted('limits', 'libs/tl/src/limits.ts', '/** x */\nexport const WAIT_MS = 1;\n/** y */\nexport const FRAME_BYTES_MAX = 2;\n/** z */\nexport const RETRIES_PER_SUCCESS_RATIO: number = 3;\n// w\nexport const SESSIONS_MAX = 1;');
});

test('todo', () => {
  refused('todo', 'libs/tl/src/x.ts', '// TODO later', 1);
  refused('todo', 'libs/tl/src/x.ts', '\n// FIXME', 2);
  accepted('todo', 'libs/tl/src/x.ts', '// TODO(#12): groups');
});

test('sleeps', () => {
  refused('sleeps', 'libs/tl/src/x.test.ts', 'await new Promise((resolve) => setTimeout(resolve, 100));', 1);
  accepted('sleeps', 'libs/tl/src/x.test.ts', 'await eventually(() => done);');
});

test('imports are found wherever they stand', () => {
  const text = "import {\n  a,\n} from 'one';\nexport { b } from 'two';\nimport 'three';\nconst x = import('four');\nconst y = require('five');\n";
  assert.deepEqual([...imports({ text })].map(({ specifier, line }) => [specifier, line]), [['one', 3], ['two', 4], ['three', 5], ['four', 6], ['five', 7]]);
});

test('every rule has a test here', () => {
  const tested = new Set(Object.keys(rules));
  for (const rule of ['nest', 'names', 'ambient', 'apart', 'inside', 'one-method', 'table-header', 'readme', 'machine', 'declared', 'barrel', 'generated', 'limits', 'todo', 'sleeps']) tested.delete(rule);
  assert.deepEqual([...tested], []);
});
