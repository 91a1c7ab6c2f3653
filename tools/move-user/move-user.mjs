// What npm run move-user does: asks the users service until the user has arrived.
const PATH = '/admin/move-user';
const PAUSE_MS = 500;
/** Failures in a row after which it gives up; the move stays where it is, and goes on when it is asked for again. */
const FAILURES_MAX = 120;

/** Why it ends without the user having arrived; a sentence. */
export class MoveError extends Error {}

/**
 * Moves the user, or with `to` undefined tells where they are. `told` is called with each thing worth a line.
 * Throws MoveError when it is refused, or can't go on for FAILURES_MAX turns.
 */
export async function moveUser({ user, to, urls, token, fetch, sleep, told }) {
  const headers = { authorization: `Bearer ${token}` };
  const request = to === undefined ? [`${PATH}?user=${user}`, { headers }] : [PATH, { method: 'POST', headers, body: JSON.stringify({ user, to }) }];
  let before = '';
  const tell = (sentence) => {
    if (sentence !== before) told(sentence);
    before = sentence;
  };
  for (let failures = 0; failures < FAILURES_MAX;) {
    const { status, body, reason } = await ask(urls, request, fetch);
    if (status === 200) return tell(to === undefined ? describe(user, body) : `user ${user} lives in data center ${to}`);
    if (status !== 202 && status !== 503 && status !== 0) throw new MoveError(reason);
    failures = status === 202 ? 0 : failures + 1;
    tell(status === 202 ? body.step : `waiting: ${reason}`);
    await sleep(PAUSE_MS);
  }
  throw new MoveError('it does not go on; call again when what it waits for is there');
}

/** The answer of the data center that knows the user; status 0: nobody answered. */
async function ask(urls, [path, init], fetch) {
  let unknown;
  let failure = { status: 0, body: {}, reason: 'nobody answered' };
  for (const url of urls) {
    try {
      const response = await fetch(new URL(path, url), init);
      const body = await response.json().catch(() => ({}));
      const answer = { status: response.status, body, reason: body.reason ?? body.error ?? `${url} answered ${response.status}` };
      if (response.status !== 404) return answer;
      unknown = answer;
    } catch (error) {
      failure = { status: 0, body: {}, reason: `${url} can't be reached (${error.cause?.code ?? error.message})` };
    }
  }
  // One that could not be asked may be the one that knows.
  if (failure.reason !== 'nobody answered') return failure;
  if (unknown?.reason.includes('nothing is served') || unknown?.body.error === undefined) return { ...(unknown ?? failure), reason: 'the users service does not move users: it was started without HELIOGRAPH_ADMIN_TOKEN, or is older' };
  return unknown ?? failure;
}

function describe(user, { dc, movingTo, movingFrom, step }) {
  if (movingTo) return `user ${user} lives in data center ${dc} and is on the way to ${movingTo}${step ? ` (${step})` : '; nobody is at it: call with --to to go on'}`;
  if (movingFrom) return `user ${user} lives in data center ${dc}; something is left to erase in ${movingFrom}${step ? ` (${step})` : `: call with --to ${dc} to go on`}`;
  return `user ${user} lives in data center ${dc}`;
}
