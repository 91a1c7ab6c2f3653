import type { ColumnType } from './table';

/** A clustering column, as far as its order matters. */
export interface OrderedColumn {
  type: ColumnType;
  descending: boolean;
}

/** Values of the first clustering columns; `inclusive`: rows below this prefix belong to the range. */
export interface Bound {
  values: readonly unknown[];
  inclusive: boolean;
}

/**
 * What one SELECT can read: the first `equal.length` clustering columns are equal, and the following ones lie between two tuples. All columns
 * of a tuple are ordered the same way, because CQL compares tuples by value and not by clustering order.
 */
export interface Slice {
  equal: readonly unknown[];
  /** Of the columns after the equal ones; empty: unbounded. */
  lower: Bound;
  upper: Bound;
}

const UNBOUNDED: Bound = { values: [], inclusive: true };

function compare(type: ColumnType, left: unknown, right: unknown): number {
  if (type === 'bytes') return Buffer.compare(left as Uint8Array, right as Uint8Array);
  if (type === 'text') return Buffer.compare(Buffer.from(left as string), Buffer.from(right as string));
  return (left as number) < (right as number) ? -1 : (left as number) > (right as number) ? 1 : 0;
}

/** Cuts a range of the port into slices, in clustering order. None: the range is empty. */
export function cutIntoSlices(columns: readonly OrderedColumn[], from: Bound | undefined, to: Bound | undefined): Slice[] {
  const first = from?.values ?? [];
  const last = to?.values ?? [];
  let equal = 0;
  while (equal < first.length && equal < last.length && compare((columns[equal] as OrderedColumn).type, first[equal], last[equal]) === 0) equal += 1;
  const prefix = first.slice(0, equal);
  const lower: Bound = { values: first.slice(equal), inclusive: from?.inclusive ?? true };
  const upper: Bound = { values: last.slice(equal), inclusive: to?.inclusive ?? true };
  // A bound that ends in the common prefix holds all rows below it, or none.
  if (from !== undefined && lower.values.length === 0 && !lower.inclusive) return [];
  if (to !== undefined && upper.values.length === 0 && !upper.inclusive) return [];

  const here = columns[equal];
  if (here === undefined || (lower.values.length === 0 && upper.values.length === 0)) return [{ equal: prefix, lower: UNBOUNDED, upper: UNBOUNDED }];
  if (lower.values.length > 0 && upper.values.length > 0) {
    const order = compare(here.type, lower.values[0], upper.values[0]);
    if (here.descending ? order < 0 : order > 0) return [];
  }
  const depth = Math.max(lower.values.length, upper.values.length);
  if (columns.slice(equal, equal + depth).every(({ descending }) => descending === here.descending)) return [{ equal: prefix, lower, upper }];

  // Mixed orders: the rest of the group that the lower bound is in, the groups between, the beginning of the group that the upper bound is in.
  const slices: Slice[] = [];
  const middle = { lower: UNBOUNDED, upper: UNBOUNDED };
  if (lower.values.length > 0) {
    const group = first.slice(0, equal + 1);
    if (lower.values.length > 1) slices.push(...cutIntoSlices(columns, { values: first, inclusive: lower.inclusive }, { values: group, inclusive: true }));
    middle.lower = { values: lower.values.slice(0, 1), inclusive: lower.values.length === 1 && lower.inclusive };
  }
  if (upper.values.length > 0) middle.upper = { values: upper.values.slice(0, 1), inclusive: upper.values.length === 1 && upper.inclusive };
  slices.push({ equal: prefix, ...middle });
  if (upper.values.length > 1) slices.push(...cutIntoSlices(columns, { values: last.slice(0, equal + 1), inclusive: true }, { values: last, inclusive: upper.inclusive }));
  return slices;
}
