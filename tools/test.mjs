// npm test: prepares the workspace, runs the tiers below one after another, sums up. Last line: "N passed, N failed".
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Every tier of `npm test`. `count` reads what its program left behind; a tier without it counts as one. */
const tiers = [
  { name: 'tools', args: (report) => ['--test', '--test-reporter=tap', `--test-reporter-destination=${report}`, '--test-reporter=dot', '--test-reporter-destination=stdout', ...programTests()], count: tapCount },
  { name: 'unit, contract and service', args: (report) => [join(root, 'node_modules/jest/bin/jest.js'), '--json', `--outputFile=${report}`, '--testLocationInResults'], count: jestCount },
];

/** Tests of plain programs: `<name>.test.mjs` beside them. */
function programTests(folder = root) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return ['node_modules', 'dist', 'gen', '.git', '.heliograph'].includes(entry.name) ? [] : programTests(join(folder, entry.name));
    return entry.name.endsWith('.test.mjs') ? [join(folder, entry.name)] : [];
  });
}

function tapCount(report) {
  const text = readFileSync(report, 'utf8');
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(text)[1]);
  const failed = count('fail') + count('cancelled');
  if (failed > 0) console.log(text);
  return { passed: count('pass'), failed };
}

function jestCount(report) {
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
}

function run(args) {
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    child.on('exit', (code) => done(code ?? 1));
  });
}

/** Runs the tiers; with arguments (a path, a pattern) only jest, on those. */
async function main(args) {
  const { prepare } = await import('./prepare.mjs');
  await prepare();
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-test-'));
  let passed = 0;
  let failed = 0;
  for (const [index, tier] of (args.length > 0 ? tiers.slice(-1) : tiers).entries()) {
    const report = join(folder, `${index}.json`);
    const code = await run([...tier.args(report), ...args]);
    let counted;
    try {
      counted = tier.count?.(report);
    } catch {
      counted = undefined;
    }
    counted ??= { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
    // A tier that failed without a failed test (a crash, an open handle) is one failure.
    if (code !== 0 && counted.failed === 0) counted.failed = 1;
    console.log(`${tier.name}: ${counted.passed} passed, ${counted.failed} failed`);
    passed += counted.passed;
    failed += counted.failed;
  }
  rmSync(folder, { recursive: true, force: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
