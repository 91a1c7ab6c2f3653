// One system, one crowd, the faults one after the other; after each one the judgement.
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import diskScan from '../../libs/testing/dist/disk-scan.js';
import leakScanner from '../../libs/testing/dist/leak-scanner.js';
import { Crowd } from './people/crowd.mjs';
import { judge } from './judgement.mjs';
import { randomFrom } from './random.mjs';
import { startEmbedded } from './target-embedded.mjs';
import { startStackTarget } from './target-stack.mjs';
import { Timeline } from './timeline.mjs';
import { judgeKeyspaces, sealedOf, tablesIn } from './where-data-lies.mjs';

/** People talk undisturbed for so long before each fault. Milliseconds. */
const BEFORE_MS = 1_500;
/** Clients have converged so long after the last call ended. Milliseconds. */
const CONVERGED_MS = 45_000;
const FINDINGS_SHOWN = 15;
const COMPLAINTS_SHOWN = 15;

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const { scanDisk } = diskScan;
const { describeLeak, phoneSecret, textSecret } = leakScanner;

/** Mean pause of each person between two actions. All that was ever said is read again after each fault. Milliseconds. */
const PACE_MS = { embedded: 250, stack: 400 };

const startTarget = { embedded: startEmbedded, stack: startStackTarget };

export async function runAll({ target: kind, faults, seed, perDc, watching, short, logs }) {
  const random = randomFrom(seed);
  const results = [];
  let target;
  let crowd;
  const began = performance.now();
  let timeline = new Timeline(() => performance.now() - began);
  try {
    target = await startTarget[kind]({ random: random.fork('target'), log: (line) => timeline.log(line) });
    crowd = new Crowd({ dcs: target.dcs, perDc, watching, random: random.fork('crowd'), paceMs: PACE_MS[kind] });
    timeline = new Timeline(() => crowd.record.now());
    timeline.log(`${target.dcs.length} DCs answer; ${perDc} people in each sign up`);
    await crowd.gather();
    timeline.log(`${crowd.people.length} people and ${crowd.watchers.length} second sessions are there`);
    for (const fault of faults) results.push(await runOne(fault, { kind, target, crowd, timeline, random: random.fork(fault.id), short }));
    const { findings } = await judgeAll(crowd, timeline, crowd.people.length);
    results.push({ id: 'end', title: 'fresh logins of everybody', failures: findings });
    const { inTheClear, elsewhere } = await lookThrough(target, crowd, timeline);
    results.push({ id: 'I7', title: 'no private text on any disk', failures: inTheClear });
    if (elsewhere !== undefined) results.push({ id: 'home', title: 'sealed rows of a data center in its own engines alone', failures: elsewhere });
  } catch (error) {
    results.push({ id: 'run', title: 'the run', failures: [error?.stack ?? String(error)] });
    timeline.log(`the run ends early: ${error?.message}`);
  }
  await crowd?.close();
  if (target?.logs !== undefined) {
    for (const [text, count] of complaints(target.logs)) console.log(`${String(count).padStart(5)} × ${text}`);
    if (logs !== undefined) cpSync(target.logs, logs, { recursive: true });
  }
  const ended = await target?.stop();
  if (ended !== undefined && ended.code !== 0) results.push({ id: 'stop', title: 'the system stops cleanly', failures: [`exit code ${ended.code}`] });
  report(results, crowd);
  const failed = results.filter((result) => result.failures.length > 0).length;
  return { passed: results.length - failed, failed, events: crowd?.record.events ?? [] };
}

/**
 * What engines and services wrote, file by file. I7: names, texts and phone numbers of this run stand nowhere, however it is packed. On a stack
 * also where sealed values lie: those of a data center's users are in its own engines, and in no other's.
 * @returns {Promise<{ inTheClear: string[], elsewhere: string[] | undefined }>} what is wrong
 */
async function lookThrough(target, crowd, timeline) {
  const sealed = new Map();
  const elsewhere = target.kind === 'stack' ? await judgeKeyspaces(target) : undefined;
  if (elsewhere !== undefined) for (const { id } of target.dcs) for (const secret of await sealedOf(target, id)) sealed.set(secret.name, { dc: id, secret, found: false });
  await target.flush?.();
  const secrets = [textSecret('a text or a name', crowd.canary), ...crowd.people.map((person) => phoneSecret(`the phone number of ${person.session}`, person.phone))];
  const inTheClear = [];
  const control = textSecret('control', crowd.publicName);
  let seen = 0;
  for (const folder of target.folders) {
    const { files, bytes, opened, leaks, closed } = scanDisk(folder, [...secrets, control, ...[...sealed.values()].map(({ secret }) => secret)]);
    const dc = Number(/-dc(\d+)$/.exec(folder)?.[1]);
    const found = [];
    for (const leak of leaks) {
      const known = sealed.get(leak.secret);
      if (leak.secret === control.name) seen += 1;
      else if (known === undefined) found.push(leak);
      else if (known.dc === dc) known.found = true;
      else elsewhere.push(describeLeak(leak));
    }
    timeline.log(`${files} files, ${Math.round(bytes / 1024 / 1024)} MiB and ${Math.round(opened / 1024 / 1024)} MiB opened, of ${basename(folder)}: ${found.length} leaks`);
    if (files === 0) inTheClear.push(`I7 there is nothing in ${folder}: nothing was looked through`);
    for (const leak of found) inTheClear.push(`I7 ${describeLeak(leak)}`);
    for (const { where, why } of closed) inTheClear.push(`I7 ${where} could not be looked into: ${why}`);
  }
  if (seen === 0) inTheClear.push('I7 not even the public username was found: the search sees nothing');
  if (elsewhere !== undefined) for (const { id } of target.dcs) judgeFolders(target, id, [...sealed.values()].filter(({ dc }) => dc === id), elsewhere, timeline);
  return { inTheClear, elsewhere };
}

/** The nodes of other data centers have no rows of `dc`, its own has; of its sealed values each was found at home. */
function judgeFolders(target, dc, sealed, failures, timeline) {
  const found = sealed.filter((one) => one.found).length;
  for (const engine of Object.values(target.engines.cassandra)) {
    const { tables, filled } = tablesIn(join(target.engines.folder, engine.name), dc);
    timeline.log(`heliograph_dc${dc} in the files of ${engine.name}: ${filled.length} of ${tables} tables hold rows`);
    if (engine.dc !== dc && filled.length > 0) failures.push(`${engine.name} holds rows of ${filled.join(', ')} of heliograph_dc${dc}`);
    if (engine.dc === dc && filled.length === 0) failures.push(`${engine.name} holds no row of heliograph_dc${dc}: nothing was looked at`);
  }
  timeline.log(`${found} of ${sealed.length} sealed values of DC ${dc} were found in its own engines`);
  if (sealed.length === 0 || found < sealed.length) failures.push(`only ${found} of ${sealed.length} sealed values of DC ${dc} were found where they belong: the search does not see them`);
}

/** What services complained of, most often first. */
function complaints(folder) {
  const counts = new Map();
  for (const name of readdirSync(folder)) {
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
      if (!/"level":(50|60|"error"|"fatal")/.test(line)) continue;
      let entry;
      try {
        entry = JSON.parse(line);
      } catch {
        continue;
      }
      const text = `${name.replace(/-dc.*/, '')}: ${entry.message ?? ''} ${entry.reason ?? entry.error?.name ?? entry.error ?? ''}`.replaceAll(/\d+/g, 'N').slice(0, 160);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, COMPLAINTS_SHOWN);
}

async function judgeAll(crowd, timeline, freshLogins) {
  await crowd.hush();
  return judge(crowd, { limitMs: CONVERGED_MS, freshLogins, log: (line) => timeline.log(`  ${line}`) });
}

async function runOne(fault, { kind, target, crowd, timeline, random, short }) {
  const result = { id: fault.id, title: fault.title, failures: [], recoveredMs: undefined, convergedMs: undefined, counts: {} };
  const fail = (text) => {
    result.failures.push(text);
    timeline.log(`  ${fault.id} FAILS: ${text}`);
  };
  timeline.log(`── ${fault.id} ${fault.title}`);
  const before = crowd.counts();
  try {
    crowd.talk();
    await sleep(BEFORE_MS);
    await crowd.remember();
    const context = {
      kind, target, crowd, random, short, sleep, fail, log: (text) => timeline.log(`  ${text}`), now: () => crowd.record.now(),
      /** Starts a process that may have been started again by itself meanwhile; done when it is ready. */
      started: async (process) => (process.running ? process.untilReady() : process.start()),
      /** Waits until everybody sends and hears again; the longest counts as the fault's recovery. */
      recovered: async (limitMs, what = fault.id) => {
        const since = crowd.record.now();
        const tookMs = await crowd.recovered(since, limitMs);
        if (tookMs === undefined) fail(`not everybody sent and heard within ${limitMs / 1000} s after ${what} was mended`);
        else {
          result.recoveredMs = Math.max(result.recoveredMs ?? 0, tookMs);
          timeline.log(`  everybody sends and hears ${(tookMs / 1000).toFixed(2)} s after ${what} was mended`);
        }
        return tookMs;
      },
    };
    const deaths = target.deaths?.length ?? 0;
    await fault.run(context);
    for (const { name, how } of target.deaths?.slice(deaths) ?? []) timeline.log(`  ${name} ended by itself: ${how}`);
    const judged = await judgeAll(crowd, timeline, 2);
    result.convergedMs = judged.convergedMs;
    for (const finding of judged.findings) fail(finding);
    timeline.log(`  ${judged.messages} messages read back, ${judged.findings.length} findings, judged in ${(judged.convergedMs / 1000).toFixed(1)} s`);
  } catch (error) {
    fail(error?.stack ?? String(error));
    await crowd.hush().catch(() => {});
  }
  const after = crowd.counts();
  for (const [name, count] of Object.entries(after)) result.counts[name] = count - (before[name] ?? 0);
  return result;
}

function report(results, crowd) {
  console.log('');
  for (const { id, title, failures, recoveredMs, convergedMs, counts } of results) {
    const times = [recoveredMs === undefined ? '' : `recovered in ${(recoveredMs / 1000).toFixed(2)} s`, convergedMs === undefined ? '' : `judged in ${(convergedMs / 1000).toFixed(1)} s`, counts?.sends === undefined ? '' : `${counts.acknowledged} of ${counts.sends} sends acknowledged, ${counts.unknown} calls unknown, ${counts.refused} refused`];
    console.log(`${failures.length === 0 ? 'pass' : 'FAIL'}  ${id.padEnd(5)} ${title}: ${times.filter(Boolean).join('; ')}`);
    for (const failure of failures.slice(0, FINDINGS_SHOWN)) console.log(`        ${failure}`);
  }
  if (crowd === undefined) return;
  const invariants = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7'];
  const broken = new Set(results.flatMap((result) => result.failures.map((failure) => failure.slice(0, 2))));
  console.log(`\n${invariants.map((invariant) => `${invariant} ${broken.has(invariant) ? 'BROKEN' : 'holds'}`).join(', ')}`);
  console.log(`errors that clients saw: ${crowd.errors().slice(0, 12).map(([text, count]) => `${count} × ${text}`).join('; ') || 'none'}`);
}
