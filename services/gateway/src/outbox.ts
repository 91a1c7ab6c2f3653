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
import type { Outgoing, Session } from './session';
import { Unacked } from './unacked';

export interface OutboxDeps {
  ids: MessageIds;
  cipher: PacketCipher;
  /** Runs `task` once the current turn of the event loop has read all that was due. */
  schedule(task: () => void): void;
  currentSalt(key: AuthKey): bigint;
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
  messages: readonly Outgoing[];
}

/** Sessions that are due the same bodies, in the same order. */
interface Group {
  readonly bodies: readonly Outgoing[];
  readonly recipients: Recipient[];
}

/** Whether all of it goes to other sessions too, and is little enough that encrypting each body for all of them at once is cheaper than a container for each. */
function isSharedWhole(out: readonly Outgoing[]): boolean {
  if (out.length > BATCH_SEQUENCE_MESSAGES_MAX) return false;
  for (const { shared, body } of out) if (!shared || body.byteLength > BATCH_BODY_BYTES_MAX) return false;
  return true;
}

function isSameSequence(one: readonly Outgoing[], other: readonly Outgoing[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if ((one[index] as Outgoing).body !== (other[index] as Outgoing).body) return false;
  return true;
}

/**
 * Everything that leaves: numbers messages, gathers what is due to a session within one turn of the event loop into one container and one write,
 * keeps what the client must acknowledge, encrypts one body for many sessions in batches.
 */
export class Outbox {
  private dirty: Session[] = [];
  private scheduled = false;
  private readonly ackers = new Set<Session>();
  private readonly batch: PacketBatch;
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
    this.enqueue(session, { id: this.deps.ids.answer(), seqNo: 1 + 2 * session.sentContent++, body, contentRelated: true, answers: queryId, shared: false });
  }

  /** A direct reply to a service message: not acknowledged, not kept. */
  reply(session: Session, body: Uint8Array): void {
    this.enqueue(session, { id: this.deps.ids.answer(), seqNo: 2 * session.sentContent, body, contentRelated: false, answers: 0n, shared: false });
  }

  /** Something that the client didn't ask for. `shared`: the same bytes object goes to other sessions in this turn too. */
  notify(session: Session, body: Uint8Array, shared = false): void {
    this.enqueue(session, { id: this.deps.ids.notification(), seqNo: 1 + 2 * session.sentContent++, body, contentRelated: true, answers: 0n, shared });
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
  resend(session: Session, message: Outgoing): void {
    if (session.out?.includes(message)) return;
    (session.out ??= []).push(message);
    this.mark(session);
  }

  /** A message that was sent from another gateway and not acknowledged yet. */
  keepAgain(session: Session, message: Outgoing): void {
    this.keep(session, message);
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
  withdraw(session: Session, message: Outgoing): void {
    this.drop(session, message.id);
    if (session.out !== undefined) session.out = session.out.filter((other) => other !== message);
  }

  /** The kept answer to that query. */
  findAnswer(session: Session, queryId: bigint): Outgoing | undefined {
    if (session.unacked !== undefined) for (const message of session.unacked.values()) if (message.answers === queryId) return message;
    return session.out?.find((message) => message.answers === queryId);
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
  answers(session: Session): Map<bigint, Outgoing> {
    const answers = new Map<bigint, Outgoing>();
    for (const messages of [session.out ?? [], session.unacked?.values() ?? []]) for (const message of messages) if (message.answers !== 0n) answers.set(message.answers, message);
    return answers;
  }

  /** Writes what is due now; the rest in later turns. */
  flush(): void {
    this.scheduled = false;
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
      for (const message of out) if (message.contentRelated) this.keep(session, message);
      if (connection === undefined || session.closed) continue;
      this.addAcks(session, out);
      const [message] = out;
      if (message === undefined) continue;
      if (connection.otherSessions === undefined && isSharedWhole(out)) {
        if (last === undefined || !isSameSequence(last.bodies, out)) last = groupOf(groups ??= new Map(), message.body, out);
        last.recipients.push({ session, connection, messages: out });
      } else this.tryWrite(session, connection, out);
    }
    if (groups !== undefined) for (const alike of groups.values()) for (const { bodies, recipients } of alike) this.writeGroup(bodies, recipients);
    if (this.dirty.length > 0) this.scheduleFlush();
  }

  private enqueue(session: Session, message: Outgoing): void {
    if (session.closed) return;
    if (session.connections.length === 0) {
      if (message.contentRelated) this.keep(session, message);
      return;
    }
    // Mostly there is one, and room for more would be made at once.
    if (session.out === undefined) session.out = [message];
    else session.out.push(message);
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

  private addAcks(session: Session, out: Outgoing[]): void {
    const { acks } = session;
    if (acks === undefined) return;
    session.acks = undefined;
    this.ackers.delete(session);
    const body = new TlBytes(12 + 8 * acks.length).uint32(CONSTRUCTOR.msgs_ack).longs(acks).done();
    out.push({ id: this.deps.ids.notification(), seqNo: 2 * session.sentContent, body, contentRelated: false, answers: 0n, shared: false });
  }

  private unack(session: Session, messageId: bigint): void {
    const { acks } = session;
    if (acks === undefined) return;
    const index = acks.lastIndexOf(messageId);
    if (index < 0) return;
    acks.splice(index, 1);
    if (acks.length === 0) session.acks = undefined;
  }

  private keep(session: Session, message: Outgoing): void {
    if (session.unacked === undefined) {
      session.unacked = new Unacked(message);
      this.keepers.add(session);
    } else if (!session.unacked.add(message)) return;
    const { unacked, key } = session;
    this.countKept(session, message.body.byteLength + UNACKED_OVERHEAD_BYTES);
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
    const salt = this.deps.currentSalt(key);
    if (connection.sealedSession === session && connection.sealedSalt === salt) return;
    this.deps.cipher.setSession(connection.slot, salt, session.id);
    connection.sealedSession = session;
    connection.sealedSalt = salt;
  }

  private tryWrite(session: Session, connection: Connection, out: Outgoing[]): void {
    try {
      this.write(session, connection, out);
    } catch (error) {
      this.deps.onDefect(connection, error);
    }
  }

  private write(session: Session, connection: Connection, out: Outgoing[]): void {
    this.prepare(session, connection);
    let packets = 0;
    // A reader that is too far behind is disconnected by the write that shows it; the rest stays with the session.
    for (let start = 0; start < out.length && !connection.closed;) {
      let end = start;
      let bytes = 8;
      while (end < out.length && end - start < CONTAINER_MESSAGES_MAX) {
        const size = 16 + (out[end] as Outgoing).body.byteLength;
        if (end > start && bytes + size > CONTAINER_BYTES_MAX) break;
        bytes += size;
        end += 1;
        if (isError(out[end - 1] as Outgoing)) break;
      }
      packets += 1;
      if (end - start === 1) {
        const message = out[start] as Outgoing;
        connection.write(connection.transport.seal(message.id, message.seqNo, message.body));
      } else {
        const container = new TlBytes(bytes).uint32(CONSTRUCTOR.msg_container).uint32(end - start);
        for (let index = start; index < end; index++) {
          const message = out[index] as Outgoing;
          container.long(message.id).uint32(message.seqNo).uint32(message.body.byteLength).raw(message.body);
        }
        connection.write(connection.transport.seal(this.deps.ids.notification(), 2 * session.sentContent, container.done()));
      }
      start = end;
    }
    this.deps.countSent(out.length, packets);
    this.deps.onWritten(connection);
  }

  private writeGroup(bodies: readonly Outgoing[], recipients: readonly Recipient[]): void {
    let left = recipients;
    while (left.length >= BATCH_RECIPIENTS_MIN) left = this.writeBatch(bodies, left);
    for (const { session, connection, messages } of left) if (!connection.closed) this.tryWrite(session, connection, [...messages]);
  }

  /** Writes as much as a batch holds; gives back who is left. Encrypts first, then writes: writes that are spaced by other work cost six times as much. */
  private writeBatch(bodies: readonly Outgoing[], recipients: readonly Recipient[]): readonly Recipient[] {
    const { batch } = this;
    const added: Recipient[] = [];
    const left: Recipient[] = [];
    batch.begin((bodies[0] as Outgoing).body);
    for (const recipient of recipients) {
      const { session, connection, messages } = recipient;
      if (connection.closed) continue;
      this.prepare(session, connection);
      const { id, seqNo } = messages[0] as Outgoing;
      (batch.add(connection.transport, id, seqNo) ? added : left).push(recipient);
    }
    batch.seal();
    this.deps.countBatch(added.length);
    this.deps.countSent(added.length * bodies.length, added.length * bodies.length);
    const frames = bodies.length === 1 ? undefined : this.sealOthers(bodies, added);
    let waiting = false;
    for (let index = 0; index < added.length; index += 1) {
      const { connection } = added[index] as Recipient;
      if (frames === undefined) {
        const frame = batch.frame(index);
        // A frame that has to wait must not keep the whole batch in memory.
        if (connection.waitingBytes > 0) connection.write(Buffer.from(frame));
        else if (!connection.write(frame)) waiting = true;
      } else connection.write(Buffer.concat(frames[index] as Buffer[]));
      this.deps.onWritten(connection);
    }
    // The system has all of it: the next batch may be written over it.
    if (!waiting) batch.recycle();
    return left;
  }

  /** Seals the bodies after the first, of which the frames are in the batch. Gives each recipient's frames. */
  private sealOthers(bodies: readonly Outgoing[], recipients: readonly Recipient[]): Buffer[][] {
    const { batch } = this;
    const frames = recipients.map((_recipient, index) => [batch.frame(index)]);
    for (let place = 1; place < bodies.length; place += 1) {
      batch.begin((bodies[place] as Outgoing).body);
      for (const { connection, messages } of recipients) {
        const { id, seqNo } = messages[place] as Outgoing;
        batch.add(connection.transport, id, seqNo);
      }
      batch.seal();
      for (let index = 0; index < recipients.length; index += 1) (frames[index] as Buffer[]).push(batch.frame(index));
    }
    return frames;
  }
}

/** The group for that sequence of bodies, of which this is the first. */
function groupOf(groups: Map<Uint8Array, Group[]>, first: Uint8Array, bodies: readonly Outgoing[]): Group {
  const alike = groups.get(first);
  const found = alike?.find((group) => isSameSequence(group.bodies, bodies));
  if (found !== undefined) return found;
  const group: Group = { bodies, recipients: [] };
  if (alike === undefined) groups.set(first, [group]);
  else alike.push(group);
  return group;
}
