import type { FinalBox, FinalMessage } from './checker';
import { checkReactions } from './reaction-checker';

const [A, B] = [98, 130];
const message = (id: number, reactions: [number, string][], more: Partial<FinalMessage> = {}): FinalMessage => ({
  id, peer: B, out: true, date: 1, alive: true, content: 'm#0', randomId: '1', uid: { box: A, id: 7 }, reactions: new Map(reactions), ...more,
});
const box = (owner: number, messages: FinalMessage[]): FinalBox => ({ box: owner, messages, dialogs: [], pts: 1, firstPts: 1, view: { messages: new Map(), readInbox: new Map(), readOutbox: new Map(), pinned: new Map(), archived: new Set() } });

test('copies that agree, and what was acknowledged, are right', () => {
  const facts = [{ box: A, id: 7, emoji: 'x', ackPts: 3 }, { box: A, id: 7, emoji: 'y', ackPts: 9 }];
  expect(checkReactions([box(A, [message(7, [[A, 'y']])]), box(B, [message(4, [[A, 'y']])])], [], facts)).toEqual([]);
});

test.each<[string, FinalBox[], string]>([
  ['an older one', [box(A, [message(7, [[A, 'x']])])], 'R1'],
  ['one that is gone', [box(A, [message(7, [])])], 'R1'],
  ['copies that differ', [box(A, [message(7, [[A, 'y']])]), box(B, [message(4, [])])], 'R2'],
])('%s is found', (_, boxes, what) => {
  expect(checkReactions(boxes, [], [{ box: A, id: 7, emoji: 'x', ackPts: 3 }, { box: A, id: 7, emoji: 'y', ackPts: 9 }])[0]).toContain(what);
});

test('who was away is not asked', () => {
  const group = { group: -5, memberCount: 1, version: 1, destroyed: false, log: [], members: [{ user: A, left: false, kicked: false, sinceId: 0 }, { user: B, left: false, kicked: false, sinceId: 8 }], views: [] };
  const copies = [box(A, [message(7, [[A, 'x']], { peer: -5, uid: { box: -5, id: 7 } })]), box(B, [message(4, [], { peer: -5, uid: { box: -5, id: 7 } })])];
  expect(checkReactions(copies, [group], [{ box: A, id: 7, emoji: 'x' }])).toEqual([]);
});
