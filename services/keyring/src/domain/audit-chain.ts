import { createHash } from 'node:crypto';

/** What an agent does with a key. `fetched`: from another DC's agent. */
export const AUDIT_OPERATIONS = ['made', 'unwrapped', 'fetched', 'given', 'deleted', 'refused'] as const;
export type AuditOperation = (typeof AUDIT_OPERATIONS)[number];

export interface AuditRow {
  number: number;
  /** Unix milliseconds. */
  at: number;
  /** `made=1 unwrapped=20`, in the order of AUDIT_OPERATIONS, zeros left out. */
  counts: string;
  /** SHA-256 over `operation scope\n` of each operation. */
  digest: Uint8Array;
  /** Hash of the row before; 32 zero bytes for the first. */
  previous: Uint8Array;
}

/** SHA-256 of the row, which the next one holds as `previous`. */
export function auditHash(row: AuditRow): Uint8Array {
  return createHash('sha256').update(`${row.number} ${row.at} ${row.counts}\n`).update(row.digest).update(row.previous).digest();
}

/** The first row that does not follow from the one before it; undefined when all do. */
export function brokenLink(rows: readonly (AuditRow & { hash: Uint8Array })[]): number | undefined {
  for (const [i, row] of rows.entries()) {
    const before = rows[i - 1];
    if (!Buffer.from(auditHash(row)).equals(row.hash)) return row.number;
    if (before !== undefined && (row.number !== before.number + 1 || !Buffer.from(before.hash).equals(row.previous))) return row.number;
  }
  return undefined;
}

export function countsText(counts: Readonly<Record<AuditOperation, number>>): string {
  return AUDIT_OPERATIONS.filter((operation) => counts[operation] > 0).map((operation) => `${operation}=${counts[operation]}`).join(' ');
}
