import { applyChange, describeChange, emptyView, keyOf, type CaughtUp, type Change, type FinalBox, type FinalMessage, type History, type Observation, type Told, type View, type Watch } from './checker';

/**
 * What real clients asked, were answered and saw, as plain events in the order in which they happened, and its reading as facts for the judge of
 * checker.ts. Pure, and plain JSON: the trace of a run can be judged again. TL objects are in TL's own names, as the drivers of tests/conformance
 * report them: `{"_": "updateNewMessage", message: {…}, pts, pts_count}`.
 *
 * A message's text is `key#version …`; its key occurs in no other message.
 */

/** A TL object as JSON. */
export interface TlJson {
  _: string;
  [field: string]: unknown;
}

export type Asked =
  | { op: 'send'; peer: number; key: string; text: string; randomId: string }
  | { op: 'edit'; peer: number; key: string; id: number; text: string }
  | { op: 'delete'; peer: number; keys: string[]; ids: number[]; revoke: boolean }
  | { op: 'read'; peer: number; maxId: number };

/** What an answer says of the box: where the change stands, and the message's place. */
export interface Answer {
  id?: number;
  date?: number;
  pts?: number;
  ptsCount?: number;
}

/** What a library recovers of what it missed: some take only the new messages of a difference, some nothing. */
export type Follows = 'all' | 'messages' | 'nothing';

export type TestimonyEvent = { /** Milliseconds since the start of the run. */ at: number } & (
  /** A library with a login of its own. `once`: it promises to tell its owner of each message one time. */
  | { what: 'session'; session: string; box: number; follows: Follows; once: boolean; /** What was there before it came; default: nothing. */ shown?: FreshLogin }
  /** Every attempt is a call of its own; attempts of one send share its random_id. */
  | { what: 'asked'; call: number; session: string; box: number; request: Asked }
  | { what: 'answered'; call: number; answer: Answer }
  /** An error that says that nothing was done. */
  | { what: 'refused'; call: number; error: string }
  /** A timeout, a lost connection, an error of the server: done or not, nobody knows. */
  | { what: 'unknown'; call: number; error: string }
  | { what: 'update'; session: string; update: TlJson }
  /** What the server told a session by itself, as it came: a library may hold it back, or know it already from a difference that it asked for meanwhile. */
  | { what: 'pushed'; session: string; update: TlJson }
  /** From `from` to `to` these sessions were connected and nothing was disturbed: what they saw must be all. */
  | { what: 'watched'; box: number; by: string; from: number; to: number }
);

/** All that a new login is shown of a box. */
export interface FreshLogin {
  box: number;
  pts: number;
  dialogs: { peer: number; top: number; unread: number; readIn: number; readOut: number; count?: number; pinnedIds?: number[] }[];
  /** `message` and `messageService` objects of all dialogs. */
  messages: TlJson[];
}

/** A state that somebody remembered, with what a login was shown then, and the pages of the difference from it. */
export interface Remembered {
  by: string;
  login: FreshLogin;
  /** `updates.difference`, `…Slice`, `…Empty`, in order. */
  pages: TlJson[];
}

/** Writes login codes and notices of new logins (docs: core.telegram.org/api/auth). */
const SERVICE_ACCOUNT = 777000;

const number = (value: unknown): number => (typeof value === 'number' ? value : typeof value === 'string' ? Number(value.replace(/n$/, '')) : 0);
/** A user's id; of a basic group the number of its box. */
function peerOf(value: unknown): number {
  const peer = value as { user_id?: unknown; chat_id?: unknown } | undefined;
  return peer?.chat_id === undefined ? number(peer?.user_id) : -number(peer.chat_id);
}
const list = (value: unknown): TlJson[] => (Array.isArray(value) ? value as TlJson[] : []);

/** The judge's content of a message: its text, or what a service message is. */
function contentOf(message: TlJson): string {
  if (message._ === 'message') return String(message.message ?? '');
  return `(${(message.action as TlJson | undefined)?._ ?? message._})`;
}
const asChange = (kind: 'message' | 'edited', message: TlJson): Change => ({
  kind, id: number(message.id), peer: peerOf(message.peer_id), content: contentOf(message), out: message.out === true, date: number(message.date),
});

/** A change that an update tells, with its place; undefined for what is not part of a box. */
export function readUpdate(update: TlJson): { change: Change; pts: number; count: number } | undefined {
  const change = ((): Change | undefined => {
    switch (update._) {
      case 'updateNewMessage': return asChange('message', update.message as TlJson);
      case 'updateEditMessage': return asChange('edited', update.message as TlJson);
      case 'updateShortMessage': return { kind: 'message', id: number(update.id), peer: number(update.user_id), content: String(update.message ?? ''), out: update.out === true, date: number(update.date) };
      case 'updateDeleteMessages': return { kind: 'deleted', ids: (update.messages as unknown[]).map(number) };
      case 'updateReadHistoryInbox': return { kind: 'inboxRead', peer: peerOf(update.peer), maxId: number(update.max_id) };
      case 'updateReadHistoryOutbox': return { kind: 'outboxRead', peer: peerOf(update.peer), maxId: number(update.max_id) };
      case 'updatePinnedMessages': return { kind: 'pinned', peer: peerOf(update.peer), ids: (update.messages as unknown[]).map(number), pinned: update.pinned === true };
      case 'updateFolderPeers': return { kind: 'folders', peers: list(update.folder_peers).map((entry) => ({ peer: peerOf(entry.peer), archived: entry.folder_id === 1 })) };
      default: return undefined;
    }
  })();
  return change === undefined ? undefined : { change, pts: number(update.pts), count: number(update.pts_count) };
}

/** What a login is shown, as a view. */
export function viewOf(login: FreshLogin): View {
  const view = emptyView();
  for (const message of login.messages) applyChange(view, asChange('message', message));
  for (const { peer, readIn, readOut, pinnedIds } of login.dialogs) {
    if (readIn > 0) view.readInbox.set(peer, readIn);
    if (readOut > 0) view.readOutbox.set(peer, readOut);
    if (pinnedIds !== undefined && pinnedIds.length > 0) view.pinned.set(peer, new Set(pinnedIds));
  }
  return view;
}

/** A login's view after a difference that was asked for by pages. */
export function caughtUpOf(box: number, { by, login, pages }: Remembered): CaughtUp {
  const view = viewOf(login);
  let { pts } = login;
  for (const page of pages) {
    for (const message of list(page.new_messages)) applyChange(view, asChange('message', message));
    for (const update of list(page.other_updates)) {
      const read = readUpdate(update);
      if (read !== undefined) applyChange(view, read.change);
    }
    const state = (page.state ?? page.intermediate_state) as { pts?: unknown } | undefined;
    if (state !== undefined) pts = number(state.pts);
  }
  return { box, by, pts, view };
}

interface Session {
  box: number;
  follows: Follows;
  once: boolean;
  view: View;
  /** pts of the newest change that a message shows, where it was told. */
  contentPts: Map<number, number>;
  /** Ids are never given again: what was deleted does not come back by an answer that was under way. */
  gone: Set<number>;
  told: Map<number, number>;
}

/** Takes a change as a client does whose answers and updates come over two ways: an older content does not replace a newer one. */
function take(session: Session, change: Change, pts: number): void {
  if (change.kind === 'message' || change.kind === 'edited') {
    const before = session.contentPts.get(change.id) ?? 0;
    if (session.gone.has(change.id) || (pts > 0 && pts < before)) return;
    if (pts > 0) session.contentPts.set(change.id, pts);
  } else if (change.kind === 'deleted') for (const id of change.ids) session.gone.add(id);
  applyChange(session.view, change);
}

/**
 * The facts of a run for `check`.
 * @param options.settled false while clients may still be catching up: what their sessions show is left out
 */
export function historyOf(events: readonly TestimonyEvent[], logins: readonly FreshLogin[], remembered: readonly Remembered[] = [], options: { settled?: boolean } = {}): History {
  const history: Required<History> = { sent: [], edits: [], deletes: [], clears: [], reads: [], observations: [], boxes: [], caughtUp: [], watches: [], told: [] };
  const sessions = new Map<string, Session>();
  const sends = new Map<string, { fact: History['sent'][number]; text: string; attempts: number; refusals: number }>();
  const calls = new Map<number, { session: string; box: number; request: Asked; edit?: History['edits'][number]; done?: { acked: boolean } }>();
  const observe = (observation: Observation): void => void history.observations.push(observation);

  for (const event of events) {
    switch (event.what) {
      case 'session':
        sessions.set(event.session, { box: event.box, follows: event.follows, once: event.once, view: event.shown === undefined ? emptyView() : viewOf(event.shown), contentPts: new Map(), gone: new Set(), told: new Map() });
        break;
      case 'asked': {
        const { request, box, session } = event;
        const call: NonNullable<ReturnType<typeof calls.get>> = { session, box, request };
        calls.set(event.call, call);
        if (request.op === 'send') {
          const send = sends.get(request.key) ?? { fact: { box, peer: request.peer, key: request.key, randomId: request.randomId, dates: [], delivered: request.peer !== box, acks: [] }, text: request.text, attempts: 0, refusals: 0 };
          if (send.attempts === 0) history.sent.push(send.fact);
          send.attempts += 1;
          sends.set(request.key, send);
        } else if (request.op === 'edit') {
          call.edit = { box, key: request.key, content: request.text };
          history.edits.push(call.edit);
        } else if (request.op === 'delete') {
          const fact = { box, keys: request.keys, revoke: request.revoke, acked: false };
          history.deletes.push(fact);
          call.done = fact;
        } else {
          const fact = { box, peer: request.peer, maxId: request.maxId, acked: false };
          history.reads.push(fact);
          call.done = fact;
        }
        break;
      }
      case 'answered': {
        const call = calls.get(event.call);
        if (call !== undefined) answered(call, event.answer);
        break;
      }
      case 'refused': {
        const call = calls.get(event.call);
        if (call?.request.op === 'send') {
          const send = sends.get(call.request.key);
          if (send !== undefined) send.refusals += 1;
        } else if (call?.edit !== undefined) history.edits.splice(history.edits.indexOf(call.edit), 1);
        break;
      }
      case 'update': {
        const session = sessions.get(event.session);
        const read = readUpdate(event.update);
        if (session === undefined || read === undefined) break;
        take(session, read.change, read.pts);
        if (read.change.kind === 'message' && !read.change.out) session.told.set(read.change.id, (session.told.get(read.change.id) ?? 0) + 1);
        if (read.pts > 0) observe({ box: session.box, pts: read.pts, count: read.count, what: describeChange(read.change), by: event.session });
        break;
      }
      case 'pushed': {
        const session = sessions.get(event.session);
        const read = readUpdate(event.update);
        if (session !== undefined && read !== undefined && read.pts > 0) observe({ box: session.box, pts: read.pts, count: read.count, what: describeChange(read.change), by: event.session });
        break;
      }
      case 'watched':
        history.watches.push({ box: event.box, by: event.by, from: event.from, to: event.to } satisfies Watch);
        break;
      case 'unknown':
    }
  }

  function answered(call: NonNullable<ReturnType<typeof calls.get>>, answer: Answer): void {
    const { request, box } = call;
    const session = sessions.get(call.session);
    const { pts = 0, ptsCount } = answer;
    let change: Change;
    switch (request.op) {
      case 'send': {
        const send = sends.get(request.key);
        if (answer.id === undefined) return;
        send?.fact.acks.push({ id: answer.id, pts });
        change = { kind: 'message', id: answer.id, peer: request.peer, content: request.text, out: true, date: answer.date ?? 0 };
        break;
      }
      case 'edit':
        if (call.edit !== undefined && pts > 0) call.edit.ackPts = pts;
        change = { kind: 'edited', id: request.id, peer: request.peer, content: request.text, out: true, date: session?.view.messages.get(request.id)?.date ?? 0 };
        break;
      case 'delete':
        if (call.done !== undefined) call.done.acked = true;
        change = { kind: 'deleted', ids: request.ids };
        break;
      case 'read':
        if (call.done !== undefined) call.done.acked = true;
        change = { kind: 'inboxRead', peer: request.peer, maxId: request.maxId };
    }
    // A repeated send is answered as at first, whatever was edited since.
    const known = session?.contentPts.has(answer.id ?? 0) === true;
    if (session !== undefined && !(request.op === 'send' && known) && !(request.op === 'edit' && !session.view.messages.has(request.id))) take(session, change, pts);
    // An answer that says of part of the request that it was done already tells no change of that kind.
    const whole = ptsCount === (request.op === 'delete' ? request.ids.length : 1);
    if (pts > 0 && whole) observe({ box, pts, count: ptsCount, what: describeChange(change), by: call.session });
  }

  for (const { fact, attempts, refusals } of sends.values()) if (refusals === attempts) fact.refused = true;
  for (const login of logins) history.boxes.push(finalBox(login, history));
  if (options.settled !== false) {
    for (const [by, session] of sessions) {
      if (session.follows !== 'nothing' && logins.some((login) => login.box === session.box)) history.caughtUp.push({ box: session.box, by, view: session.view, messagesOnly: session.follows === 'messages' });
      if (session.once) for (const [id, times] of session.told) history.told.push({ box: session.box, by, id, times } satisfies Told);
    }
  }
  for (const one of remembered) history.caughtUp.push(caughtUpOf(one.login.box, one));
  nameOrigins(history);
  return history;
}

function finalBox(login: FreshLogin, history: History): FinalBox {
  const sentByKey = new Map(history.sent.map((sent) => [sent.key, sent]));
  const messages = login.messages.map((message): FinalMessage => {
    const content = contentOf(message);
    const sent = sentByKey.get(keyOf(content));
    const id = number(message.id);
    return { id, peer: peerOf(message.peer_id), out: message.out === true, date: number(message.date), alive: true, content, randomId: sent?.randomId ?? '', uid: { box: sent?.box ?? login.box, id } };
  });
  const dialogs = login.dialogs.map(({ peer, top, unread, readIn, readOut, count, pinnedIds }) => ({
    peer, topId: top, unreadCount: unread, messageCount: count ?? messages.filter((message) => message.peer === peer).length, readInboxMaxId: readIn, readOutboxMaxId: readOut, pinnedIds: pinnedIds ?? [],
  }));
  return { box: login.box, pts: login.pts, firstPts: 1, messages, dialogs, view: viewOf(login) };
}

/** Clients don't see which message of one box is which of another: the texts tell. */
function nameOrigins(history: History): void {
  const ids = new Map<string, number>();
  for (const box of history.boxes) for (const message of box.messages) if (message.uid.box === box.box) ids.set(keyOf(message.content), message.id);
  for (const sent of history.sent) for (const { id } of sent.acks) if (!ids.has(sent.key)) ids.set(sent.key, id);
  for (const box of history.boxes) {
    // One that nobody can name the original of stands for itself: it takes part in nothing that compares originals.
    for (const message of box.messages) if (message.uid.box !== box.box) message.uid = ids.has(keyOf(message.content)) ? { box: message.uid.box, id: ids.get(keyOf(message.content)) as number } : { box: box.box, id: message.id };
  }
}

/** Texts that were found and that nobody sent. Service messages are nobody's, and the service account writes by itself. */
export function strangers(history: History): string[] {
  const keys = new Set(history.sent.map((sent) => sent.key));
  return history.boxes.flatMap((box) => box.messages.filter((message) => message.peer !== SERVICE_ACCOUNT && !message.content.startsWith('(') && !keys.has(keyOf(message.content))).map((message) => `I1 box ${box.box}: message ${message.id} "${message.content.slice(0, 40)}" was sent by nobody`));
}
