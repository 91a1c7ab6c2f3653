import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moveUser, MoveError } from './move-user.mjs';

/** Runs against answers in order (the last repeats): `[status, body]`, or an Error. */
async function run(answers, { to = 1, urls = ['http://one'] } = {}) {
  const told = [];
  const asked = [];
  const fetch = async (url, init) => {
    asked.push([String(url), init.method ?? 'GET', init.headers.authorization]);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return { status: answer[0], json: async () => answer[1] };
  };
  await moveUser({ user: 64, to, urls, token: 't', fetch, sleep: async () => {}, told: (sentence) => told.push(sentence) });
  return { told, asked };
}

test('asks until the user has arrived, and tells each step once', async () => {
  const { told, asked } = await run([[202, { step: 'beginning' }], [202, { step: 'copying the box' }], [202, { step: 'copying the box' }], [200, { state: 'done' }]]);
  assert.deepEqual(told, ['beginning', 'copying the box', 'user 64 lives in data center 1']);
  assert.deepEqual(asked[0], ['http://one/admin/move-user', 'POST', 'Bearer t']);
});

test('waits out what does not answer for now', async () => {
  const { told } = await run([[503, { reason: 'DC 1 is away' }], new Error('x'), [200, {}]]);
  assert.deepEqual(told, ['waiting: DC 1 is away', "waiting: http://one can't be reached (x)", 'user 64 lives in data center 1']);
});

test('ends with the reason when it is refused, or goes nowhere', async () => {
  await assert.rejects(run([[409, { reason: 'there is no data center 9' }]]), new MoveError('there is no data center 9'));
  await assert.rejects(run([[401, { error: 'the admin token is wrong' }]]), new MoveError('the admin token is wrong'));
  await assert.rejects(run([[503, { reason: 'away' }]]), /does not go on/);
  await assert.rejects(run([[404, {}]]), /HELIOGRAPH_ADMIN_TOKEN/);
  await assert.rejects(run([[404, { error: 'user 64 does not live in data center 2' }]]), /does not live in data center 2/);
});

test('takes the data center that knows the user', async () => {
  const { told, asked } = await run([[404, { error: 'not here' }], [200, {}]], { urls: ['http://one', 'http://two'] });
  assert.deepEqual([told, asked.length], [['user 64 lives in data center 1'], 2]);
});

test('tells where a user is', async () => {
  assert.equal(await moveStatus({ dc: 2 }), 'user 64 lives in data center 2');
  assert.match(await moveStatus({ dc: 2, movingTo: 1, step: 'copying the box' }), /on the way to 1 \(copying the box\)/);
  assert.match(await moveStatus({ dc: 1, movingFrom: 2 }), /left to erase in 2: call with --to 1 to go on/);
});

async function moveStatus(body) {
  const told = [];
  await moveUser({ user: 64, to: undefined, urls: ['http://one'], token: 't', fetch: async () => ({ status: 200, json: async () => body }), sleep: async () => {}, told: (sentence) => told.push(sentence) });
  return told[0];
}
