import type { ColumnType } from './table';

/**
 * What a row holds besides its key, and how writes merge into it. The rules are Cassandra's, so that both adapters agree:
 * per column the newest version wins; at equal versions a deletion beats a value, a value that expires one that stays, the later
 * expiry the earlier, and of two values with one expiry the larger bytes win
 * (so the order of arrival never matters, and the same write twice is one write).
 */
export interface Cell {
  /** 0n in tables without versions. */
  version: bigint;
  /** Unix milliseconds; 0: never. */
  expiresAt: number;
  /** null: the column was erased. */
  value: unknown;
}

export interface RowState {
  /** Every cell with a version up to this is gone; undefined: the row was never deleted, or its deletion is forgotten. */
  deletedAt: bigint | undefined;
  /** Says that the row exists, whatever its columns hold. */
  marker: Cell | undefined;
  /** By column index; undefined: never written. */
  cells: (Cell | undefined)[];
}

export function emptyState(columns: number): RowState {
  return { deletedAt: undefined, marker: undefined, cells: Array.from({ length: columns }, () => undefined) };
}

/** As their bytes compare in Cassandra: numbers as unsigned ones, so that a negative one is larger than any other. */
function compareValues(type: ColumnType | undefined, left: unknown, right: unknown): number {
  switch (type) {
    case 'bytes': return Buffer.compare(left as Uint8Array, right as Uint8Array);
    case 'text': return Buffer.compare(Buffer.from(left as string), Buffer.from(right as string));
    case 'double': return Buffer.compare(doubleBytes(left as number), doubleBytes(right as number));
    case 'int':
    case 'long': return (left as number) < 0 === (right as number) < 0 ? order(left as number, right as number) : order(right as number, left as number);
    default: return order(left as number, right as number);
  }
}

const order = (left: number, right: number): number => (left < right ? -1 : left > right ? 1 : 0);
function doubleBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

/** Whether `next` takes the place of `current` in a versioned table. */
function wins(type: ColumnType | undefined, next: Cell, current: Cell): boolean {
  if (next.version !== current.version) return next.version > current.version;
  if (current.value === null) return false;
  if (next.value === null) return true;
  if (next.expiresAt !== current.expiresAt) return next.expiresAt !== 0 && (current.expiresAt === 0 || next.expiresAt > current.expiresAt);
  return compareValues(type, next.value, current.value) > 0;
}

/** Merges a put into `state`, in place. @param columns [index, value] of the columns it names @param types by column index */
export function mergePut(state: RowState, columns: readonly (readonly [number, unknown])[], version: bigint, expiresAt: number, versioned: boolean, types: readonly ColumnType[]): void {
  const { deletedAt } = state;
  if (versioned && deletedAt !== undefined && version <= deletedAt) return;
  const marker = { version, expiresAt, value: true };
  if (!versioned || state.marker === undefined || wins(undefined, marker, state.marker)) state.marker = marker;
  for (const [index, value] of columns) {
    const cell = { version, expiresAt: value === null ? 0 : expiresAt, value };
    const current = state.cells[index];
    if (!versioned || current === undefined || wins(types[index], cell, current)) state.cells[index] = cell;
  }
}

/** Merges a deletion of a versioned row into `state`, in place. */
export function mergeDelete(state: RowState, version: bigint): void {
  if (state.deletedAt !== undefined && state.deletedAt >= version) return;
  state.deletedAt = version;
  if (state.marker !== undefined && state.marker.version <= version) state.marker = undefined;
  for (let i = 0; i < state.cells.length; i++) {
    const cell = state.cells[i];
    if (cell !== undefined && cell.version <= version) state.cells[i] = undefined;
  }
}

const alive = (cell: Cell | undefined, now: number): boolean => cell !== undefined && cell.value !== null && (cell.expiresAt === 0 || cell.expiresAt > now);

/** Whether a read at `now` sees the row. */
export function isLive(state: RowState, now: number): boolean {
  if (alive(state.marker, now)) return true;
  for (const cell of state.cells) if (alive(cell, now)) return true;
  return false;
}

/** The column's value as a read at `now` sees it. */
export function valueAt(cell: Cell | undefined, now: number): unknown {
  return alive(cell, now) ? (cell as Cell).value : null;
}

/**
 * Forgets what expired before `before` and, if the row was deleted at `deletedAt`, that it was. Returns false when nothing is left.
 * @param before Unix milliseconds
 */
export function forget(state: RowState, before: number, deletedAt: bigint | undefined): boolean {
  const expired = (cell: Cell | undefined): boolean => cell !== undefined && cell.expiresAt !== 0 && cell.expiresAt <= before;
  if (expired(state.marker)) state.marker = undefined;
  for (let i = 0; i < state.cells.length; i++) if (expired(state.cells[i])) state.cells[i] = undefined;
  if (deletedAt !== undefined && state.deletedAt === deletedAt) state.deletedAt = undefined;
  return state.deletedAt !== undefined || state.marker !== undefined || state.cells.some((cell) => cell !== undefined);
}
