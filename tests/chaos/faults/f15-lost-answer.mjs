/** Answers lost in all, and how long they may take to come up. */
const LOST = 12;
const WITHIN_MS = 40_000;
const PAUSE_MS = 300;

/**
 * A conditional write is done and its answer is lost with the connection: phones at sign-up, usernames, data keys. Whoever asked must find out what
 * happened, and tell the truth: one account per phone, one holder per username.
 */
export const f15LostAnswer = {
  id: 'F15',
  title: 'answers to conditional writes are lost',
  targets: ['stack'],
  short: [],
  async run({ target, crowd, random, short, sleep, log, fail, recovered }) {
    const watches = [1, 2].map((dc) => target.lines[dc].watch);
    const seen = watches.map((watch) => watch.seen);
    for (const watch of watches) watch.lose(short ? LOST / 4 : LOST / 2);
    const until = performance.now() + WITHIN_MS;
    const name = `race${crowd.prefix}`;
    let round = 0;
    const outcomes = [];
    while (performance.now() < until && watches.some((watch) => watch.pending > 0)) {
      round += 1;
      // Somebody new in each data center, and one name that two want.
      await Promise.all(crowd.dcs.map((dc) => signUpTwice(crowd, dc, fail, log)));
      const [one, other] = [random.pick(crowd.people), random.pick(crowd.people)];
      if (one !== other) outcomes.push(await race(one, other, `${name}${round}`, sleep));
      await sleep(PAUSE_MS);
    }
    for (const watch of watches) watch.lose(0);
    const lost = watches.reduce((sum, watch) => sum + watch.lost, 0);
    log(`${lost} answers lost of ${watches.reduce((sum, watch, index) => sum + watch.seen - seen[index], 0)} conditional writes, ${round} sign-ups in each data center, ${outcomes.length} races for a name`);
    if (lost === 0) fail('no answer to a conditional write was lost: nothing was tried');
    await recovered(20_000);
    for (const { username, claims } of outcomes) await checkRace(crowd, username, claims, fail, sleep);
  },
};

/** Signs somebody up, again and again until it is done; the second login meets the same account. */
async function signUpTwice(crowd, dc, fail, log) {
  const index = crowd.nextIndex();
  const ids = [];
  for (let login = 0; login < 2; login += 1) {
    for (let attempt = 0; ; attempt += 1) {
      const person = crowd.person(dc, index);
      try {
        ids.push(await person.library.login(person));
        break;
      } catch (error) {
        // The number is new: only this sign-up itself can have taken it.
        if (/PHONE_NUMBER_OCCUPIED/.test(error.message)) fail(`${person.session} was told that their new number is somebody else's`);
        if (attempt > 8) {
          fail(`${person.session} could not sign up: ${error.message}`);
          return;
        }
        log(`${person.session} tries again: ${error.message.slice(0, 80)}`);
      } finally {
        await person.library.close().catch(() => {});
      }
    }
  }
  if (ids[0] !== ids[1]) fail(`a phone has two accounts: ${ids.join(' and ')}`);
}

/** Two people want one username. @returns what each of them was told: true, false, or undefined where nobody knows */
async function race(one, other, username, sleep) {
  const claims = await Promise.all([one, other].map(async (person) => {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      try {
        await person.library.call('account.updateUsername', { username }, { timeoutMs: 10_000 });
        person.username = username;
        return { person, told: true };
      } catch (error) {
        if (/NOT_MODIFIED/.test(error.type)) {
          person.username = username;
          return { person, told: true };
        }
        if (error.refusal) return { person, told: false };
        await sleep(200);
      }
    }
    return { person, told: undefined };
  }));
  return { username, claims };
}

async function checkRace(crowd, username, claims, fail, sleep) {
  const reader = crowd.people[0];
  let holder;
  for (let attempt = 0; attempt < 10; attempt += 1) {
    try {
      const { peer } = await reader.library.call('contacts.resolveUsername', { username });
      holder = Number(peer.user_id);
      break;
    } catch (error) {
      if (error.refusal) break;
      await sleep(500);
    }
  }
  const told = claims.filter((claim) => claim.told === true);
  if (told.length > 1) fail(`${claims.length} people were told that ${username} is theirs`);
  // One who got a later name has given this one back.
  const later = new Set(crowd.people.filter((person) => person.username !== undefined && person.username !== username).map(({ id }) => id));
  for (const { person, told: said } of claims) {
    if (said === false && holder === person.id) fail(`${person.session} was refused ${username} and has it`);
    if (said === true && holder !== undefined && holder !== person.id && !later.has(person.id)) fail(`${person.session} was told that ${username} is theirs, and ${holder} has it`);
  }
}
