import type { FinalBox, FinalMessage } from './checker';
import { checkPolls } from './poll-checker';

const [A, B] = [98, 130];
const message = (id: number, votes: [number, number][], { closed = false, final = false } = {}): FinalMessage => ({
  id, peer: B, out: true, date: 1, alive: true, content: 'm#0', randomId: '1', uid: { box: A, id: 7 }, poll: { votes: new Map(votes), closed, final },
});
const box = (owner: number, messages: FinalMessage[]): FinalBox => ({ box: owner, messages, dialogs: [], pts: 1, firstPts: 1, view: { messages: new Map(), readInbox: new Map(), readOutbox: new Map(), pinned: new Map(), archived: new Set() } });
const facts = [{ box: A, id: 7, options: 1, ackVersion: 3n }, { box: A, id: 7, options: 2, ackVersion: 9n }];

test('copies that agree, and what was acknowledged, are right', () => {
  expect(checkPolls([box(A, [message(7, [[A, 2]])]), box(B, [message(4, [[A, 2]])])], [], facts)).toEqual([]);
  expect(checkPolls([box(A, [message(7, [[A, 4]])])], [], [...facts, { box: A, id: 7, options: 4 }])).toEqual([]);
  expect(checkPolls([box(A, [message(7, [[A, 1]], { final: true })])], [], facts.slice(0, 1))).toEqual([]);
});

test.each<[string, FinalBox[], string]>([
  ['an older vote', [box(A, [message(7, [[A, 1]])])], 'P1'],
  ['a vote that is gone', [box(A, [message(7, [])])], 'P1'],
  ['a final vote that was changed', [box(A, [message(7, [[A, 2]], { final: true })])], 'P1'],
  ['copies that differ', [box(A, [message(7, [[A, 2]])]), box(B, [message(4, [])])], 'P2'],
  ['an end that one box lacks', [box(A, [message(7, [[A, 2]])]), box(B, [message(4, [[A, 2]], { closed: true })])], 'P2'],
])('%s is found', (_, boxes, what) => {
  expect(checkPolls(boxes, [], facts)[0]).toContain(what);
});
