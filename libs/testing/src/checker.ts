/**
 * The judge of the invariants I1–I6 (I1 every acknowledged message is at both sides exactly once; I2 one message per sender and random_id;
 * I3 pts without gap, a difference equals a fresh login; I4 one order for all; I5 nothing acknowledged is undone; I6 a retried send is at
 * most one message). Pure: it is told what clients asked and were answered, what they saw, and what is there in the end, and says what
 * contradicts what. Used by the simulator, and through `testimony.ts` by all tests with real clients; facts that a test can't have are left out.
 *
 * A message is named by its `key`, a text that occurs in nothing else; its content is `key#version`, so that copies and edits of it
 * are recognised wherever they turn up.
 */

/** A send or a notice, over all its attempts. */
export interface SentFact {
  box: number;
  peer: number;
  key: string;
  randomId: string;
  /** Unix seconds of its attempts; the message bears that of one of them. Empty where the test does not choose them. */
  dates: number[];
  /** Every attempt was refused by an error that says that nothing was done. */
  refused?: boolean;
  /** Goes to the peer's box too. */
  delivered: boolean;
  acks: { id: number; pts: number }[];
}
export interface EditFact {
  box: number;
  key: string;
  content: string;
  /** pts in the editor's box, if it was answered. */
  ackPts?: number;
}
export interface DeleteFact {
  box: number;
  keys: string[];
  revoke: boolean;
  acked: boolean;
}
export interface ClearFact {
  box: number;
  peer: number;
  revoke: boolean;
  acked: boolean;
}
export interface ReadFact {
  box: number;
  peer: number;
  maxId: number;
  acked: boolean;
}

/** What a client knows of a box; also what a fresh login is told. `reactions`: who feels what about a message, where the test looks at that. */
export interface View {
  messages: Map<number, { peer: number; content: string; out: boolean; date: number; reactions?: string }>;
  readInbox: Map<number, number>;
  readOutbox: Map<number, number>;
  pinned: Map<number, Set<number>>;
  /** Peers whose dialogs are in the archive. */
  archived: Set<number>;
}
export function emptyView(): View {
  return { messages: new Map(), readInbox: new Map(), readOutbox: new Map(), pinned: new Map(), archived: new Set() };
}

/** One change as sessions and differences tell it. */
export type Change =
  | { kind: 'message' | 'edited'; id: number; peer: number; content: string; out: boolean; date: number; reactions?: string }
  | { kind: 'deleted'; ids: number[] }
  | { kind: 'inboxRead' | 'outboxRead'; peer: number; maxId: number }
  | { kind: 'pinned'; peer: number; ids: number[]; pinned: boolean }
  | { kind: 'folders'; peers: { peer: number; archived: boolean }[] }
  | { kind: 'other' };

/** Takes a change into a view, as a client does. */
export function applyChange(view: View, change: Change): void {
  switch (change.kind) {
    case 'message':
    case 'edited':
      view.messages.set(change.id, { peer: change.peer, content: change.content, out: change.out, date: change.date, reactions: change.reactions });
      return;
    case 'deleted':
      for (const id of change.ids) {
        view.messages.delete(id);
        for (const ids of view.pinned.values()) ids.delete(id);
      }
      return;
    case 'inboxRead':
    case 'outboxRead': {
      const marks = change.kind === 'inboxRead' ? view.readInbox : view.readOutbox;
      marks.set(change.peer, Math.max(marks.get(change.peer) ?? 0, change.maxId));
      return;
    }
    case 'pinned': {
      const ids = view.pinned.get(change.peer) ?? new Set<number>();
      for (const id of change.ids) if (change.pinned) ids.add(id); else ids.delete(id);
      view.pinned.set(change.peer, ids);
      return;
    }
    case 'folders':
      for (const { peer, archived } of change.peers) if (archived) view.archived.add(peer); else view.archived.delete(peer);
      return;
    case 'other':
  }
}

/** Somebody saw that change at that pts of that box. */
export interface Observation {
  box: number;
  pts: number;
  /** How many pts the change takes, where it was told. */
  count?: number;
  what: string;
  by: string;
}
/** A session watched a box from one pts to another without a break: what all saw in between must leave no gap. */
export interface Watch {
  box: number;
  from: number;
  to: number;
  by: string;
}
/** How often a client's library told its owner of a new message that somebody else wrote. */
export interface Told {
  box: number;
  by: string;
  id: number;
  times: number;
}
/** What an observation says of a change: nothing that a later edit alters. */
export function describeChange(change: Change): string {
  switch (change.kind) {
    case 'message': return `message ${change.id} ${keyOf(change.content)} with ${change.peer}`;
    case 'edited': return `edit of ${change.id}`;
    case 'deleted': return `deletion of ${change.ids.join(',')}`;
    case 'inboxRead':
    case 'outboxRead': return `${change.kind} ${change.peer} ${change.maxId}`;
    case 'pinned': return `${change.pinned ? 'pin' : 'unpin'} ${change.peer} ${change.ids.join(',')}`;
    case 'folders': return `folders ${change.peers.map(({ peer, archived }) => `${peer} ${archived ? 'archived' : 'back'}`).join(',')}`;
    case 'other': return 'other';
  }
}

/** A row of a box's log: what takes pts (pts − count, pts]. */
export interface LogEntry {
  pts: number;
  count: number;
}
export interface FinalMessage {
  id: number;
  peer: number;
  out: boolean;
  date: number;
  alive: boolean;
  content: string;
  randomId: string;
  uid: { box: number; id: number };
  /** By user: what they feel about it. */
  reactions?: ReadonlyMap<number, string>;
  /** Of a poll: votes by user, as bit sets of answers; whether votes can't be changed. */
  poll?: { votes: ReadonlyMap<number, number>; closed: boolean; final: boolean };
}
export interface FinalDialog {
  peer: number;
  topId: number;
  unreadCount: number;
  messageCount: number;
  readInboxMaxId: number;
  readOutboxMaxId: number;
  pinnedIds: number[];
}
export interface FinalBox {
  box: number;
  pts: number;
  /** pts before anything happened. */
  firstPts: number;
  log?: LogEntry[];
  /** Deleted ones too, where they are known. */
  messages: FinalMessage[];
  dialogs: FinalDialog[];
  /** As a fresh login is told. */
  view: View;
}
/** What somebody holds after catching up from what it remembered. */
export interface CaughtUp {
  box: number;
  by: string;
  /** Left out where a library keeps it to itself. */
  pts?: number;
  /** It is known to lose other changes than new messages: only that it has every message is asked of it. */
  messagesOnly?: boolean;
  view: View;
}

export interface History {
  sent: SentFact[];
  edits: EditFact[];
  deletes: DeleteFact[];
  clears: ClearFact[];
  reads: ReadFact[];
  observations: Observation[];
  boxes: FinalBox[];
  caughtUp: CaughtUp[];
  watches?: Watch[];
  told?: Told[];
}

export const keyOf = (content: string): string => content.split('#')[0] as string;

/** What contradicts the invariants, each with the invariant's name; empty when all hold. At most `limit`. */
export function check(history: History, limit = 20): string[] {
  const found: string[] = [];
  const report = (text: string): void => { if (found.length < limit) found.push(text); };
  const boxes = new Map(history.boxes.map((box) => [box.box, box]));
  for (const box of history.boxes) {
    checkLog(box, report);
    checkDialogs(box, report);
  }
  checkSends(history, boxes, report);
  checkEdits(history, boxes, report);
  checkDeletes(history, boxes, report);
  checkReads(history, boxes, report);
  checkCopies(history, report);
  checkOrder(history, boxes, report);
  checkObservations(history, report);
  checkOverlap(history, report);
  for (const watch of history.watches ?? []) checkWatch(watch, history, report);
  for (const { box, by, id, times } of history.told ?? []) if (times > 1) report(`I3 box ${box} session ${by}: was told ${times} times of message ${id}`);
  for (const caughtUp of history.caughtUp) {
    const box = boxes.get(caughtUp.box);
    if (box !== undefined) checkCaughtUp(caughtUp, box, report);
  }
  return found;
}

type Report = (text: string) => void;

/** I3: pts without gap or overlap from the beginning to the head. */
function checkLog(box: FinalBox, report: Report): void {
  if (box.log === undefined) return;
  let at = box.firstPts;
  for (const entry of [...box.log].sort((a, b) => a.pts - b.pts)) {
    if (entry.pts > box.pts) report(`I3 box ${box.box}: a row with pts ${entry.pts} above the head's ${box.pts}`);
    else if (entry.pts - entry.count !== at) report(`I3 box ${box.box}: pts ${at} is followed by ${entry.pts} − ${entry.count}`);
    at = entry.pts;
  }
  if (at !== box.pts) report(`I3 box ${box.box}: rows end at pts ${at}, the head says ${box.pts}`);
}

/** Counters of a dialog are those of its messages. */
function checkDialogs(box: FinalBox, report: Report): void {
  for (const dialog of box.dialogs) {
    const alive = box.messages.filter((message) => message.peer === dialog.peer && message.alive);
    const ids = new Set(alive.map((message) => message.id));
    const expect = (what: string, is: number, should: number): void => {
      if (is !== should) report(`I5 box ${box.box} dialog ${dialog.peer}: ${what} is ${is}, its messages say ${should}`);
    };
    expect('message count', dialog.messageCount, alive.length);
    expect('top', dialog.topId, Math.max(0, ...ids));
    expect('unread count', dialog.unreadCount, alive.filter((message) => !message.out && message.id > dialog.readInboxMaxId).length);
    for (const id of dialog.pinnedIds) if (!ids.has(id)) report(`I5 box ${box.box} dialog ${dialog.peer}: message ${id} is pinned and gone`);
  }
}

/** The messages of a box by what names them. */
class Shelf {
  readonly #byKey = new Map<string, FinalMessage[]>();
  readonly #byRandomId = new Map<string, FinalMessage[]>();
  readonly #byUid = new Map<string, FinalMessage[]>();

  constructor(box: FinalBox) {
    const put = (map: Map<string, FinalMessage[]>, key: string, message: FinalMessage): void => {
      const there = map.get(key);
      if (there === undefined) map.set(key, [message]);
      else there.push(message);
    };
    for (const message of box.messages) {
      if (message.alive) put(this.#byKey, keyOf(message.content), message);
      put(this.#byRandomId, message.randomId, message);
      put(this.#byUid, `${message.uid.box}/${message.uid.id}`, message);
    }
  }

  withKey(key: string): FinalMessage[] {
    return this.#byKey.get(key) ?? [];
  }

  /** The rows of a send: by its random_id, and where the text is known by that too. */
  ofSend(sent: SentFact): FinalMessage[] {
    return (this.#byRandomId.get(sent.randomId) ?? []).filter((message) => !message.alive || keyOf(message.content) === sent.key);
  }

  withUid(box: number, id: number): FinalMessage[] {
    return this.#byUid.get(`${box}/${id}`) ?? [];
  }
}

/** I1, I2, I6. */
function checkSends(history: History, boxes: Map<number, FinalBox>, report: Report): void {
  const deletes = deletesByKey(history);
  const shelves = new Map([...boxes].map(([number, box]) => [number, new Shelf(box)]));
  for (const sent of history.sent) {
    const own = shelves.get(sent.box);
    if (own === undefined) continue;
    const acked = sent.acks.length > 0;
    const ids = new Set(sent.acks.map((ack) => ack.id));
    if (ids.size > 1) report(`I2 box ${sent.box}: ${sent.key} was acknowledged as ${[...ids].join(' and ')}`);
    const rows = own.ofSend(sent);
    if (rows.length > 1) report(`${acked ? 'I2' : 'I6'} box ${sent.box}: ${sent.key} is there ${rows.length} times`);
    const [row] = rows;
    for (const id of ids) if (row !== undefined && row.id !== id) report(`I1 box ${sent.box}: ${sent.key} was acknowledged as ${id} and is ${row.id}`);
    if (row !== undefined && sent.dates.length > 0 && !sent.dates.includes(row.date)) report(`I1 box ${sent.box}: ${sent.key} bears a date that nobody gave it`);
    if (row !== undefined && sent.refused === true) report(`I6 box ${sent.box}: ${sent.key} was refused and is there`);
    const mayBeGone = couldBeDeleted(history, deletes, sent.box, sent.peer, sent);
    if (acked && !mayBeGone && row?.alive !== true) report(`I1 box ${sent.box}: ${sent.key} was acknowledged and is not there`);
    if (!sent.delivered) continue;
    const peer = shelves.get(sent.peer);
    if (peer === undefined) continue;
    const copies = peer.withKey(sent.key);
    if (copies.length > 1) report(`I1 box ${sent.peer}: ${sent.key} came ${copies.length} times`);
    if (row !== undefined) {
      const byUid = peer.withUid(sent.box, row.id);
      if (byUid.length > 1) report(`I1 box ${sent.peer}: message ${row.id} of ${sent.box} came ${byUid.length} times`);
    }
    if ((acked || row !== undefined) && !couldBeDeleted(history, deletes, sent.peer, sent.box, sent) && copies.length === 0) {
      report(`I1 box ${sent.peer}: ${sent.key} of ${sent.box} never came`);
    }
    if (row === undefined && !mayBeGone && copies.length > 0) report(`I1 box ${sent.peer}: ${sent.key} came and its sender does not have it`);
  }
}

function deletesByKey(history: History): Map<string, DeleteFact[]> {
  const byKey = new Map<string, DeleteFact[]>();
  for (const fact of history.deletes) for (const key of fact.keys) byKey.set(key, [...byKey.get(key) ?? [], fact]);
  return byKey;
}

/** Whether some deletion, known to have been done or not, may have taken a message from the box. */
function couldBeDeleted(history: History, deletes: Map<string, DeleteFact[]>, box: number, peer: number, sent: SentFact): boolean {
  return deletes.get(sent.key)?.some((fact) => fact.box === box || (fact.revoke && fact.box === peer)) === true
    || history.clears.some((fact) => (fact.box === box && fact.peer === peer) || (fact.revoke && fact.box === peer && fact.peer === box));
}

/** I5: an acknowledged edit is there, or a later one. */
function checkEdits(history: History, boxes: Map<number, FinalBox>, report: Report): void {
  const byKey = new Map<string, EditFact[]>();
  for (const edit of history.edits) byKey.set(edit.key, [...byKey.get(edit.key) ?? [], edit]);
  for (const [key, edits] of byKey) {
    const box = boxes.get((edits[0] as EditFact).box);
    const message = box?.messages.find((candidate) => candidate.alive && keyOf(candidate.content) === key);
    if (message === undefined) continue;
    const lastAcked = Math.max(0, ...edits.map((edit) => edit.ackPts ?? 0));
    const allowed = edits.filter((edit) => edit.ackPts === undefined || edit.ackPts === lastAcked).map((edit) => edit.content);
    if (lastAcked > 0 && !allowed.includes(message.content)) report(`I5 box ${box?.box}: an acknowledged edit of ${key} was undone: ${message.content}`);
  }
}

/** I5: an acknowledged deletion stays done, at both sides if it was for both. */
function checkDeletes(history: History, boxes: Map<number, FinalBox>, report: Report): void {
  for (const fact of history.deletes) {
    if (!fact.acked) continue;
    for (const key of fact.keys) {
      const where = fact.revoke ? history.boxes : [boxes.get(fact.box)].filter((box) => box !== undefined);
      for (const box of where) {
        if (box.messages.some((message) => message.alive && keyOf(message.content) === key)) report(`I5 box ${box.box}: ${key} was deleted by ${fact.box} and is there`);
      }
    }
  }
}

/** I5: an acknowledged read stays; the other side knows how far. */
function checkReads(history: History, boxes: Map<number, FinalBox>, report: Report): void {
  for (const fact of history.reads) {
    const dialog = boxes.get(fact.box)?.dialogs.find((candidate) => candidate.peer === fact.peer);
    if (dialog === undefined || !fact.acked) continue;
    const incoming = boxes.get(fact.box)?.messages.some((message) => message.peer === fact.peer && !message.out && message.id <= fact.maxId && message.id > dialog.readInboxMaxId);
    if (incoming === true) report(`I5 box ${fact.box}: dialog ${fact.peer} was read to ${fact.maxId} and is read to ${dialog.readInboxMaxId}`);
  }
  for (const box of history.boxes) {
    for (const dialog of box.dialogs) {
      const peer = boxes.get(dialog.peer);
      const mirror = peer?.dialogs.find((candidate) => candidate.peer === box.box);
      if (peer === undefined || mirror === undefined || dialog.peer === box.box) continue;
      const read = Math.max(0, ...peer.messages.filter((message) => message.alive && message.uid.box === box.box && message.id <= mirror.readInboxMaxId).map((message) => message.uid.id));
      if (dialog.readOutboxMaxId < read) report(`I5 box ${box.box}: ${dialog.peer} has read to ${read}, it knows of ${dialog.readOutboxMaxId}`);
    }
  }
}

/** I5: both sides of a dialog show the same content. */
function checkCopies(history: History, report: Report): void {
  const originals = new Map(history.boxes.map((box) => [box.box, new Map(box.messages.map((message) => [message.id, message]))]));
  for (const box of history.boxes) {
    for (const message of box.messages) {
      if (!message.alive || message.uid.box === box.box) continue;
      const original = originals.get(message.uid.box)?.get(message.uid.id);
      if (original?.alive === true && original.content !== message.content) {
        report(`I5 boxes ${message.uid.box} and ${box.box} disagree: ${original.content} and ${message.content}`);
      }
    }
  }
}

/** I4: what one box wrote has the same order everywhere. */
function checkOrder(history: History, boxes: Map<number, FinalBox>, report: Report): void {
  for (const box of history.boxes) {
    const last = new Map<number, number>();
    for (const message of [...box.messages].sort((a, b) => a.id - b.id)) {
      if (message.uid.box === box.box || !boxes.has(message.uid.box)) continue;
      const before = last.get(message.uid.box) ?? 0;
      if (message.uid.id <= before) report(`I4 box ${box.box}: messages of ${message.uid.box} stand as ${before}, ${message.uid.id}`);
      last.set(message.uid.box, message.uid.id);
    }
  }
}

/** I4: at one pts everybody saw the same change, at any time. */
function checkObservations(history: History, report: Report): void {
  const seen = new Map<string, Observation>();
  for (const observation of history.observations) {
    const key = `${observation.box}@${observation.pts}`;
    const before = seen.get(key);
    if (before === undefined) seen.set(key, observation);
    else if (before.what !== observation.what) report(`I4 box ${observation.box}: at pts ${observation.pts} ${before.by} saw ${before.what}, ${observation.by} saw ${observation.what}`);
  }
}

/** I3: no pts belongs to two changes, whoever saw them. */
function checkOverlap(history: History, report: Report): void {
  for (const [box, entries] of seenEntries(history)) {
    let before: LogEntry | undefined;
    for (const entry of entries) {
      if (before !== undefined && entry.pts - entry.count < before.pts) report(`I3 box ${box}: the change at pts ${entry.pts} takes ${entry.count}, the one before it is at ${before.pts}`);
      before = entry;
    }
  }
}

/** I3: what was seen during a watch tiles it. */
function checkWatch(watch: Watch, history: History, report: Report): void {
  let at = watch.from;
  for (const entry of seenEntries(history, watch.box).get(watch.box) ?? []) {
    if (entry.pts <= watch.from || entry.pts > watch.to) continue;
    if (entry.pts - entry.count > at) report(`I3 box ${watch.box} watched by ${watch.by}: pts ${at} is followed by ${entry.pts} − ${entry.count}`);
    at = entry.pts;
  }
  if (at < watch.to) report(`I3 box ${watch.box} watched by ${watch.by}: nothing was seen between pts ${at} and ${watch.to}`);
}

/** Each change that was told with its count, once, in order of pts. */
function seenEntries(history: History, only?: number): Map<number, LogEntry[]> {
  const byBox = new Map<number, Map<number, LogEntry>>();
  for (const { box, pts, count } of history.observations) {
    if (count === undefined || count === 0 || (only !== undefined && box !== only)) continue;
    const entries = byBox.get(box) ?? new Map<number, LogEntry>();
    const there = entries.get(pts);
    // Of two stories about one pts the larger is kept: it overlaps.
    if (there === undefined || there.count < count) entries.set(pts, { pts, count });
    byBox.set(box, entries);
  }
  return new Map([...byBox].map(([box, entries]) => [box, [...entries.values()].sort((a, b) => a.pts - b.pts)]));
}

/** I3, I5: whoever catches up holds what a fresh login is told. */
function checkCaughtUp(caughtUp: CaughtUp, box: FinalBox, report: Report): void {
  const where = `box ${box.box} session ${caughtUp.by}`;
  if (caughtUp.pts !== undefined && caughtUp.pts !== box.pts) report(`I3 ${where}: caught up to pts ${caughtUp.pts}, the head says ${box.pts}`);
  for (const [id, message] of box.view.messages) {
    const own = caughtUp.view.messages.get(id);
    if (own === undefined) report(`I3 ${where}: lacks message ${id} ${message.content}`);
    else if (caughtUp.messagesOnly === true) continue;
    else if (own.content !== message.content) report(`I3 ${where}: shows ${own.content} for ${message.content}`);
    else if (own.reactions !== undefined && message.reactions !== undefined && own.reactions !== message.reactions) report(`I3 ${where}: shows reactions ${own.reactions} to ${message.content}, a fresh login is told ${message.reactions}`);
  }
  if (caughtUp.messagesOnly === true) return;
  for (const [id, message] of caughtUp.view.messages) if (!box.view.messages.has(id)) report(`I3 ${where}: still shows ${id} ${message.content}`);
  const marks = (own: Map<number, number>, fresh: Map<number, number>, what: string): void => {
    for (const [peer, maxId] of fresh) if ((own.get(peer) ?? 0) !== maxId) report(`I3 ${where}: ${what} of ${peer} is ${own.get(peer) ?? 0}, a fresh login says ${maxId}`);
  };
  marks(caughtUp.view.readInbox, box.view.readInbox, 'read mark');
  marks(caughtUp.view.readOutbox, box.view.readOutbox, 'peer\'s read mark');
  for (const peer of new Set([...caughtUp.view.archived, ...box.view.archived])) if (caughtUp.view.archived.has(peer) !== box.view.archived.has(peer)) report(`I3 ${where}: the dialog with ${peer} is ${box.view.archived.has(peer) ? '' : 'not '}archived, it shows otherwise`);
  for (const peer of new Set([...caughtUp.view.pinned.keys(), ...box.view.pinned.keys()])) {
    const own = [...caughtUp.view.pinned.get(peer) ?? []].sort((a, b) => a - b).join(',');
    const fresh = [...box.view.pinned.get(peer) ?? []].sort((a, b) => a - b).join(',');
    if (own !== fresh) report(`I3 ${where}: pins with ${peer} are ${own}, a fresh login says ${fresh}`);
  }
}
