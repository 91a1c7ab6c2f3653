import type { Statement } from './cassandra-table';
import { StorageRefused, StorageUnavailable } from './errors';
import { CASSANDRA_BATCHES_IN_FLIGHT_MAX, CASSANDRA_WRITES_WAITING_BYTES_MAX } from './limits';
import type { Pace } from './pace';

/** What one request over several partitions may hold. */
export interface BatchBounds {
  statements: number;
  bytes: number;
}

/** One caller's writes: how many of them have no answer yet. */
interface Ticket {
  /** What must go in one request; undefined: they may be parted. */
  readonly whole: BatchBounds | undefined;
  left: number;
  failure: unknown;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * The way of versioned writes: whatever waits when a request may leave goes in one, over partitions, tables and callers. Under load few
 * requests carry many rows; without load each write leaves at once. Rows of one request are not atomic, and need not be: a repetition
 * writes them again, and each bears its own version. What `addWhole` was given is atomic where it is of one partition: Cassandra makes one
 * mutation of all that a request has for a partition.
 */
export class WriteQueue {
  private readonly statements: Statement[] = [];
  /** Of the statement at the same place. */
  private readonly tickets: Ticket[] = [];
  /** Place of the oldest that waits; what is before it has left. */
  private head = 0;
  private bytes = 0;
  private inFlight = 0;
  private scheduled = false;
  /** Whether something waits for the pace. */
  private paced = false;

  /** @param send sends one request; rejects with the port's errors */
  constructor(private readonly send: (statements: readonly Statement[]) => Promise<void>, private readonly bounds: BatchBounds, private readonly pace: Pace) {}

  /** Resolves when all are durable. Rejects with StorageUnavailable at once when too much waits: then nothing was sent. */
  add(statements: readonly Statement[]): Promise<void> {
    return this.enqueue(statements, undefined);
  }

  /** As `add`, all in one request, whatever its size. */
  addWhole(statements: readonly Statement[]): Promise<void> {
    return this.enqueue(statements, { statements: statements.length, bytes: statements.reduce((sum, { bytes }) => sum + bytes, 0) });
  }

  private enqueue(statements: readonly Statement[], whole: BatchBounds | undefined): Promise<void> {
    if (statements.length === 0) return Promise.resolve();
    if (this.bytes >= CASSANDRA_WRITES_WAITING_BYTES_MAX) return Promise.reject(new StorageUnavailable(`${this.bytes} bytes of writes wait for Cassandra; nothing was sent`));
    return new Promise((resolve, reject) => {
      const ticket: Ticket = { whole, left: statements.length, failure: undefined, resolve, reject };
      for (const statement of statements) {
        this.statements.push(statement);
        this.tickets.push(ticket);
        this.bytes += statement.bytes;
      }
      if (this.scheduled) return;
      this.scheduled = true;
      // What is written in the same turn leaves together.
      queueMicrotask(this.pumpScheduled);
    });
  }

  private readonly pumpScheduled = (): void => {
    this.scheduled = false;
    this.pump();
  };

  private readonly pumpPaced = (): void => {
    this.paced = false;
    this.pump();
  };

  private pump(): void {
    while (this.inFlight < CASSANDRA_BATCHES_IN_FLIGHT_MAX && this.head < this.statements.length) {
      const full = this.statements.length - this.head >= this.bounds.statements || this.bytes >= this.bounds.bytes;
      if (!full && this.pace.waitMs > 0) {
        if (!this.paced) void this.pace.turn().then(this.pumpPaced);
        this.paced = true;
        return;
      }
      this.pace.begin();
      this.sendNext();
    }
    if (this.head === this.statements.length) {
      this.statements.length = 0;
      this.tickets.length = 0;
      this.head = 0;
    } else if (this.head > 4096) {
      this.statements.splice(0, this.head);
      this.tickets.splice(0, this.head);
      this.head = 0;
    }
  }

  private sendNext(): void {
    const from = this.head;
    let bytes = 0;
    let end = from;
    while (end < this.statements.length) {
      const next = (this.tickets[end] as Ticket).whole ?? { statements: 1, bytes: (this.statements[end] as Statement).bytes };
      if (end > from && (end - from + next.statements > this.bounds.statements || bytes + next.bytes > this.bounds.bytes)) break;
      bytes += next.bytes;
      end += next.statements;
    }
    this.head = end;
    this.bytes -= bytes;
    this.inFlight += 1;
    void this.request(this.statements.slice(from, end), this.tickets.slice(from, end));
  }

  private async request(statements: readonly Statement[], tickets: readonly Ticket[]): Promise<void> {
    try {
      await this.send(statements);
      for (const ticket of tickets) settle(ticket, undefined);
    } catch (error) {
      // One caller's unsound row must not fail the others': each one's go alone.
      if (error instanceof StorageRefused && tickets.some((ticket) => ticket !== tickets[0])) await this.sendApart(statements, tickets);
      else for (const ticket of tickets) settle(ticket, error);
    }
    this.inFlight -= 1;
    this.pump();
  }

  private async sendApart(statements: readonly Statement[], tickets: readonly Ticket[]): Promise<void> {
    for (const ticket of new Set(tickets)) {
      const own = statements.filter((_, index) => tickets[index] === ticket);
      const failure = await this.send(own).then(() => undefined, (error: unknown) => error);
      for (let i = 0; i < own.length; i++) settle(ticket, failure);
    }
  }
}

function settle(ticket: Ticket, failure: unknown): void {
  ticket.failure ??= failure;
  ticket.left -= 1;
  if (ticket.left > 0) return;
  if (ticket.failure === undefined) ticket.resolve();
  else ticket.reject(ticket.failure);
}
