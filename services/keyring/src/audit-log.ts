import { createHash, type Hash } from 'node:crypto';
import type { Clock, Logger } from '@heliograph/service-kit/kit';
import type { Storage } from '@heliograph/storage/storage';
import { AUDIT_OPERATIONS, auditHash, type AuditOperation, countsText } from './domain/audit-chain';
import { AUDIT_DAYS, AUDIT_TRIES_MAX } from './limits';
import { keyAudit } from './tables/key-audit';

const DAY_MS = 24 * 3600 * 1000;

/** Gathers what the agent does, and writes it as one row of the chain when asked. Holds a hash and a few counts, however much is done. */
export class AuditLog {
  private digest: Hash = createHash('sha256');
  private counts = noCounts();
  /** The newest row that this agent wrote. */
  private last: { day: number; number: number; hash: Uint8Array } | undefined;
  private flushing: Promise<void> = Promise.resolve();

  constructor(private readonly deps: { storage: Storage; clock: Clock; log: Logger }) {}

  record(operation: AuditOperation, scope: string): void {
    this.counts[operation] += 1;
    this.digest.update(`${operation} ${scope}\n`);
  }

  /** Writes what was gathered, if anything. A failure is logged, and its operations are counted with the next row. */
  flush(): Promise<void> {
    this.flushing = this.flushing.then(() => this.write());
    return this.flushing;
  }

  private async write(): Promise<void> {
    const { counts } = this;
    if (AUDIT_OPERATIONS.every((operation) => counts[operation] === 0)) return;
    const digest = this.digest.digest();
    this.digest = createHash('sha256');
    this.counts = noCounts();
    try {
      await this.append(countsText(counts), digest);
    } catch (error) {
      // The next row's digest begins with this one's, so it still commits to all.
      this.digest.update(digest);
      for (const operation of AUDIT_OPERATIONS) this.counts[operation] += counts[operation];
      this.deps.log.error({ err: error }, 'audit row not written; it joins the next');
    }
  }

  private async append(counts: string, digest: Uint8Array): Promise<void> {
    const { storage, clock } = this.deps;
    for (let attempt = 0; attempt < AUDIT_TRIES_MAX; attempt++) {
      const at = clock.now();
      const day = Math.floor(at / DAY_MS);
      const before = await this.lastRow(day);
      const row = { number: (before?.number ?? 0) + 1, at, counts, digest, previous: before?.hash ?? new Uint8Array(32) };
      const hash = auditHash(row);
      const { applied } = await storage.insertIfAbsent(keyAudit, { day, ...row, hash });
      if (!applied) continue;
      this.last = { day, number: row.number, hash };
      return;
    }
    throw new Error('other agents were faster each time');
  }

  /** The chain's end: the newest row, which another agent may have written; not before the day of this agent's own newest. */
  private async lastRow(today: number): Promise<{ number: number; hash: Uint8Array } | undefined> {
    const from = this.last?.day ?? today - AUDIT_DAYS;
    for (let day = today; day >= from; day--) {
      const [row] = await this.deps.storage.range(keyAudit, { day }, { limit: 1, reverse: true });
      if (row !== undefined) return { number: row.number, hash: row.hash as Uint8Array };
    }
    return this.last;
  }
}

function noCounts(): Record<AuditOperation, number> {
  return { made: 0, unwrapped: 0, fetched: 0, given: 0, deleted: 0, refused: 0 };
}
