// Contract suites of the four ports, on the embedded and on the real engines, and proof that they find faults.
// node tools/run.mjs tests/contract/run.mjs [--only storage|event-log|ephemeral|blob] [--engine embedded|real] [--no-faults]
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { portsFrom, startEngines } from '../../tools/engines/engines.mjs';
import { freePorts } from '../../tools/engines/ports.mjs';
import { FAULTS, SUITES } from './suites.mjs';

/** A test without a time limit of its own: engines of a busy machine take their time. */
const TEST_TIMEOUT_MS = 60_000;

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '..', '..');
const require = createRequire(import.meta.url);
const base = require(join(root, 'jest.config.cjs'));

const { values: flags } = parseArgs({ options: { only: { type: 'string', multiple: true }, engine: { type: 'string', multiple: true }, faults: { type: 'boolean', default: true }, verbose: { type: 'boolean', default: false } }, allowNegative: true });
for (const port of flags.only ?? []) if (!(port in SUITES)) fail(`--only takes one of ${Object.keys(SUITES).join(', ')}`);
for (const kind of flags.engine ?? []) if (!['embedded', 'real'].includes(kind)) fail('--engine takes embedded or real');

function fail(message) {
  console.error(message);
  process.exit(1);
}

const started = performance.now();
const log = (line) => console.error(`contract: ${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${line}`);

/** Every run of a test file: `port`, its adapter, and the fault in it, if any. */
const runs = Object.entries(SUITES).filter(([port]) => flags.only?.includes(port) ?? true).flatMap(([port, adapters]) => adapters
  .filter(({ kind }) => flags.engine?.includes(kind) ?? true)
  .filter(({ engine, test, module }) => {
    const there = existsSync(join(root, test)) && existsSync(join(root, `${module}.ts`));
    if (!there) log(`${port} on ${engine}: there is no ${test} yet`);
    return there;
  })
  .flatMap((adapter) => [undefined, ...(flags.faults ? FAULTS[port] : [])].map((planted) => ({ port, adapter, planted }))))
  .map((run, index) => ({ ...run, id: String(index) }));

const folder = mkdtempSync(join(tmpdir(), 'heliograph-contract-'));
const results = new Map();
const failures = [];

/** One jest, its test files one after another: files of one engine may share its names. */
async function runLane(name, lane, environment) {
  if (lane.length === 0) return;
  const config = join(folder, `${name}.json`);
  const report = join(folder, `${name}.ndjson`);
  writeFileSync(report, '');
  writeFileSync(config, JSON.stringify({
    rootDir: root,
    testTimeout: TEST_TIMEOUT_MS,
    reporters: [[join(here, 'reporter.cjs'), { file: report }]],
    projects: lane.map(({ id, port, adapter, planted }) => ({
      ...base, roots: undefined, maxWorkers: undefined, rootDir: root, id: `contract-${id}`, displayName: id, testMatch: [join(root, adapter.test)],
      ...(planted && {
        testEnvironment: join(here, 'first-failure.cjs'),
        setupFilesAfterEnv: [join(here, 'src', 'plant.ts')],
        globals: { PLANTED: { root, port, fault: planted.fault, among: planted.among, path: adapter.module, opener: adapter.opener, part: adapter.part } },
      }),
    })),
  }, (_key, value) => value));
  const jest = spawn(process.execPath, [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--config', config, '--runInBand', '--forceExit'], {
    cwd: root, env: { ...process.env, ...environment, HELIOGRAPH_CONTRACT: 'full' }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [jest.stdout, jest.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-20_000);
      if (flags.verbose) process.stderr.write(text);
    });
  }
  let read = 0;
  const take = () => {
    const lines = readFileSync(report, 'utf8').split('\n').slice(0, -1);
    for (const line of lines.slice(read)) {
      const result = JSON.parse(line);
      results.set(result.id, result);
      const run = lane.find(({ id }) => id === result.id);
      const count = (status) => result.tests.filter((test) => test.status === status).length;
      if (run.planted === undefined) log(`${run.port} on ${run.adapter.engine}: ${count('passed')} passed, ${count('failed')} failed, ${(result.milliseconds / 1000).toFixed(1)} s`);
      else log(`${run.port} on ${run.adapter.engine}, planted "${run.planted.fault}": ${count('failed') > 0 ? 'found' : 'NOT FOUND'}, ${(result.milliseconds / 1000).toFixed(1)} s`);
    }
    read = lines.length;
  };
  const watch = setInterval(take, 500);
  await new Promise((done) => jest.on('close', done));
  clearInterval(watch);
  take();
  const missing = lane.filter(({ id }) => !results.has(id));
  if (missing.length > 0) failures.push(`jest did not run ${missing.length} of ${lane.length} files of the lane "${name}". The end of what it said:\n${said}`);
  for (const { id } of missing) results.set(id, { error: 'not run', tests: [] });
}

const needed = [...new Set(runs.map(({ adapter }) => adapter.needs).filter(Boolean))];
let engines;
try {
  const ofEngines = (...kinds) => runs.filter(({ adapter }) => kinds.includes(adapter.needs));
  const starting = needed.length === 0 ? undefined : freePorts('127.0.0.1', Object.keys(portsFrom(0))).then((ports) => startEngines({ folder: join(folder, 'engines'), ports, dcs: [1], which: needed, fresh: true, log }));
  starting?.catch(() => {});
  await runLane('embedded', runs.filter(({ adapter }) => adapter.needs === undefined), {});
  engines = await starting;
  const settings = engines?.settings(1) ?? {};
  // Two at once: as many as the smallest machine has cores. Cassandra takes about as long as all others together.
  await Promise.all([runLane('cassandra', ofEngines('cassandra'), settings), runLane('others', ofEngines('kafka', 'redis', 's3'), settings)]);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await engines?.stop({ graceMs: 0 });
  rmSync(folder, { recursive: true, force: true });
}

report();

/** Prints what failed, the tables, and the closing line. */
function report() {
  const rows = [];
  const faultRows = [];
  let passed = 0;
  let failed = 0;
  for (const { id, port, adapter, planted } of runs) {
    const { error, tests, milliseconds = 0 } = results.get(id) ?? { error: 'not run', tests: [] };
    if (planted === undefined) {
      const count = (contract, status) => tests.filter((test) => test.contract === contract && test.status === status).length;
      const wrong = count(true, 'failed') + count(false, 'failed') + (error === undefined ? 0 : 1);
      passed += count(true, 'passed') + count(false, 'passed');
      failed += wrong;
      rows.push([port, adapter.engine, count(true, 'passed'), count(false, 'passed'), wrong, `${(milliseconds / 1000).toFixed(1)} s`]);
      if (error !== undefined) failures.push(`${port} on ${adapter.engine}\n${error}`);
      for (const test of tests) if (test.status === 'failed') failures.push(`${port} on ${adapter.engine}: ${test.name}\n${test.failure}`);
    } else {
      const finder = tests.find(({ status }) => status === 'failed');
      const found = finder !== undefined && error === undefined;
      if (found) passed += 1;
      else failed += 1;
      faultRows.push([port, adapter.engine, planted.fault, found ? `found by "${finder.name.split(' › ').slice(-1)}"` : 'NOT FOUND']);
      if (!found) failures.push(`${port} on ${adapter.engine}: planted "${planted.fault}", and no test of ${tests.filter(({ status }) => status === 'passed').length} failed${error === undefined ? '' : `\n${error}`}`);
    }
  }
  for (const failure of failures) console.log(`✗ ${failure}\n`);
  console.log(table(['suite', 'engine', 'contract', 'own tests', 'failed', 'time'], rows));
  if (faultRows.length > 0) console.log(`\n${table(['suite', 'engine', 'planted fault', ''], faultRows)}`);
  console.log(`\n${passed} passed, ${failed} failed in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}

function table(head, rows) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => String(row[column]).length)));
  return [head, ...rows].map((row) => row.map((cell, column) => (typeof cell === 'number' ? String(cell).padStart(widths[column]) : String(cell).padEnd(widths[column]))).join('  ').trimEnd()).join('\n');
}
