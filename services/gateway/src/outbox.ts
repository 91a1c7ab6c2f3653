import type { MessageIds } from '@heliograph/mtproto/message-id';
import { PacketBatch } from '@heliograph/mtproto/packet/batch';
import type { PacketCipher } from '@heliograph/mtproto/packet/cipher';
import { BATCH_BODY_BYTES_MAX } from '@heliograph/mtproto/limits';
import type { AuthKey } from './auth-key';
import type { Connection } from './connection';
import { CONSTRUCTOR } from './domain/constructors';
import { TlBytes } from './domain/tl-bytes';
import {
  BATCH_RECIPIENTS_MIN, BATCH_SEQUENCE_MESSAGES_MAX, CONTAINER_BYTES_MAX, CONTAINER_MESSAGES_MAX, FLUSH_SESSIONS_MAX, PENDING_ACKS_MAX, UNACKED_BYTES_MAX, UNACKED_BYTES_PER_KEY_MAX, UNACKED_BYTES_PER_UNAUTHORISED_KEY_MAX,
  UNACKED_BYTES_TOTAL_MAX, UNACKED_MESSAGES_MAX, UNACKED_OVERHEAD_BYTES,
} from './limits';
import type { Numbered, Outgoing, Session } from './session';
import { Unacked } from './unacked';

export interface OutboxDeps {
  ids: MessageIds;
  cipher: PacketCipher;
  /** Runs `task` once the current turn of the event loop has read all that was due. */
  schedule(task: () => void): void;
  /** Unix milliseconds. */
  now(): number;
  currentSalt(key: AuthKey, nowMs: number): bigint;
  /** Puts the key into the connection's slot. */
  holdKey(connection: Connection, key: AuthKey): void;
  /** Messages of this connection were written. */
  onWritten(connection: Connection): void;
  /** Writing failed in a way that it never should. */
  onDefect(connection: Connection, error: unknown): void;
  countSent(messages: number, packets: number): void;
  countBatch(recipients: number): void;
}

/** Whether it answers a query by an error. GramJS leaves what stands behind one in a container unread, so an error ends its packet. */
function isError({ answers, body }: Outgoing): boolean {
  return answers !== 0n && body.byteLength > 16 && Buffer.from(body.buffer, body.byteOffset, body.byteLength).readUInt32LE(12) === CONSTRUCTOR.rpc_error;
}

interface Recipient {
  session: Session;
  connection: Connection;
  /** Their bodies are those of the group. */
  due: readonly Numbered[];
}

/** Sessions that are due the same bodies, in the same order. */
interface Group {
  readonly first: readonly Numbered[];
  readonly recipients: Recipient[];
}

/** Whether all of it goes to other sessions too, and is little enough that encrypting each body for all of them at once is cheaper than a container for each. */
function isSharedWhole(out: readonly Numbered[]): boolean {
  if (out.length > BATCH_SEQUENCE_MESSAGES_MAX) return false;
  for (const { message: { shared, body } } of out) if (!shared || body.byteLength > BATCH_BODY_BYTES_MAX) return false;
  return true;
}

function isSameSequence(one: readonly Numbered[], other: readonly Numbered[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if (bodyOf(one, index) !== bodyOf(other, index)) return false;
  return true;
}

const bodyOf = (messages: readonly Numbered[], index: number): Uint8Array => (messages[index] as Numbered).message.body;

/**
 * Everything that leaves: numbers messages, gathers what is due to a session within one turn of the event loop into one container and one write,
 * keeps what the client must acknowledge, encrypts one body for many sessions in batches.
 */
export class Outbox {
  private dirty: Session[] = [];
  private scheduled = false;
  private readonly ackers = new Set<Session>();
  private readonly batch: PacketBatch;
  /** What was given to several sessions since the last flush, by its body. */
  private readonly sharedMessages = new Map<Uint8Array, Outgoing>();
  /** Unix milliseconds when the last flush began. */
  private flushedAt = 0;
  /** Sessions that keep messages, the one that acknowledged nothing for longest first. */
  private readonly keepers = new Set<Session>();
  private bytesKept = 0;

  constructor(private readonly deps: OutboxDeps, private readonly unackedBytesMax = UNACKED_BYTES_TOTAL_MAX) {
    this.batch = new PacketBatch(deps.cipher);
  }

  /** Bytes of messages that clients haven't acknowledged. */
  get keptBytes(): number {
    return this.bytesKept;
  }

  /** The result of a query: rpc_result with `object`. Counts as its acknowledgement; kept until the client acks it. */
  answer(session: Session, queryId: bigint, object: Uint8Array): void {
    this.unack(session, queryId);
    const body = new TlBytes(12 + object.byteLength).uint32(CONSTRUCTOR.rpc_result).long(queryId).raw(object).done();
    this.enqueue(session, { message: { id: this.deps.ids.answer(), body, contentRelated: true, answers: queryId, shared: false }, seqNo: 1 + 2 * session.sentContent++ });
  }

  /** A direct reply to a service message: not acknowledged, not kept. */
  reply(session: Session, body: Uint8Array): void {
    this.enqueue(session, { message: { id: this.deps.ids.answer(), body, contentRelated: false, answers: 0n, shared: false }, seqNo: 2 * session.sentContent });
  }

  /** Something that the client didn't ask for. `shared`: the same bytes object goes to other sessions in this turn too. */
  notify(session: Session, body: Uint8Array, shared = false): void {
    this.enqueue(session, { message: shared ? this.sharedMessage(session, body) : this.notification(body, false), seqNo: 1 + 2 * session.sentContent++ });
  }

  /** Acknowledges a message with the next write, or at the next `flushAcks`. */
  ack(session: Session, messageId: bigint): void {
    const acks = (session.acks ??= []);
    acks.push(messageId);
    this.ackers.add(session);
    if (acks.length >= PENDING_ACKS_MAX) this.mark(session);
  }

  flushAcks(): void {
    for (const session of this.ackers) this.mark(session);
    this.ackers.clear();
  }

  /** Sends a kept message once more, under its own id. */
  resend(session: Session, kept: Numbered): void {
    if (session.out?.some(({ message }) => message === kept.message)) return;
    (session.out ??= []).push(kept);
    this.mark(session);
  }

  /** A message that was sent from another gateway and not acknowledged yet. */
  keepAgain(session: Session, kept: Numbered): void {
    this.keep(session, kept);
  }

  /** The client has these messages. */
  acknowledged(session: Session, ids: readonly bigint[]): void {
    if (session.unacked === undefined) return;
    for (const id of ids) this.drop(session, id);
    if (session.unacked === undefined) return;
    this.keepers.delete(session);
    this.keepers.add(session);
  }

  /** Takes an answer back that the client doesn't want any more. */
  withdraw(session: Session, { message }: Numbered): void {
    this.drop(session, message.id);
    if (session.out !== undefined) session.out = session.out.filter((other) => other.message !== message);
  }

  /** The kept answer to that query. */
  findAnswer(session: Session, queryId: bigint): Numbered | undefined {
    if (session.unacked !== undefined) for (const kept of session.unacked.values()) if (kept.message.answers === queryId) return kept;
    return session.out?.find(({ message }) => message.answers === queryId);
  }

  forget(session: Session): void {
    this.ackers.delete(session);
    session.out = undefined;
    session.acks = undefined;
    if (session.unacked !== undefined) this.countKept(session, -session.unackedBytes);
    session.unacked = undefined;
    this.keepers.delete(session);
  }

  /** What is kept in answer to queries, by query. */
  answers(session: Session): Map<bigint, Numbered> {
    const answers = new Map<bigint, Numbered>();
    for (const messages of [session.out ?? [], session.unacked?.values() ?? []]) for (const due of messages) if (due.message.answers !== 0n) answers.set(due.message.answers, due);
    return answers;
  }

  /** Writes what is due now; the rest in later turns. */
  flush(): void {
    this.scheduled = false;
    this.flushedAt = this.deps.now();
    this.sharedMessages.clear();
    const sessions = this.dirty.length <= FLUSH_SESSIONS_MAX ? this.dirty : this.dirty.slice(0, FLUSH_SESSIONS_MAX);
    this.dirty = sessions === this.dirty ? [] : this.dirty.slice(FLUSH_SESSIONS_MAX);
    let groups: Map<Uint8Array, Group[]> | undefined;
    /** That of the session before: mostly the next one's too. */
    let last: Group | undefined;
    for (const session of sessions) {
      session.queuedForFlush = false;
      const connection = session.connection;
      const out = session.out ?? [];
      session.out = undefined;
      for (const due of out) if (due.message.contentRelated) this.keep(session, due);
      if (connection === undefined || session.closed) continue;
      this.addAcks(session, out);
      if (out.length === 0) continue;
      if (connection.otherSessions === undefined && isSharedWhole(out)) {
        if (last === undefined || !isSameSequence(last.first, out)) last = groupOf(groups ??= new Map(), out);
        last.recipients.push({ session, connection, due: out });
      } else this.tryWrite(session, connection, out);
    }
    if (groups !== undefined) for (const alike of groups.values()) for (const { first, recipients } of alike) this.writeGroup(first, recipients);
    if (this.dirty.length > 0) this.scheduleFlush();
  }

  private notification(body: Uint8Array, shared: boolean): Outgoing {
    return { id: this.deps.ids.notification(), body, contentRelated: true, answers: 0n, shared };
  }

  /** The same message, under the same id, for all who get that body before the next flush; another one where the session has something newer. */
  private sharedMessage({ out, connections }: Session, body: Uint8Array): Outgoing {
    const found = this.sharedMessages.get(body);
    if (found !== undefined && connections.length > 0 && (out === undefined || out.length === 0 || (out[out.length - 1] as Numbered).message.id < found.id)) return found;
    const message = this.notification(body, true);
    this.sharedMessages.set(body, message);
    return message;
  }

  private enqueue(session: Session, due: Numbered): void {
    if (session.closed) return;
    if (session.connections.length === 0) {
      if (due.message.contentRelated) this.keep(session, due);
      return;
    }
    // Mostly there is one, and room for more would be made at once.
    if (session.out === undefined) session.out = [due];
    else session.out.push(due);
    this.mark(session);
  }

  private mark(session: Session): void {
    if (session.queuedForFlush) return;
    session.queuedForFlush = true;
    this.dirty.push(session);
    this.scheduleFlush();
  }

  private scheduleFlush(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.deps.schedule(() => this.flush());
  }

  private addAcks(session: Session, out: Numbered[]): void {
    const { acks } = session;
    if (acks === undefined) return;
    session.acks = undefined;
    this.ackers.delete(session);
    const body = new TlBytes(12 + 8 * acks.length).uint32(CONSTRUCTOR.msgs_ack).longs(acks).done();
    out.push({ message: { id: this.deps.ids.notification(), body, contentRelated: false, answers: 0n, shared: false }, seqNo: 2 * session.sentContent });
  }

  private unack(session: Session, messageId: bigint): void {
    const { acks } = session;
    if (acks === undefined) return;
    const index = acks.lastIndexOf(messageId);
    if (index < 0) return;
    acks.splice(index, 1);
    if (acks.length === 0) session.acks = undefined;
  }

  private keep(session: Session, due: Numbered): void {
    if (session.unacked === undefined) {
      session.unacked = new Unacked(due);
      this.keepers.add(session);
    } else if (!session.unacked.add(due)) return;
    const { unacked, key } = session;
    this.countKept(session, due.message.body.byteLength + UNACKED_OVERHEAD_BYTES);
    while (unacked.size > UNACKED_MESSAGES_MAX || (session.unackedBytes > UNACKED_BYTES_MAX && unacked.size > 1)) this.dropOldest(session);
    while (key.unackedBytes > UNACKED_BYTES_PER_UNAUTHORISED_KEY_MAX && key.unackedBytes > (session.userId === 0 ? UNACKED_BYTES_PER_UNAUTHORISED_KEY_MAX : UNACKED_BYTES_PER_KEY_MAX)) {
      let largest = session;
      for (const other of key.sessions.values()) if (other.unackedBytes > largest.unackedBytes) largest = other;
      if (largest === session && unacked.size === 1) break;
      this.dropOldest(largest);
    }
    while (this.bytesKept > this.unackedBytesMax) {
      const [idlest] = this.keepers;
      if (idlest === undefined || (idlest === session && unacked.size === 1)) break;
      this.dropOldest(idlest);
    }
  }

  /** A message that is forgotten unacknowledged is lost only if its connection is: the client then asks for its state, or for the difference. */
  private dropOldest(session: Session): void {
    const oldest = session.unacked?.oldest;
    if (oldest !== undefined) this.drop(session, oldest.id);
  }

  private drop(session: Session, messageId: bigint): void {
    const { unacked } = session;
    const message = unacked?.take(messageId);
    if (unacked === undefined || message === undefined) return;
    this.countKept(session, -message.body.byteLength - UNACKED_OVERHEAD_BYTES);
    if (unacked.size > 0) return;
    session.unacked = undefined;
    this.keepers.delete(session);
  }

  private countKept(session: Session, change: number): void {
    session.unackedBytes += change;
    session.key.unackedBytes += change;
    this.bytesKept += change;
  }

  /** Makes the connection's slot ready to seal for the session. */
  private prepare(session: Session, connection: Connection): void {
    const { key } = session;
    if (connection.key !== key) this.deps.holdKey(connection, key);
    const salt = this.deps.currentSalt(key, this.flushedAt);
    if (connection.sealedSession === session && connection.sealedSalt === salt) return;
    this.deps.cipher.setSession(connection.slot, salt, session.id);
    connection.sealedSession = session;
    connection.sealedSalt = salt;
  }

  private tryWrite(session: Session, connection: Connection, out: readonly Numbered[]): void {
    try {
      this.write(session, connection, out);
    } catch (error) {
      this.deps.onDefect(connection, error);
    }
  }

  private write(session: Session, connection: Connection, out: readonly Numbered[]): void {
    this.prepare(session, connection);
    let packets = 0;
    // A reader that is too far behind is disconnected by the write that shows it; the rest stays with the session.
    for (let start = 0; start < out.length && !connection.closed;) {
      let end = start;
      let bytes = 8;
      while (end < out.length && end - start < CONTAINER_MESSAGES_MAX) {
        const size = 16 + bodyOf(out, end).byteLength;
        if (end > start && bytes + size > CONTAINER_BYTES_MAX) break;
        bytes += size;
        end += 1;
        if (isError((out[end - 1] as Numbered).message)) break;
      }
      packets += 1;
      if (end - start === 1) {
        const { message, seqNo } = out[start] as Numbered;
        connection.write(connection.transport.seal(message.id, seqNo, message.body));
      } else {
        const container = new TlBytes(bytes).uint32(CONSTRUCTOR.msg_container).uint32(end - start);
        for (let index = start; index < end; index++) {
          const { message, seqNo } = out[index] as Numbered;
          container.long(message.id).uint32(seqNo).uint32(message.body.byteLength).raw(message.body);
        }
        connection.write(connection.transport.seal(this.deps.ids.notification(), 2 * session.sentContent, container.done()));
      }
      start = end;
    }
    this.deps.countSent(out.length, packets);
    this.deps.onWritten(connection);
  }

  private writeGroup(first: readonly Numbered[], recipients: readonly Recipient[]): void {
    let left = recipients;
    while (left.length >= BATCH_RECIPIENTS_MIN) left = this.writeBatch(first, left);
    for (const { session, connection, due } of left) if (!connection.closed) this.tryWrite(session, connection, due);
  }

  /** Writes as much as a batch holds; gives back who is left. Encrypts first, then writes: writes that are spaced by other work cost six times as much. */
  private writeBatch(first: readonly Numbered[], recipients: readonly Recipient[]): readonly Recipient[] {
    const { batch } = this;
    const added: Recipient[] = [];
    const left: Recipient[] = [];
    batch.begin(bodyOf(first, 0));
    for (const recipient of recipients) {
      const { session, connection, due } = recipient;
      if (connection.closed) continue;
      this.prepare(session, connection);
      const { message, seqNo } = due[0] as Numbered;
      (batch.add(connection.transport, message.id, seqNo) ? added : left).push(recipient);
    }
    batch.seal();
    this.deps.countBatch(added.length);
    this.deps.countSent(added.length * first.length, added.length * first.length);
    const frames = first.length === 1 ? undefined : this.sealOthers(first, added);
    let waiting = false;
    for (let index = 0; index < added.length; index += 1) {
      const { connection } = added[index] as Recipient;
      if (frames === undefined) {
        const frame = batch.frame(index);
        // A frame that has to wait must not keep the whole batch in memory.
        if (connection.isWaiting) connection.write(Buffer.from(frame));
        else if (!connection.write(frame)) waiting = true;
      } else connection.write(Buffer.concat(frames[index] as Buffer[]));
      this.deps.onWritten(connection);
    }
    // The system has all of it: the next batch may be written over it.
    if (!waiting) batch.recycle();
    return left;
  }

  /** Seals the bodies after the first, of which the frames are in the batch. Gives each recipient's frames. */
  private sealOthers(first: readonly Numbered[], recipients: readonly Recipient[]): Buffer[][] {
    const { batch } = this;
    const frames = recipients.map((_recipient, index) => [batch.frame(index)]);
    for (let place = 1; place < first.length; place += 1) {
      batch.begin(bodyOf(first, place));
      for (const { connection, due } of recipients) {
        const { message, seqNo } = due[place] as Numbered;
        batch.add(connection.transport, message.id, seqNo);
      }
      batch.seal();
      for (let index = 0; index < recipients.length; index += 1) (frames[index] as Buffer[]).push(batch.frame(index));
    }
    return frames;
  }
}

/** The group for that sequence of bodies; `groups` has them by the first body. */
function groupOf(groups: Map<Uint8Array, Group[]>, due: readonly Numbered[]): Group {
  const alike = groups.get(bodyOf(due, 0));
  const found = alike?.find((group) => isSameSequence(group.first, due));
  if (found !== undefined) return found;
  const group: Group = { first: due, recipients: [] };
  if (alike === undefined) groups.set(bodyOf(due, 0), [group]);
  else alike.push(group);
  return group;
}
