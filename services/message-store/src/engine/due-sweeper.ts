import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { ScheduledMessageSchema, type CommandSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { SealedContent } from '@heliograph/box/content';
import { channelHeir } from '@heliograph/box/heir';
import type { Clock, Logger } from '@heliograph/service-kit/kit';
import type { Storage } from '@heliograph/storage/storage';
import type { Row } from '@heliograph/storage/table';
import { boxDue, DUE_CREATOR, DUE_EXPIRY, DUE_POLL, DUE_SCHEDULED } from '../tables/box-due';
import { boxProgress } from '../tables/box-progress';
import type { BoxReader, Outcome } from './contract';
import { DELETE_IDS_MAX, DUE_BATCH_ROWS, DUE_BOXES_AT_ONCE, DUE_CLOSING_SECONDS, DUE_RETRY_SECONDS } from './limits';
import { hourOf } from './rows';

const HOUR_SECONDS = 3_600;
/** Name of the sweeps' marks in box_progress. */
const PROGRESS = 'box-due';

/** What becomes of a scheduled message when its time has come. `keep`: it stays in the author's box alone. */
export type Fate = 'deliver' | 'keep' | 'drop';

/** What a sweeper needs of the partition that it serves. */
export interface DueHost {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether a user's message to a peer may go out now; rejects when that can't be told. Absent: always. */
  fateOf?(box: number, peer: number): Promise<Fate>;
  /** What a supergroup says when `heir` has taken it over from the creator who left. Absent: nothing. */
  heirNotice?(box: number, creator: number, heir: number): Promise<SealedContent>;
  submit(command: MessageInitShape<typeof CommandSchema> & { box: number | bigint }): Promise<Outcome>;
  read(box: number): Promise<BoxReader>;
  /** Resolves when the rows of all commands applied so far are durable. */
  rowsWritten(): Promise<void>;
}

type DueRow = Row<typeof boxDue>;

/**
 * Does what comes due in the boxes of a slice, while this process has it: finds the rows whose time has come and gives each box the command that does
 * it. A command that was given twice does nothing the second time, so neither a crash nor two owners need be ruled out (ADR 0015).
 *
 * It holds no timer per row: it knows when the next row of the open hours is due, is told of rows that are written, and reads storage only then and
 * when an hour begins.
 */
export class DueSweeper {
  /** The oldest hour that may hold rows. */
  private hour = 0;
  /** When it has to look again, unix seconds. */
  private nextAt = 0;
  private running: Promise<void> | undefined;

  constructor(private readonly host: DueHost, private readonly slice: number) {}

  /** Learns where the owner before was. To be called before commands are applied: what they write must not be behind its mark. */
  async open(): Promise<void> {
    const key = { topic: PROGRESS, epoch: 0, partition: this.slice };
    const stored = (await this.host.storage.get(boxProgress, key))?.next;
    this.hour = stored === undefined || stored === null ? hourOf(this.now()) - 1 : Number(stored);
    if (stored === undefined || stored === null) await this.storeHour();
  }

  /** A row was written that comes due then. */
  written(at: number): void {
    this.nextAt = Math.min(this.nextAt, at);
  }

  /** Called once a second while the partition runs. */
  tick(): void {
    if (this.running !== undefined || this.now() < this.nextAt) return;
    this.running = this.sweep().catch((error: unknown) => {
      this.retryLater();
      this.host.log.warn({ slice: this.slice, error: String(error) }, 'what is due could not be looked for; trying again');
    }).finally(() => { this.running = undefined; });
  }

  private now(): number {
    return Math.floor(this.host.clock.now() / 1_000);
  }

  private retryLater(): void {
    this.written(this.now() + DUE_RETRY_SECONDS);
  }

  private async sweep(): Promise<void> {
    const now = this.now();
    const current = hourOf(now);
    // Before reading: what is written from now on lowers it again.
    this.nextAt = (current + 1) * HOUR_SECONDS;
    for (let hour = this.hour; hour <= current; hour += 1) {
      const swept = await this.sweepHour(hour, now);
      if (!swept) continue;
      if (hour !== this.hour || hour === current) continue;
      const closes = (hour + 1) * HOUR_SECONDS + DUE_CLOSING_SECONDS;
      if (now < closes) this.written(closes);
      else await this.closeHour(hour);
    }
  }

  /** Does what is due of an hour; whether nothing of it is left. */
  private async sweepHour(hour: number, now: number): Promise<boolean> {
    const partition = { slice: this.slice, hour };
    let before: DueRow | undefined;
    for (;;) {
      // What it was told of may be on its way still.
      await this.host.rowsWritten();
      const rows = await this.host.storage.range(boxDue, partition, { to: { at: now }, limit: DUE_BATCH_ROWS });
      const [first] = rows;
      if (first === undefined) break;
      // Nothing got on: another time.
      if (before !== undefined && sameRow(first, before)) {
        this.retryLater();
        return false;
      }
      before = first;
      if (!await this.give(rows, now)) {
        this.retryLater();
        return false;
      }
    }
    const [next] = await this.host.storage.range(boxDue, partition, { limit: 1 });
    if (next !== undefined) this.written(next.at);
    return next === undefined;
  }

  /** An hour in which nothing is left and into which nobody writes any more. */
  private async closeHour(hour: number): Promise<void> {
    // Rows that were on their way when it ended are there now.
    await this.host.rowsWritten();
    const [late] = await this.host.storage.range(boxDue, { slice: this.slice, hour }, { limit: 1 });
    if (late !== undefined) return this.retryLater();
    this.hour = hour + 1;
    await this.storeHour();
  }

  private async storeHour(): Promise<void> {
    await this.host.storage.put(boxProgress, { topic: PROGRESS, epoch: 0, partition: this.slice, next: BigInt(this.hour) }, { version: BigInt(this.hour) });
  }

  /** Gives the boxes their commands, several boxes at once, each in the order of time; whether all were taken. */
  private async give(rows: readonly DueRow[], now: number): Promise<boolean> {
    const byBox = new Map<number, DueRow[]>();
    for (const row of rows) {
      const own = byBox.get(row.box);
      if (own === undefined) byBox.set(row.box, [row]);
      else own.push(row);
    }
    const boxes = [...byBox];
    let all = true;
    await Promise.all(Array.from({ length: Math.min(DUE_BOXES_AT_ONCE, boxes.length) }, async () => {
      for (let next = boxes.shift(); next !== undefined; next = boxes.shift()) {
        const [box, own] = next;
        try {
          if (!await this.giveBox(box, own, now)) all = false;
        } catch (error) {
          all = false;
          this.host.log.debug({ slice: this.slice, error: String(error) }, 'what is due in a box was not done; trying again');
        }
      }
    }));
    return all;
  }

  private async giveBox(box: number, rows: readonly DueRow[], now: number): Promise<boolean> {
    for (const page of pagesOf(rows, DUE_POLL)) if (!await this.submit(box, { case: 'endPolls', value: { due: page.map(dueOf) } }, page, now)) return false;
    for (const page of pagesOf(rows, DUE_EXPIRY)) if (!await this.submit(box, { case: 'expire', value: { due: page.map(dueOf) } }, page, now)) return false;
    for (const row of rows) if (row.kind === DUE_SCHEDULED && !await this.sendScheduled(row, now)) return false;
    for (const row of rows) if (row.kind === DUE_CREATOR && !await this.handOver(row, now)) return false;
    return true;
  }

  private async sendScheduled(row: DueRow, now: number): Promise<boolean> {
    const { box, peer, id } = row;
    const [message] = await (await this.host.read(box)).scheduled(peer, [id]);
    const fate = message === undefined || peer === box || peer < 0 ? 'deliver' : await this.host.fateOf?.(box, peer) ?? 'deliver';
    return this.submit(box, {
      case: 'sendScheduled',
      value: { message: message ?? create(ScheduledMessageSchema, { peer: BigInt(peer), id }), noDeliver: fate === 'keep', drop: fate === 'drop', due: dueOf(row) },
    }, [row], now);
  }

  /** Somebody else is the creator of a channel from now on. The channel itself says who, and that it is time; who came between is found the next time. */
  private async handOver(row: DueRow, now: number): Promise<boolean> {
    const { box } = row;
    const record = (await this.host.read(box)).dialog(box)?.channel;
    const heir = record === undefined || record.destroyed ? 0 : channelHeir(record);
    const creator = record?.creator ?? 0n;
    const notice = heir === 0 || record?.broadcast ? undefined : await this.host.heirNotice?.(box, Number(creator), heir);
    return this.submit(box, { case: 'channelAct', value: { actor: creator, notice, act: { case: 'succeed', value: { heir: BigInt(heir), due: dueOf(row) } } } }, [row], now);
  }

  /** False: another time. */
  private async submit(box: number, body: MessageInitShape<typeof CommandSchema>['body'], rows: readonly DueRow[], now: number): Promise<boolean> {
    const { error } = await this.host.submit({ box: BigInt(box), date: now, body });
    if (error === undefined) return true;
    // The box lives in another DC, whose sweeper has rows of its own.
    if (error.startsWith('USER_MIGRATE_')) {
      for (const { slice, hour, at, kind, peer, id, version } of rows) await this.host.storage.delete(boxDue, { slice, hour, at, box, kind, peer, id }, { version: (version ?? 0n) + 1n });
      return true;
    }
    return false;
  }
}

/** The rows of one kind, as many at a time as one command does. */
function pagesOf(rows: readonly DueRow[], wanted: number): DueRow[][] {
  const those = rows.filter(({ kind }) => kind === wanted);
  return Array.from({ length: Math.ceil(those.length / DELETE_IDS_MAX) }, (_, page) => those.slice(page * DELETE_IDS_MAX, (page + 1) * DELETE_IDS_MAX));
}

const dueOf = ({ hour, at, kind, peer, id }: DueRow): { hour: number; at: number; kind: number; peer: bigint; id: number } => ({ hour, at, kind, peer: BigInt(peer), id });

function sameRow(a: DueRow, b: DueRow): boolean {
  return a.at === b.at && a.box === b.box && a.kind === b.kind && a.peer === b.peer && a.id === b.id;
}
