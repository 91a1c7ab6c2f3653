import { check } from './checker';
import { caughtUpOf, historyOf, strangers, type Asked, type FreshLogin, type Remembered, type TestimonyEvent, type TlJson } from './testimony';

const A = 34;
const B = 66;

const tlMessage = (id: number, peer: number, text: string, out: boolean): TlJson => ({ _: 'message', id, peer_id: { _: 'peerUser', user_id: peer }, message: text, out, date: 5 });
const newMessage = (message: TlJson, pts: number): TlJson => ({ _: 'updateNewMessage', message, pts, pts_count: 1 });
const edit = (message: TlJson, pts: number): TlJson => ({ _: 'updateEditMessage', message, pts, pts_count: 1 });

interface Run {
  events: TestimonyEvent[];
  logins: FreshLogin[];
  remembered: Remembered[];
}
const dialog = (peer: number, messages: TlJson[], other: Partial<FreshLogin['dialogs'][number]> = {}): FreshLogin['dialogs'][number] => ({
  peer, top: Math.max(0, ...messages.map((message) => message.id as number)), unread: messages.filter((message) => message.out !== true).length, readIn: 0, readOut: 0, count: messages.length, ...other,
});

/** A sends m1, m2 to B, edits m1; B's library hears all of it, A has a second session; all is well. Spoilers change one thing. */
function well(): Run {
  const asked = (call: number, request: Asked): TestimonyEvent => ({ at: call, what: 'asked', call, session: 'a', box: A, request });
  const own = [tlMessage(2, B, 'm1#e1', true), tlMessage(3, B, 'm2#0', true)];
  const theirs = [tlMessage(2, A, 'm1#e1', false), tlMessage(3, A, 'm2#0', false)];
  return {
    events: [
      { at: 0, what: 'session', session: 'a', box: A, follows: 'all', once: true },
      { at: 0, what: 'session', session: 'a2', box: A, follows: 'all', once: true },
      { at: 0, what: 'session', session: 'b', box: B, follows: 'all', once: true },
      asked(1, { op: 'send', peer: B, key: 'm1', text: 'm1#0', randomId: '71' }),
      { at: 1, what: 'answered', call: 1, answer: { id: 2, date: 5, pts: 2, ptsCount: 1 } },
      { at: 1, what: 'update', session: 'a2', update: newMessage(tlMessage(2, B, 'm1#0', true), 2) },
      { at: 1, what: 'update', session: 'b', update: newMessage(tlMessage(2, A, 'm1#0', false), 2) },
      asked(2, { op: 'send', peer: B, key: 'm2', text: 'm2#0', randomId: '72' }),
      { at: 2, what: 'unknown', call: 2, error: 'timeout' },
      asked(3, { op: 'send', peer: B, key: 'm2', text: 'm2#0', randomId: '72' }),
      { at: 3, what: 'answered', call: 3, answer: { id: 3, date: 5, pts: 3, ptsCount: 1 } },
      { at: 3, what: 'update', session: 'a2', update: newMessage(tlMessage(3, B, 'm2#0', true), 3) },
      { at: 3, what: 'update', session: 'b', update: newMessage(tlMessage(3, A, 'm2#0', false), 3) },
      asked(4, { op: 'edit', peer: B, key: 'm1', id: 2, text: 'm1#e1' }),
      { at: 4, what: 'answered', call: 4, answer: { pts: 4, ptsCount: 1 } },
      { at: 4, what: 'update', session: 'a2', update: edit(own[0] as TlJson, 4) },
      { at: 4, what: 'update', session: 'b', update: edit(theirs[0] as TlJson, 4) },
      { at: 5, what: 'watched', box: A, by: 'a', from: 1, to: 4 },
      { at: 5, what: 'watched', box: B, by: 'b', from: 1, to: 4 },
    ],
    logins: [
      { box: A, pts: 4, dialogs: [dialog(B, own)], messages: own },
      { box: B, pts: 4, dialogs: [dialog(A, theirs)], messages: theirs },
    ],
    remembered: [{
      by: 'b from 2', login: { box: B, pts: 2, dialogs: [dialog(A, [tlMessage(2, A, 'm1#0', false)])], messages: [tlMessage(2, A, 'm1#0', false)] },
      pages: [
        { _: 'updates.differenceSlice', new_messages: [theirs[1]], other_updates: [], intermediate_state: { _: 'updates.state', pts: 3 } },
        { _: 'updates.difference', new_messages: [], other_updates: [edit(theirs[0] as TlJson, 4)], state: { _: 'updates.state', pts: 4 } },
      ],
    }],
  };
}
const judge = ({ events, logins, remembered }: Run): string[] => {
  const history = historyOf(events, logins, remembered);
  return [...check(history), ...strangers(history)];
};

/** The fresh login of a box shows these messages instead. */
function shows(run: Run, box: number, messages: TlJson[]): void {
  const login = run.logins.find((candidate) => candidate.box === box) as FreshLogin;
  login.messages = messages;
  login.dialogs = [dialog(box === A ? B : A, messages)];
}
const without = (run: Run, test: (event: TestimonyEvent) => boolean): void => { run.events = run.events.filter((event) => !test(event)); };
const updatesOf = (session: string, pts: number) => (event: TestimonyEvent): boolean => event.what === 'update' && event.session === session && event.update.pts === pts;

describe('a judged testimony', () => {
  test('is clean when all is well', () => {
    expect(judge(well())).toEqual([]);
  });

  test.each<[string, RegExp, (run: Run) => void]>([
    ['a lost message', /I1 box 34: m2 was acknowledged and is not there/, (run) => shows(run, A, [tlMessage(2, B, 'm1#e1', true)])],
    ['a message that never came', /I1 box 66: m2 of 34 never came/, (run) => shows(run, B, [tlMessage(2, A, 'm1#e1', false)])],
    ['a message that came twice', /I1 box 66: m2 came 2 times/, (run) => shows(run, B, [tlMessage(2, A, 'm1#e1', false), tlMessage(3, A, 'm2#0', false), tlMessage(5, A, 'm2#0', false)])],
    ['a retry that became a second message', /I2 box 34: m2 is there 2 times/, (run) => shows(run, A, [tlMessage(2, B, 'm1#e1', true), tlMessage(3, B, 'm2#0', true), tlMessage(5, B, 'm2#0', true)])],
    ['an unknown send that is there twice', /I6 box 34: m2 is there 2 times/, (run) => {
      without(run, (event) => event.what === 'answered' && event.call === 3);
      shows(run, A, [tlMessage(2, B, 'm1#e1', true), tlMessage(3, B, 'm2#0', true), tlMessage(5, B, 'm2#0', true)]);
    }],
    ['two answers to one random_id', /I2 box 34: m1 was acknowledged as 2 and 9/, (run) => void run.events.push(
      { at: 9, what: 'asked', call: 9, session: 'a', box: A, request: { op: 'send', peer: B, key: 'm1', text: 'm1#0', randomId: '71' } }, { at: 9, what: 'answered', call: 9, answer: { id: 9, pts: 9, ptsCount: 1 } })],
    ['a refusal that was none', /I6 box 34: m3 was refused and is there/, (run) => {
      run.events.push({ at: 9, what: 'asked', call: 9, session: 'a', box: A, request: { op: 'send', peer: B, key: 'm3', text: 'm3#0', randomId: '73' } }, { at: 9, what: 'refused', call: 9, error: '400 PEER_ID_INVALID' });
      shows(run, A, [tlMessage(2, B, 'm1#e1', true), tlMessage(3, B, 'm2#0', true), tlMessage(5, B, 'm3#0', true)]);
    }],
    ['another order', /I4 box 66: messages of 34 stand as 3, 2/, (run) => shows(run, B, [tlMessage(2, A, 'm2#0', false), tlMessage(3, A, 'm1#e1', false)])],
    ['an undone edit', /I5 box 34: an acknowledged edit of m1 was undone/, (run) => shows(run, A, [tlMessage(2, B, 'm1#0', true), tlMessage(3, B, 'm2#0', true)])],
    ['sides that disagree', /I5 boxes 34 and 66 disagree/, (run) => shows(run, B, [tlMessage(2, A, 'm1#0', false), tlMessage(3, A, 'm2#0', false)])],
    ['an undone deletion', /I5 box 66: m2 was deleted by 34 and is there/, (run) => {
      run.events.push({ at: 9, what: 'asked', call: 9, session: 'a', box: A, request: { op: 'delete', peer: B, keys: ['m2'], ids: [3], revoke: true } }, { at: 9, what: 'answered', call: 9, answer: { pts: 5, ptsCount: 1 } });
      shows(run, A, [tlMessage(2, B, 'm1#e1', true)]);
    }],
    ['an undone read', /I5 box 66: dialog 34 was read to 3 and is read to 0/, (run) => void run.events.push(
      { at: 9, what: 'asked', call: 9, session: 'b', box: B, request: { op: 'read', peer: A, maxId: 3 } }, { at: 9, what: 'answered', call: 9, answer: { pts: 5, ptsCount: 1 } })],
    ['a read that the other side never learned of', /66 has read to 3, it knows of 0/, (run) => { Object.assign(run.logins[1]?.dialogs[0] as object, { readIn: 3, unread: 0 }); }],
    ['a wrong unread count', /I5 box 66 dialog 34: unread count is 7, its messages say 2/, (run) => { Object.assign(run.logins[1]?.dialogs[0] as object, { unread: 7 }); }],
    ['a message that nobody sent', /I1 box 66: message 9 "ghost#0" was sent by nobody/, (run) => shows(run, B, [tlMessage(2, A, 'm1#e1', false), tlMessage(3, A, 'm2#0', false), tlMessage(9, A, 'ghost#0', false)])],
    ['a gap in pts', /I3 box 66 watched by b: pts 2 is followed by 4 − 1/, (run) => without(run, updatesOf('b', 3))],
    ['pts that stop early', /I3 box 66 watched by b: nothing was seen between pts 3 and 4/, (run) => without(run, updatesOf('b', 4))],
    ['an overlap in pts', /I3 box 66: the change at pts 3 takes 2, the one before it is at 2/, (run) => {
      for (const event of run.events) if (updatesOf('b', 3)(event)) Object.assign((event as { update: object }).update, { pts_count: 2 });
    }],
    ['two stories of one pts', /I4 box 34: at pts 3 a saw message 3 m2 with 66, a2 saw deletion of 8/, (run) => {
      for (const event of run.events) if (updatesOf('a2', 3)(event)) Object.assign(event, { update: { _: 'updateDeleteMessages', messages: [8], pts: 3, pts_count: 1 } });
    }],
    ['a session that was never told', /I3 box 66 session b: lacks message 3 m2#0/, (run) => without(run, updatesOf('b', 3))],
    ['a session that was told twice', /I3 box 66 session b: was told 2 times of message 3/, (run) => void run.events.push({ at: 9, what: 'update', session: 'b', update: newMessage(tlMessage(3, A, 'm2#0', false), 0) })],
    ['a session that missed an edit', /I3 box 66 session b: shows m1#0 for m1#e1/, (run) => without(run, updatesOf('b', 4))],
    ['a difference that left something out', /I3 box 66 session b from 2: lacks message 3/, (run) => { Object.assign(run.remembered[0]?.pages[0] as TlJson, { new_messages: [] }); }],
    ['a difference that ends elsewhere', /I3 box 66 session b from 2: caught up to pts 3, the head says 4/, (run) => { (run.remembered[0] as Remembered).pages.pop(); }],
  ])('sees %s', (_, expected, spoil) => {
    const run = well();
    spoil(run);
    expect(judge(run).join('\n')).toMatch(expected);
  });

  test('an answer that comes late does not bring back what was deleted', () => {
    const run = well();
    run.events.splice(11, 0, { at: 3, what: 'update', session: 'a', update: { _: 'updateDeleteMessages', messages: [3], pts: 0, pts_count: 0 } });
    const { caughtUp } = historyOf(run.events, run.logins);
    const [answered] = run.events.flatMap((event, index) => (event.what === 'answered' && event.call === 3 ? [index] : []));
    expect(answered).toBeLessThan(11);
    expect(caughtUp.find(({ by }) => by === 'a')?.view.messages.has(3)).toBe(false);
    run.events.push({ at: 9, what: 'answered', call: 3, answer: { id: 3, date: 5, pts: 3, ptsCount: 1 } });
    expect(historyOf(run.events, run.logins).caughtUp.find(({ by }) => by === 'a')?.view.messages.has(3)).toBe(false);
  });

  test('what was pushed counts as told, though the library had asked for the difference before it came', () => {
    const run = well();
    without(run, updatesOf('b', 3));
    // By the difference: without its place.
    run.events.push({ at: 9, what: 'update', session: 'b', update: newMessage(tlMessage(3, A, 'm2#0', false), 0) });
    expect(judge(run).join('\n')).toMatch(/I3 box 66 watched by b: pts 2 is followed by 4 − 1/);
    run.events.push({ at: 9, what: 'pushed', session: 'b', update: newMessage(tlMessage(3, A, 'm2#0', false), 3) });
    expect(judge(run)).toEqual([]);
  });

  test('while clients still catch up, only what is stored is judged', () => {
    const run = well();
    without(run, updatesOf('b', 3));
    without(run, (event) => event.what === 'watched');
    expect(check(historyOf(run.events, run.logins, [], { settled: false }))).toEqual([]);
  });

  test('of a library that takes only messages from differences no more is asked', () => {
    const run = well();
    for (const event of run.events) if (event.what === 'session' && event.session === 'b') event.follows = 'messages';
    without(run, (event) => event.what === 'watched');
    without(run, updatesOf('b', 4));
    expect(judge(run)).toEqual([]);
    without(run, updatesOf('b', 3));
    expect(judge(run).join('\n')).toMatch(/session b: lacks message 3/);
  });

  test('a difference is applied page by page', () => {
    const [one] = well().remembered as [Remembered];
    const caughtUp = caughtUpOf(B, one);
    expect(caughtUp.pts).toBe(4);
    expect([...caughtUp.view.messages.values()].map(({ content }) => content)).toEqual(['m1#e1', 'm2#0']);
  });
});
