// After a fault is mended: everybody comes to rest, talks once more under watch, and what was told is compared with what is there.
import checker from '../../libs/testing/dist/checker.js';
import testimony from '../../libs/testing/dist/testimony.js';
import { differenceFrom, loginOf } from './people/login.mjs';
import { MtcuteLibrary } from './people/mtcute.mjs';

const { check } = checker;
const { historyOf, strangers } = testimony;

/** Looks at all boxes until two in a row show the same. */
const LOOK_MS = 400;
const FINDINGS_MAX = 200;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** pts of every box, when nothing moves any more. @returns {Promise<Map<number, number>>} */
export async function settle(crowd, limitMs) {
  const until = performance.now() + limitMs;
  let before;
  for (;;) {
    let now;
    try {
      now = new Map();
      for (const person of crowd.people) now.set(person.id, (await person.library.call('updates.getState', {}, { timeoutMs: 5_000 })).pts);
      if (before !== undefined && [...now].every(([box, pts]) => before.get(box) === pts)) return now;
    } catch (error) {
      now = undefined;
      if (performance.now() > until) throw new Error(`not every box could be asked for its state: ${error.message}`, { cause: error });
    }
    if (performance.now() > until) throw new Error('boxes still change though nobody talks');
    before = now;
    await sleep(LOOK_MS);
  }
}

/** Everybody writes to everybody whom they know, undisturbed; who misses something learns of it by the gap. */
async function calmRound(crowd, limitMs) {
  const from = await settle(crowd, limitMs);
  await Promise.all(crowd.people.map(async (person) => {
    for (const peer of person.peers.keys()) {
      if (await person.send(peer, { retryMs: limitMs, patient: true }) === undefined) throw new Error(`${person.session} could not send though nothing is disturbed: ${[...person.errors.keys()].slice(-3).join('; ')}`);
    }
  }));
  const to = await settle(crowd, limitMs);
  return { from, to };
}

/**
 * @param {Crowd} crowd hushed
 * @param {{limitMs: number, freshLogins: number, log: (line: string) => void}} options limitMs: clients have converged by then (I5);
 *   freshLogins: how many people sign in anew for it, the others ask by the login that they have
 * @returns {Promise<{findings: string[], convergedMs: number, messages: number}>}
 */
export async function judge(crowd, { limitMs, freshLogins, log }) {
  const began = performance.now();
  const watch = await calmRound(crowd, limitMs);
  for (const person of crowd.people) crowd.record.watched(person.id, person.session, watch.from.get(person.id), watch.to.get(person.id));
  const logins = [];
  const remembered = [];
  const anew = new Set(crowd.people.map((person) => [crowd.random.next(), person]).sort((a, b) => a[0] - b[0]).slice(0, freshLogins).map(([, person]) => person));
  for (const person of crowd.people) {
    const library = anew.has(person) ? new MtcuteLibrary(person.dc) : person.library;
    if (anew.has(person)) await library.login(person);
    logins.push(await loginOf(library, person.id));
    for (const one of crowd.remembered.filter((candidate) => candidate.person === person)) remembered.push({ by: one.by, login: one.login, pages: await differenceFrom(library, one.login) });
    // What a client holds that has nothing yet.
    const state = await library.call('updates.getState', {});
    const empty = { box: person.id, pts: 1, dialogs: [], messages: [] };
    remembered.push({ by: `${person.session} from the beginning`, login: empty, pages: await differenceFrom(library, { pts: 1, date: state.date, qts: state.qts }) });
    if (anew.has(person)) {
      await library.call('auth.logOut', {});
      await library.close();
    }
  }
  const until = began + limitMs;
  let differed = 0;
  for (;;) {
    const history = historyOf(crowd.record.events, logins, remembered);
    const findings = [...check(history, FINDINGS_MAX), ...strangers(history)];
    const convergedMs = Math.round(performance.now() - began);
    const waiting = findings.filter((finding) => / session | watched by /.test(finding));
    if (findings.length === 0 || waiting.length < findings.length || performance.now() > until) return { findings, convergedMs, messages: logins.reduce((sum, login) => sum + login.messages.length, 0) };
    if (waiting.length !== differed) log(`${waiting.length} views still differ, e.g. ${waiting[0]}`);
    differed = waiting.length;
    await sleep(1_000);
  }
}
