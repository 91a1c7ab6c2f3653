// Polls and quizzes, as every client library makes them and votes in them. `t`: see index.mjs.
import assert from 'node:assert/strict';
import { eventually, expectError, incoming, notice } from './expect.mjs';

let serial = 0;
const unique = (what) => `${what} ${Date.now().toString(36)}${(serial += 1)}`;
const ANSWERS = ['red', 'green', 'blue'];
const pollIn = (message) => (/messageMediaPoll$/i.test(message?.media?._ ?? '') ? message.media : undefined);
/** Layers before 225 say 0 where nothing is told. */
const counts = (results) => (results.results ?? []).map(({ voters, chosen, correct }) => [voters ?? 0, Boolean(chosen), Boolean(correct)]);

/** A basic group of both, and how each of them names it. */
async function group(t) {
  const mark = t.b.mark();
  const { id: chat } = await t.a.op('createGroup', { title: unique('voting'), users: [t.bId] });
  await t.b.update((u) => notice(u, 'ChatCreate')?.peer === chat, 'the new group', 8000, mark);
  return { chat, peer: { _: 'inputPeerChat', chat_id: -chat } };
}

/** Asks in the group; the message in both boxes. */
async function ask(t, chat, more = {}) {
  const question = unique('Which?');
  const mark = t.b.mark();
  const { id, raw } = await t.a.op('sendPoll', { peer: chat, question, answers: ANSWERS, ...more });
  const told = await t.b.update((u) => pollIn(incoming(u)?.raw)?.poll.question.text === question, 'the poll', 8000, mark);
  return { own: id, theirs: incoming(told).id, raw, seen: pollIn(incoming(told).raw) };
}

/** How the poll looks to somebody now. */
async function look(client, peer, id) {
  const { updates } = await client.call('messages.getPollResults', { peer, msg_id: id, poll_hash: '0n' });
  assert.match(updates[0]._, /updateMessagePoll$/i);
  return updates[0];
}

export const pollFeatures = [
  ['polls: asked, voted, changed, taken back', async (t) => {
    const { chat, peer } = await group(t);
    const { own, theirs, seen } = await ask(t, chat);
    assert.deepEqual(seen.poll.answers.map(({ text }) => text.text), ANSWERS);
    assert.deepEqual([seen.results.total_voters, counts(seen.results)], [0, []]);
    const mark = t.a.mark();
    await t.b.op('vote', { peer: chat, id: theirs, options: [1] });
    const told = await t.a.update((u) => u._ === 'updateMessagePoll', 'the vote', 8000, mark);
    assert.deepEqual([told.results.total_voters, counts(told.results)], [1, []], 'who has not voted sees how many did');
    assert.deepEqual(counts((await look(t.b, peer, theirs)).results), [[0, false, false], [1, true, false], [0, false, false]]);
    await t.b.op('vote', { peer: chat, id: theirs, options: [2] });
    await t.a.op('vote', { peer: chat, id: own, options: [2] });
    await eventually(async () => assert.deepEqual(counts((await look(t.b, peer, theirs)).results), [[0, false, false], [0, false, false], [2, true, false]]));
    await t.b.op('vote', { peer: chat, id: theirs, options: [] });
    await eventually(async () => assert.deepEqual(counts((await look(t.a, peer, own)).results), [[0, false, false], [0, false, false], [1, true, false]]));
    const [newest] = await t.b.op('history', { peer: chat, limit: 1 });
    assert.equal(pollIn(newest.raw).results.total_voters, 1);
    await expectError(t.b.op('vote', { peer: chat, id: theirs, options: [0, 1] }), 'OPTIONS_TOO_MUCH');
    await expectError(t.b.call('messages.sendVote', { peer, msg_id: theirs, options: [{ $bytes: 'eHg=' }] }), 'OPTION_INVALID');
    await expectError(t.b.call('messages.sendVote', { peer, msg_id: theirs + 1000, options: [] }), 'MESSAGE_ID_INVALID');
  }],
  ['polls: open ones name voters, unread votes', async (t) => {
    const { chat, peer } = await group(t);
    const { own, theirs } = await ask(t, chat, { open: true, multiple: true });
    const votes = (client, id, more = {}) => client.call('messages.getPollVotes', { peer, id, limit: 1, ...more });
    await t.b.op('vote', { peer: chat, id: theirs, options: [0, 2] });
    await eventually(async () => assert.equal((await look(t.a, peer, own)).results.total_voters, 1));
    await expectError(votes(t.a, own), 'POLL_VOTE_REQUIRED');
    await t.a.op('vote', { peer: chat, id: own, options: [2] });
    const first = await votes(t.a, own);
    assert.deepEqual([first.count, first.votes[0].peer.user_id, first.users.length > 0], [2, t.aId, true]);
    const second = await votes(t.a, own, { offset: first.next_offset });
    assert.deepEqual([second.votes[0].peer.user_id, second.votes[0].options.length], [t.bId, 2]);
    assert.deepEqual((await look(t.a, peer, own)).results.recent_voters.map(({ user_id }) => user_id), [t.aId, t.bId]);
    const anonymous = await ask(t, chat);
    await t.a.op('vote', { peer: chat, id: anonymous.own, options: [0] });
    await expectError(votes(t.a, anonymous.own), 'BROADCAST_FORBIDDEN');
  }],
  ['polls: a quiz is answered once', async (t) => {
    const { chat, peer } = await group(t);
    const { own, theirs, raw, seen } = await ask(t, chat, { correct: 1, solution: 'grass is' });
    for (const told of [pollIn(raw)?.results, seen.results].filter(Boolean)) assert.deepEqual([counts(told), told.solution ?? undefined], [[], undefined]);
    await t.b.op('vote', { peer: chat, id: theirs, options: [0] });
    const { results } = await look(t.b, peer, theirs);
    assert.deepEqual([counts(results), results.solution], [[[1, true, false], [0, false, true], [0, false, false]], 'grass is']);
    await expectError(t.b.op('vote', { peer: chat, id: theirs, options: [1] }), 'REVOTE_NOT_ALLOWED');
    await expectError(t.b.op('vote', { peer: chat, id: theirs, options: [] }), 'REVOTE_NOT_ALLOWED');
    await eventually(async () => assert.deepEqual([(await look(t.a, peer, own)).results.total_voters, counts((await look(t.a, peer, own)).results)], [1, []]));
  }],
  ['polls: ended by the author, or by time', async (t) => {
    const { chat, peer } = await group(t);
    const { own, theirs } = await ask(t, chat);
    await expectError(t.b.op('closePoll', { peer: chat, id: theirs }), 'MESSAGE_AUTHOR_REQUIRED');
    const mark = t.b.mark();
    await t.a.op('closePoll', { peer: chat, id: own });
    const told = await t.b.update((u) => u._ === 'updateMessagePoll' && u.poll?.closed, 'the end', 8000, mark);
    assert.deepEqual(counts(told.results), [[0, false, false], [0, false, false], [0, false, false]]);
    await expectError(t.b.op('vote', { peer: chat, id: theirs, options: [0] }), 'MESSAGE_POLL_CLOSED');
    const timed = await ask(t, chat, { period: 5 });
    const before = t.a.mark();
    await t.b.op('vote', { peer: chat, id: timed.theirs, options: [0] });
    const over = await t.a.update((u) => u._ === 'updateMessagePoll' && u.poll?.closed, 'the end of its time', 15_000, before);
    assert.deepEqual(counts(over.results), [[1, false, false], [0, false, false], [0, false, false]]);
    await expectError(t.b.op('vote', { peer: chat, id: timed.theirs, options: [1] }), 'MESSAGE_POLL_CLOSED');
    assert.equal((await look(t.a, peer, timed.own)).poll.closed, true);
  }],
  ['polls: in a supergroup and in a broadcast', async (t) => {
    for (const broadcast of [false, true]) {
      const { id: chat } = await t.a.op('createChannel', { title: unique('votes'), about: '', broadcast });
      const mark = t.b.mark();
      await t.a.op('addMember', { chat, user: t.bId });
      await t.b.update((u) => u._ === 'updateChannel', 'the channel', 8000, mark);
      const { own: id, theirs } = await ask(t, chat);
      assert.equal(theirs, id, 'a channel has one id for all');
      const [aPeer, bPeer] = [await t.a.op('inputPeer', { peer: chat }), await t.b.op('inputPeer', { peer: chat })];
      const before = t.a.mark();
      await t.b.op('vote', { peer: chat, id, options: [1] });
      const told = await t.a.update((u) => u._ === 'updateMessagePoll', 'the vote', 8000, before);
      assert.deepEqual([Boolean(told.results.min), told.results.total_voters], [true, 1]);
      assert.deepEqual(counts((await look(t.b, bPeer, id)).results), [[0, false, false], [1, true, false], [0, false, false]]);
      assert.deepEqual(counts((await look(t.a, aPeer, id)).results), []);
      await expectError(t.b.op('closePoll', { peer: chat, id }), 'MESSAGE_AUTHOR_REQUIRED');
      await t.a.op('closePoll', { peer: chat, id });
      await expectError(t.b.op('vote', { peer: chat, id, options: [0] }), 'MESSAGE_POLL_CLOSED');
      assert.equal((await look(t.b, bPeer, id)).poll.closed, true);
      if (broadcast) await expectError(t.a.op('sendPoll', { peer: chat, question: 'Who?', answers: ANSWERS, open: true }), 'BROADCAST_PUBLIC_VOTERS_FORBIDDEN');
    }
  }],
  ['polls: in a supergroup, who voted, page by page', async (t) => {
    const { id: chat } = await t.a.op('createChannel', { title: unique('open votes'), about: '', broadcast: false });
    const mark = t.b.mark();
    await t.a.op('addMember', { chat, user: t.bId });
    await t.b.update((u) => u._ === 'updateChannel', 'the channel', 8000, mark);
    const { own: id } = await ask(t, chat, { open: true, multiple: true });
    await t.b.op('vote', { peer: chat, id, options: [0, 2] });
    await t.a.op('vote', { peer: chat, id, options: [2] });
    const [aPeer, bPeer] = [await t.a.op('inputPeer', { peer: chat }), await t.b.op('inputPeer', { peer: chat })];
    const votes = (more = {}) => t.a.call('messages.getPollVotes', { peer: aPeer, id, limit: 1, ...more });
    const first = await votes();
    assert.deepEqual([first.count, first.votes.map((vote) => vote.peer.user_id), first.users.length > 0], [2, [t.aId], true]);
    assert.deepEqual((await votes({ offset: first.next_offset })).votes.map((vote) => vote.peer.user_id), [t.bId]);
    await t.b.op('vote', { peer: chat, id, options: [1] });
    assert.deepEqual(counts((await look(t.b, bPeer, id)).results), [[0, false, false], [1, true, false], [1, false, false]]);
    await t.b.op('vote', { peer: chat, id, options: [] });
    const left = await votes({ limit: 10 });
    assert.deepEqual([left.count, left.votes.map((vote) => vote.peer.user_id)], [1, [t.aId]]);
    const [newest] = await t.a.op('history', { peer: chat, limit: 1 });
    assert.equal(pollIn(newest.raw).results.total_voters, 1);
  }],
  ['polls: to oneself, forwarded; to people refused', async (t) => {
    const { id } = await t.a.op('sendPoll', { peer: 'me', question: unique('Shall I?'), answers: ANSWERS });
    await t.a.op('vote', { peer: 'me', id, options: [0] });
    const saved = await t.a.op('inputPeer', { peer: 'me' });
    assert.deepEqual(counts((await look(t.a, saved, id)).results)[0], [1, true, false]);
    await expectError(t.a.op('sendPoll', { peer: t.bId, question: 'You?', answers: ANSWERS }), 'MEDIA_INVALID');
    await expectError(t.a.op('sendPoll', { peer: 'me', question: 'One?', answers: ['only'] }), 'POLL_ANSWERS_INVALID');
    const mark = t.b.mark();
    await t.a.op('forward', { from: 'me', ids: [id], to: t.bId });
    const told = await t.b.update((u) => incoming(u)?.peer === t.aId && pollIn(incoming(u).raw), 'the poll that was passed on', 8000, mark);
    await t.b.op('vote', { peer: t.aId, id: incoming(told).id, options: [1] });
    const theirs = await t.b.op('inputPeer', { peer: t.aId });
    assert.deepEqual(counts((await look(t.b, theirs, incoming(told).id)).results)[1], [1, true, false]);
  }],
];
