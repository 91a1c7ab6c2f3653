import { applyChange, check, emptyView, type FinalBox, type FinalMessage, type History, type View } from './checker';

const A = 34;
const B = 66;

const message = (id: number, peer: number, content: string, other: Partial<FinalMessage> = {}): FinalMessage => ({
  id, peer, out: true, date: 5, alive: true, content, randomId: '9', uid: { box: A, id }, ...other,
});
const view = (...messages: FinalMessage[]): View => {
  const made = emptyView();
  for (const { id, peer, content, out, date, alive } of messages) if (alive) made.messages.set(id, { peer, content, out, date });
  return made;
};
function box(number: number, peer: number, messages: FinalMessage[], other: Partial<FinalBox> = {}): FinalBox {
  const alive = messages.filter((one) => one.alive);
  const incoming = alive.filter((one) => !one.out).length;
  return {
    box: number, pts: messages.length + 1, firstPts: 1, log: messages.map((_, index) => ({ pts: index + 2, count: 1 })), messages, view: view(...messages),
    dialogs: [{ peer, topId: Math.max(0, ...alive.map((one) => one.id)), unreadCount: incoming, messageCount: alive.length, readInboxMaxId: 0, readOutboxMaxId: 0, pinnedIds: [] }],
    ...other,
  };
}

/** A sent m1#0 to B, acknowledged, and all is well. */
function well(): History {
  return {
    sent: [{ box: A, peer: B, key: 'm1', randomId: '9', dates: [5], delivered: true, acks: [{ id: 2, pts: 2 }] }],
    edits: [], deletes: [], clears: [], reads: [], observations: [],
    boxes: [box(A, B, [message(2, B, 'm1#0')]), box(B, A, [message(2, A, 'm1#0', { out: false, randomId: '0' })])],
    caughtUp: [],
  };
}

describe('the judge', () => {
  test('is content when all is well', () => {
    expect(check(well())).toEqual([]);
  });

  test.each<[string, RegExp, (history: History) => void]>([
    ['a lost message', /I1 box 34: m1 was acknowledged and is not there/, (history) => { history.boxes[0] = box(A, B, []); }],
    ['an undelivered message', /I1 box 66: m1 of 34 never came/, (history) => { history.boxes[1] = box(B, A, []); }],
    ['a message that came twice', /I1 box 66: m1 came 2 times/, (history) => { history.boxes[1] = box(B, A, [2, 3].map((id) => message(id, A, 'm1#0', { out: false, randomId: '0', uid: { box: A, id } }))); }],
    ['a doubled send', /I2 box 34: m1 is there 2 times/, (history) => { history.boxes[0] = box(A, B, [message(2, B, 'm1#0'), message(3, B, 'm1#0')]); }],
    ['two answers', /I2 box 34: m1 was acknowledged as 2 and 7/, (history) => { history.sent[0]?.acks.push({ id: 7, pts: 7 }); }],
    ['a foreign date', /bears a date that nobody gave it/, (history) => { (history.sent[0] as { dates: number[] }).dates = [4]; }],
    ['a gap in pts', /I3 box 34: pts 1 is followed by 3 − 1/, (history) => { Object.assign(history.boxes[0] as FinalBox, { log: [{ pts: 3, count: 1 }], pts: 3 }); }],
    ['an overlap in pts', /I3 box 34: pts 2 is followed by 2 − 1/, (history) => { Object.assign(history.boxes[0] as FinalBox, { log: [{ pts: 2, count: 1 }, { pts: 2, count: 1 }] }); }],
    ['a head that lags', /I3 box 34: rows end at pts 2, the head says 4/, (history) => { (history.boxes[0] as FinalBox).pts = 4; }],
    ['a wrong unread count', /unread count is 0, its messages say 1/, (history) => { Object.assign(history.boxes[1]?.dialogs[0] as object, { unreadCount: 0 }); }],
    ['a pin of nothing', /message 9 is pinned and gone/, (history) => { history.boxes[0]?.dialogs[0]?.pinnedIds.push(9); }],
    ['an undone edit', /I5 box 34: an acknowledged edit of m1 was undone/, (history) => { history.edits.push({ box: A, key: 'm1', content: 'm1#e2', ackPts: 3 }); }],
    ['an undone deletion', /I5 box 66: m1 was deleted by 34 and is there/, (history) => {
      history.deletes.push({ box: A, keys: ['m1'], revoke: true, acked: true });
      history.boxes[0] = box(A, B, [message(2, B, '', { alive: false })]);
    }],
    ['sides that disagree', /I5 boxes 34 and 66 disagree/, (history) => { history.boxes[1] = box(B, A, [message(2, A, 'm1#e7', { out: false, randomId: '0' })]); }],
    ['a read mark that never arrived', /66 has read to 2, it knows of 0/, (history) => { Object.assign(history.boxes[1]?.dialogs[0] as object, { readInboxMaxId: 2, unreadCount: 0 }); }],
    ['another order', /I4 box 66: messages of 34 stand as 9, 2/, (history) => { history.boxes[1] = box(B, A, [9, 2].map((id, index) => message(index + 2, A, `m${id}#0`, { out: false, randomId: '0', uid: { box: A, id } }))); }],
    ['two stories of one pts', /I4 box 34: at pts 2 x saw this, y saw that/, (history) => { history.observations.push({ box: A, pts: 2, what: 'this', by: 'x' }, { box: A, pts: 2, what: 'that', by: 'y' }); }],
    ['a session that lacks something', /I3 box 34 session s: lacks message 2/, (history) => { history.caughtUp.push({ box: A, by: 's', pts: 2, view: emptyView() }); }],
    ['a session that shows what is gone', /I3 box 34 session s: still shows 9/, (history) => { history.caughtUp.push({ box: A, by: 's', pts: 2, view: view(message(2, B, 'm1#0'), message(9, B, 'm9#0')) }); }],
  ])('sees %s', (_, expected, spoil) => {
    const history = well();
    spoil(history);
    expect(check(history).join('\n')).toMatch(expected);
  });

  test('does not blame for what may have been deleted', () => {
    const history = well();
    history.boxes = [box(A, B, []), box(B, A, [])];
    history.clears.push({ box: B, peer: A, revoke: true, acked: false });
    expect(check(history)).toEqual([]);
  });

  test('a client takes changes as clients do', () => {
    const own = view(message(2, B, 'm1#0'), message(3, B, 'm2#0'));
    applyChange(own, { kind: 'pinned', peer: B, ids: [2, 3], pinned: true });
    applyChange(own, { kind: 'edited', id: 3, peer: B, content: 'm2#e1', out: true, date: 5 });
    applyChange(own, { kind: 'deleted', ids: [2] });
    applyChange(own, { kind: 'inboxRead', peer: B, maxId: 7 });
    applyChange(own, { kind: 'inboxRead', peer: B, maxId: 5 });
    expect([...own.messages].map(([id, one]) => [id, one.content])).toEqual([[3, 'm2#e1']]);
    expect([...own.pinned.get(B) ?? []]).toEqual([3]);
    expect(own.readInbox.get(B)).toBe(7);
  });
});
