import { types } from 'cassandra-driver';
import { type Bound, cutIntoSlices, type OrderedColumn, type Slice } from './cassandra-slices';
import { type BoundValue, decodeValue, encodeInt32, encodeList, encodeValue, escapePartition } from './cassandra-values';
import { StorageRefused } from './errors';
import { checkColumn } from './key-encoding';
import { CASSANDRA_SLICE_ROWS_PER_KEY_MAX, KEY_BYTES_MAX, RANGE_ROWS_MAX, ROW_BYTES_MAX } from './limits';
import type { RangeQuery, WriteOperation } from './storage';
import type { ColumnType, Table } from './table';
import { checkTtl, checkVersion } from './write-operations';

type Plain = Record<string, unknown>;

/**
 * The column that conditional tables have besides the declared ones: which write made the row what it is. Every write of such a table sets
 * it, so it outlives no row and no row is without it; a conditional write whose answer was lost is told from others by it.
 */
export const WRITE_TOKEN = 'write_token';

/** A statement with its values, ready for the driver. */
export interface Statement {
  query: string;
  params: BoundValue[];
  /** About what it takes in a request and in the server's count of a batch. */
  bytes: number;
}

/** What the server counts for a row besides its values: timestamps, lengths, the key. */
const STATEMENT_OVERHEAD_BYTES = 48;
const { unset } = types;

interface NamedColumn {
  name: string;
  type: ColumnType;
}
type ClusteringColumn = NamedColumn & OrderedColumn;

export const quoted = (name: string): string => `"${name}"`;
const list = (names: readonly string[]): string => names.map(quoted).join(', ');
const equals = (columns: readonly NamedColumn[]): string => columns.map(({ name }) => `${quoted(name)} = ?`).join(' AND ');

/** Seconds that Cassandra is told: it counts whole seconds of its clock, and a row is never gone early. */
export const storedTtl = (seconds: number): number => Math.ceil(seconds) + 1;

export const clusteringColumns = (table: Table): ClusteringColumn[] => Object.entries(table.clustering).map(([name, column]) => {
  const declared = column as ColumnType | { type: ColumnType; order: 'asc' | 'desc' };
  return typeof declared === 'string' ? { name, type: declared, descending: false } : { name, type: declared.type, descending: declared.order === 'desc' };
});
export const partitionColumns = (table: Table): NamedColumn[] => Object.entries(table.partition).map(([name, type]) => ({ name, type: type as ColumnType }));
export const valueColumns = (table: Table): NamedColumn[] => Object.entries(table.columns).map(([name, type]) => ({ name, type: type as ColumnType }));

/** The CQL of one table: statements with their values from operations of the port, rows from what comes back. */
export class CassandraTable {
  readonly name: string;
  readonly keyspace: Table['keyspace'];
  readonly writes: Table['writes'];
  readonly versioned: boolean;
  readonly partition: readonly NamedColumn[];
  readonly clustering: readonly ClusteringColumn[];
  readonly columns: readonly NamedColumn[];
  /** With keyspace, quoted. */
  readonly qualified: string;
  private readonly conditional: boolean;
  private readonly escapes: boolean;
  private readonly names: ReadonlySet<string>;
  private readonly insert: string;
  private readonly insertTtl: string;
  private readonly remove: string;
  private readonly select: string;
  private readonly wherePartition: string;
  private readonly ranges = new Map<string, string>();

  constructor(declaration: Table, readonly keyspaceName: string) {
    this.name = declaration.name;
    this.keyspace = declaration.keyspace;
    this.writes = declaration.writes;
    this.versioned = declaration.writes === 'versioned';
    this.conditional = declaration.writes === 'conditional';
    this.partition = partitionColumns(declaration);
    this.clustering = clusteringColumns(declaration);
    this.columns = valueColumns(declaration);
    this.qualified = `${quoted(keyspaceName)}.${quoted(declaration.name)}`;
    this.escapes = this.partition.length === 1 && ['text', 'bytes'].includes((this.partition[0] as NamedColumn).type);
    const all = [...this.partition, ...this.clustering, ...this.columns].map(({ name }) => name);
    this.names = new Set(all);
    if (this.names.size !== all.length || this.names.has(WRITE_TOKEN)) throw new StorageRefused(`table ${this.name} has a column twice, or one named ${WRITE_TOKEN}`);
    const stored = this.conditional ? [...all, WRITE_TOKEN] : all;
    this.insert = `INSERT INTO ${this.qualified} (${list(stored)}) VALUES (${stored.map(() => '?').join(', ')})`;
    this.insertTtl = this.versioned ? `${this.insert} USING TIMESTAMP ? AND TTL ?` : `${this.insert} USING TTL ?`;
    if (this.versioned) this.insert += ' USING TIMESTAMP ?';
    this.wherePartition = equals(this.partition);
    const whereKey = equals([...this.partition, ...this.clustering]);
    this.remove = `DELETE FROM ${this.qualified}${this.versioned ? ' USING TIMESTAMP ?' : ''} WHERE ${whereKey}`;
    this.select = `SELECT ${this.selected()} FROM ${this.qualified} WHERE ${whereKey}`;
  }

  /** Clustering and value columns; the partition is known to whoever asks, and stands in only where there is nothing else. */
  private selected(): string {
    const names = [...this.clustering, ...this.columns].map(({ name }) => name);
    return list(names.length > 0 ? names : [(this.partition[0] as NamedColumn).name]);
  }

  // ── keys ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Appends the encoded columns, checked; answers the bytes of the key that they make. */
  private bindKey(columns: readonly NamedColumn[], key: Plain, params: BoundValue[]): number {
    let bytes = 0;
    for (const { name, type } of columns) {
      const value = key[name];
      checkColumn(this.name, name, type, value);
      const encoded = encodeValue(type, value);
      bytes += type === 'text' || type === 'bytes' ? 2 + encoded.length : 9;
      params.push(this.escapes && columns === this.partition ? escapePartition(encoded) : encoded);
    }
    return bytes;
  }

  private bindWholeKey(key: Plain, params: BoundValue[]): number {
    const bytes = this.bindKey(this.partition, key, params) + this.bindKey(this.clustering, key, params);
    if (bytes > KEY_BYTES_MAX) throw new StorageRefused(`${this.name}: a key of ${bytes} bytes; at most ${KEY_BYTES_MAX}`);
    return bytes;
  }

  private checkNames(row: Plain): void {
    for (const name in row) if (!this.names.has(name)) throw new StorageRefused(`${this.name} has no column ${name}`);
  }

  /** One string for all rows that `getSeveral` can read together, for maps. Throws StorageRefused unless the key is sound. */
  groupText(key: Plain): string {
    const params: BoundValue[] = [];
    this.bindWholeKey(key, params);
    return textOf(params.slice(0, -1));
  }

  /** One string for each row, for maps. Throws StorageRefused unless the key is sound. */
  rowText(key: Plain): string {
    const params: BoundValue[] = [];
    this.bindWholeKey(key, params);
    return `${this.name}/${textOf(params)}`;
  }

  /** What the partitioner hashes. */
  routingKey(key: Plain): Buffer {
    const params: BoundValue[] = [];
    this.bindKey(this.partition, key, params);
    if (params.length === 1) return params[0] as Buffer;
    return Buffer.concat(params.flatMap((param) => [encodeInt16((param as Buffer).length), param as Buffer, ZERO]));
  }

  // ── writes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  private checkVersion(version: bigint | undefined): void {
    if (this.versioned !== (version !== undefined)) throw new StorageRefused(`${this.name} is ${this.writes}: a write ${this.versioned ? 'needs' : 'takes no'} version`);
    if (version !== undefined) checkVersion(this.name, version);
  }

  /** The statement of a put or delete; everything is checked before anything is sent. @param token of a conditional table's row */
  statement(operation: WriteOperation, token: Buffer): Statement {
    this.checkVersion(operation.version);
    return operation.kind === 'put' ? this.putStatement(operation.row, operation.version, operation.ttlSeconds, token) : this.deleteStatement(operation.key, operation.version);
  }

  private putStatement(row: Plain, version: bigint | undefined, ttlSeconds: number | undefined, token: Buffer): Statement {
    const params: BoundValue[] = [];
    let bytes = this.bindWholeKey(row, params) + STATEMENT_OVERHEAD_BYTES;
    this.checkNames(row);
    bytes += this.bindColumns(row, params);
    if (this.conditional) params.push(token);
    if (version !== undefined) params.push(encodeValue('long', version));
    if (ttlSeconds === undefined) return { query: this.insert, params, bytes };
    checkTtl(this.name, ttlSeconds);
    params.push(encodeInt32(storedTtl(ttlSeconds)));
    return { query: this.insertTtl, params, bytes };
  }

  /** Appends a value for every column, `unset` for those left out; answers their bytes. */
  private bindColumns(row: Plain, params: BoundValue[]): number {
    let bytes = 0;
    for (const { name, type } of this.columns) {
      const value = row[name];
      if (value === undefined) params.push(unset);
      else if (value === null) params.push(null);
      else {
        checkColumn(this.name, name, type, value);
        const encoded = encodeValue(type, value);
        bytes += encoded.length;
        params.push(encoded);
      }
    }
    if (bytes > ROW_BYTES_MAX) throw new StorageRefused(`${this.name}: a row of ${bytes} bytes; at most ${ROW_BYTES_MAX}`);
    return bytes;
  }

  private deleteStatement(key: Plain, version: bigint | undefined): Statement {
    const params: BoundValue[] = version === undefined ? [] : [encodeValue('long', version)];
    const bytes = this.bindWholeKey(key, params) + STATEMENT_OVERHEAD_BYTES;
    return { query: this.remove, params, bytes };
  }

  // ── conditional writes ─────────────────────────────────────────────────────────────────────────────────────────────

  checkConditional(): void {
    if (!this.conditional) throw new StorageRefused(`${this.name} is ${this.writes}: it takes no conditional writes`);
  }

  insertIfAbsent(row: Plain, ttlSeconds: number | undefined, token: Buffer): Statement {
    const put = this.putStatement(row, undefined, ttlSeconds, token);
    const [head, using] = put.query.split(' USING ');
    return { ...put, query: `${head} IF NOT EXISTS${using === undefined ? '' : ` USING ${using}`}` };
  }

  /** @param expected at least one column that is not null, or none at all (the row exists) */
  replaceIf(key: Plain, expected: Plain, next: Plain, token: Buffer): Statement {
    const set = this.named(next);
    const params: BoundValue[] = [];
    let bytes = STATEMENT_OVERHEAD_BYTES;
    for (const column of set) {
      params.push(this.bindOne(column, next));
      bytes += params.at(-1) instanceof Buffer ? (params.at(-1) as Buffer).length : 0;
    }
    if (bytes > ROW_BYTES_MAX) throw new StorageRefused(`${this.name}: a row of ${bytes} bytes; at most ${ROW_BYTES_MAX}`);
    params.push(token);
    bytes += this.bindWholeKey(key, params);
    const condition = this.condition(expected, params);
    const assignments = [...set.map(({ name }) => name), WRITE_TOKEN].map((name) => `${quoted(name)} = ?`).join(', ');
    return { query: `UPDATE ${this.qualified} SET ${assignments} WHERE ${equals([...this.partition, ...this.clustering])} ${condition}`, params, bytes };
  }

  deleteIf(key: Plain, expected: Plain): Statement {
    const params: BoundValue[] = [];
    const bytes = this.bindWholeKey(key, params) + STATEMENT_OVERHEAD_BYTES;
    const condition = this.condition(expected, params);
    return { query: `${this.remove} ${condition}`, params, bytes };
  }

  /** Throws StorageRefused unless names and values of a condition or of assignments are sound. */
  checkColumns(values: Plain): void {
    this.checkNames(values);
    for (const column of this.named(values)) this.bindOne(column, values);
  }

  private named(values: Plain): NamedColumn[] {
    return this.columns.filter(({ name }) => values[name] !== undefined);
  }

  private bindOne({ name, type }: NamedColumn, values: Plain): BoundValue {
    const value = values[name];
    if (value === null) return null;
    checkColumn(this.name, name, type, value);
    return encodeValue(type, value);
  }

  private condition(expected: Plain, params: BoundValue[]): string {
    const parts: string[] = [];
    for (const column of this.named(expected)) {
      params.push(this.bindOne(column, expected));
      parts.push(`${quoted(column.name)} = ?`);
    }
    const token = expected[WRITE_TOKEN];
    if (token !== undefined) {
      params.push(token as Buffer);
      parts.push(`${quoted(WRITE_TOKEN)} = ?`);
    }
    return parts.length === 0 ? 'IF EXISTS' : `IF ${parts.join(' AND ')}`;
  }

  // ── reads ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  get(key: Plain): Statement {
    const params: BoundValue[] = [];
    const bytes = this.bindWholeKey(key, params);
    return { query: this.select, params, bytes };
  }

  /** The row with its token, for the serial read of a conditional write. */
  getWithToken(key: Plain): Statement {
    const statement = this.get(key);
    return { ...statement, query: statement.query.replace(' FROM ', `, ${quoted(WRITE_TOKEN)} FROM `) };
  }

  /**
   * Rows of one partition whose keys differ in the last clustering column only; where they are close together, the rows between them too:
   * a row that is named costs Cassandra some ten times as much as the next one of a slice.
   * @param keys at least one; all agree in everything else
   */
  getSeveral(keys: readonly Plain[]): Statement {
    const params: BoundValue[] = [];
    const first = keys[0] as Plain;
    const last = this.clustering.at(-1) as ClusteringColumn;
    this.bindKey(this.partition, first, params);
    this.bindKey(this.clustering.slice(0, -1), first, params);
    const head = this.select.slice(0, this.select.lastIndexOf(' = ?'));
    const values = keys.map((key) => key[last.name]);
    if (last.type === 'int') {
      const numbers = values as number[];
      const lowest = Math.min(...numbers);
      const highest = Math.max(...numbers);
      if (highest - lowest < keys.length * CASSANDRA_SLICE_ROWS_PER_KEY_MAX) {
        params.push(encodeValue('int', lowest), encodeValue('int', highest));
        return { query: `${head} >= ? AND ${quoted(last.name)} <= ?`, params, bytes: 0 };
      }
    }
    params.push(encodeList(values.map((value) => encodeValue(last.type, value))));
    return { query: `${head} IN ?`, params, bytes: keys.length * 8 };
  }

  /** The SELECTs of a range, in the order in which they are to be read. None: the range is empty. The last parameter of each is its limit. */
  range(partition: Plain, query: RangeQuery<Table>): Statement[] {
    const { limit, reverse = false } = query;
    if (!Number.isInteger(limit) || limit < 1 || limit > RANGE_ROWS_MAX) throw new StorageRefused(`range of ${this.name} with limit ${limit}; 1 to ${RANGE_ROWS_MAX}`);
    const head: BoundValue[] = [];
    this.bindKey(this.partition, partition, head);
    const from = this.bound(query.from as Plain | undefined, query.fromExclusive !== true);
    const to = this.bound(query.to as Plain | undefined, query.toExclusive !== true);
    const slices = cutIntoSlices(this.clustering, from, to);
    if (reverse) slices.reverse();
    return slices.map((slice) => {
      const params = [...head];
      for (const values of [slice.equal, slice.lower.values, slice.upper.values]) {
        const offset = values === slice.equal ? 0 : slice.equal.length;
        for (const [index, value] of values.entries()) params.push(encodeValue((this.clustering[offset + index] as ClusteringColumn).type, value));
      }
      params.push(encodeInt32(limit));
      return { query: this.rangeQuery(slice, reverse), params, bytes: 0 };
    });
  }

  private bound(prefix: Plain | undefined, inclusive: boolean): Bound | undefined {
    if (prefix === undefined) return undefined;
    let named = 0;
    for (const { name } of this.clustering) if (prefix[name] !== undefined) named += 1;
    const columns = this.clustering.slice(0, named);
    for (const { name, type } of columns) checkColumn(this.name, name, type, prefix[name]);
    for (const name of Object.keys(prefix)) {
      if (prefix[name] !== undefined && !this.clustering.some((column) => column.name === name)) throw new StorageRefused(`${this.name}.${name} is no clustering column`);
    }
    return { values: columns.map(({ name }) => prefix[name]), inclusive };
  }

  private rangeQuery(slice: Slice, reverse: boolean): string {
    const shape = `${slice.equal.length}/${slice.lower.values.length}${slice.lower.inclusive}/${slice.upper.values.length}${slice.upper.inclusive}/${reverse}`;
    let query = this.ranges.get(shape);
    if (query === undefined) {
      const where = [this.wherePartition];
      const equal = this.clustering.slice(0, slice.equal.length);
      if (equal.length > 0) where.push(equals(equal));
      const side = (bound: Bound, greater: boolean): void => {
        const columns = this.clustering.slice(equal.length, equal.length + bound.values.length);
        if (columns.length === 0) return;
        const sign = `${greater === (columns[0] as ClusteringColumn).descending ? '<' : '>'}${bound.inclusive ? '=' : ''}`;
        const [left, right] = columns.length === 1 ? [quoted((columns[0] as ClusteringColumn).name), '?'] : [`(${list(columns.map(({ name }) => name))})`, `(${columns.map(() => '?').join(', ')})`];
        where.push(`${left} ${sign} ${right}`);
      };
      side(slice.lower, true);
      side(slice.upper, false);
      const order = reverse && this.clustering.length > 0 ? ` ORDER BY ${this.clustering.map(({ name, descending }) => `${quoted(name)} ${descending ? 'ASC' : 'DESC'}`).join(', ')}` : '';
      query = `SELECT ${this.selected()} FROM ${this.qualified} WHERE ${where.join(' AND ')}${order} LIMIT ?`;
      this.ranges.set(shape, query);
    }
    return query;
  }

  // ── rows ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** @param key holds the partition columns */
  row(key: Plain, columns: types.Row): Plain {
    const row: Plain = {};
    for (const { name } of this.partition) row[name] = key[name];
    for (const { name, type } of this.clustering) row[name] = decodeValue(type, columns[name]);
    for (const { name, type } of this.columns) row[name] = decodeValue(type, columns[name]);
    return row;
  }
}

const ZERO = Buffer.alloc(1);
function encodeInt16(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(2);
  buffer.writeUInt16BE(value, 0);
  return buffer;
}

const textOf = (params: readonly BoundValue[]): string => params.map((param) => (param as Buffer).toString('latin1')).join('\u{10000}');
