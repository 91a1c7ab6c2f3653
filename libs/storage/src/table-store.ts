import { ByteReader, ByteWriter } from './byte-writer';
import type { Catalog } from './catalog';
import type { StorageClock } from './clock';
import { StorageRefused } from './errors';
import { prefixEnd } from './key-encoding';
import { BATCH_OPERATIONS_MAX, MULTI_GET_KEYS_MAX, RANGE_ROWS_MAX, SWEEP_ROWS_MAX, TOMBSTONE_GRACE_SECONDS } from './limits';
import { OPERATION_HEADER_BYTES, type OrderedEngine } from './ordered-engine';
import { readState, replacesWhole, writeState, writeUniform } from './row-encoding';
import { emptyState, forget, isLive, mergeDelete, mergePut, type RowState, valueAt } from './row-state';
import type { ConditionalResult, RangeQuery, Storage, WriteOperation, WriteOptions } from './storage';
import type { Key, PartitionKey, Row, Table } from './table';
import { EXPIRY_TAG, ROW_TAG, type TableCodec } from './table-codec';
import { checkOnePartition, checkTtl, checkVersion, findMismatch, mergeByRow } from './write-operations';

type Plain = Record<string, unknown>;

/** One keyspace on one engine. */
export interface Keyspace {
  engine: OrderedEngine;
  catalog: Catalog;
}

const EXPIRY_OF_CELLS = 0;
const EXPIRY_OF_TOMBSTONE = 1;

/**
 * The storage port over ordered engines, one per keyspace. Reads see every write at once, durable or not.
 * NOTE: so an answer that leaves the process with what was read must wait for the writes that it depends on.
 */
export class TableStore implements Storage {
  private readonly reader = new ByteReader();
  private readonly scratch = new ByteWriter(4096);

  constructor(
    private readonly keyspaces: Readonly<Record<Table['keyspace'], Keyspace>>,
    private readonly clock: StorageClock,
    private readonly onClose: () => Promise<void>,
  ) {}

  async ensureTables(tables: readonly Table[]): Promise<void> {
    for (const table of tables) this.keyspaces[table.keyspace].catalog.ensureTable(table);
    await this.durable(new Set(tables.map(({ keyspace }) => keyspace)));
  }

  private async durable(keyspaces: ReadonlySet<Table['keyspace']>): Promise<void> {
    for (const keyspace of keyspaces) await this.keyspaces[keyspace].engine.durable();
  }

  // ── reads ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  async get<T extends Table>(table: T, key: Key<T>): Promise<Row<T> | undefined> {
    return this.find(table, key as Plain) as Row<T> | undefined;
  }

  async getMany<T extends Table>(table: T, keys: readonly Key<T>[]): Promise<(Row<T> | undefined)[]> {
    if (keys.length > MULTI_GET_KEYS_MAX) throw new StorageRefused(`getMany of ${keys.length} keys; at most ${MULTI_GET_KEYS_MAX}`);
    return keys.map((key) => this.find(table, key as Plain) as Row<T> | undefined);
  }

  private find(table: Table, key: Plain): Plain | undefined {
    const { engine, catalog } = this.keyspaces[table.keyspace];
    engine.check();
    const codec = catalog.codec(table);
    const state = this.load(engine, codec, key);
    return state === undefined ? undefined : this.rowOf(codec, state, key);
  }

  /** The row if it is live now. */
  private rowOf(codec: TableCodec, state: RowState, key: Plain): Plain | undefined {
    const now = this.clock.now();
    if (!isLive(state, now)) return undefined;
    const row: Plain = {};
    codec.copyKey(key, row);
    this.addColumns(codec, state, row, now);
    return row;
  }

  private addColumns(codec: TableCodec, state: RowState, row: Plain, now: number): void {
    for (let i = 0; i < codec.names.length; i++) row[codec.names[i] as string] = valueAt(state.cells[i], now);
  }

  private load(engine: OrderedEngine, codec: TableCodec, key: Plain): RowState | undefined {
    const { scratch } = this;
    codec.checkKey(key);
    scratch.reset();
    codec.writeKey(scratch, key);
    const bytes = engine.get(scratch.bytes, 0, scratch.position);
    return bytes === undefined ? undefined : readState(this.reader.from(bytes, 0, engine.lastSize), codec.types);
  }

  async range<T extends Table>(table: T, partition: PartitionKey<T>, query: RangeQuery<T>): Promise<Row<T>[]> {
    const { engine, catalog } = this.keyspaces[table.keyspace];
    engine.check();
    const codec = catalog.codec(table);
    const { limit } = query;
    if (!Number.isInteger(limit) || limit < 1 || limit > RANGE_ROWS_MAX) throw new StorageRefused(`range of ${codec.name} with limit ${limit}; 1 to ${RANGE_ROWS_MAX}`);
    const { scratch } = this;
    codec.checkPartition(partition as Plain);
    scratch.reset();
    codec.writePartition(scratch, partition as Plain);
    const partitionEnd = scratch.position;
    const all = Buffer.from(scratch.bytes.subarray(0, partitionEnd));
    const bound = (prefix: Plain | undefined, after: boolean, otherwise: Buffer | undefined): Buffer | undefined => {
      if (prefix === undefined) return otherwise;
      scratch.position = partitionEnd;
      codec.writeClusteringPrefix(scratch, prefix);
      return after ? prefixEnd(scratch.bytes, 0, scratch.position) : Buffer.from(scratch.bytes.subarray(0, scratch.position));
    };
    const from = bound(query.from as Plain | undefined, query.fromExclusive === true, all) ?? all;
    const to = bound(query.to as Plain | undefined, query.toExclusive !== true, prefixEnd(all, 0, all.length));
    const rows: Plain[] = [];
    const now = this.clock.now();
    const reader = this.reader;
    engine.range(from, to, query.reverse === true, (key, value) => {
      const state = readState(reader.from(value, 0, value.length), codec.types);
      if (!isLive(state, now)) return true;
      const row: Plain = {};
      codec.copyPartition(partition as Plain, row);
      codec.readClustering(reader.from(key, partitionEnd, key.length), row);
      this.addColumns(codec, state, row, now);
      rows.push(row);
      return rows.length < limit;
    });
    return rows as Row<T>[];
  }

  // ── writes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  put<T extends Table>(table: T, row: Plain, options: WriteOptions = {}): Promise<void> {
    return this.write([{ kind: 'put', table, row, version: options.version, ttlSeconds: options.ttlSeconds }]);
  }

  delete<T extends Table>(table: T, key: Plain, options: { version?: bigint } = {}): Promise<void> {
    return this.write([{ kind: 'delete', table, key, version: options.version }]);
  }

  atomicBatch(operations: readonly WriteOperation[]): Promise<void> {
    try {
      checkOnePartition(operations);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    return this.write(operations);
  }

  batch(operations: readonly WriteOperation[]): Promise<void> {
    return this.write(operations);
  }

  /**
   * Applies at once, all or nothing; resolves when durable. Not async: everything written in one turn shares one promise,
   * and a rejected one costs nothing on the way.
   */
  private write(operations: readonly WriteOperation[]): Promise<void> {
    let dc = false;
    let directory = false;
    try {
      if (operations.length > BATCH_OPERATIONS_MAX) throw new StorageRefused(`batch of ${operations.length} operations; at most ${BATCH_OPERATIONS_MAX}`);
      // All must be sound before the first is applied.
      for (const operation of operations) this.checkOperation(operation);
      if (operations.length > 1 && operations.some((operation) => operation.kind === 'put' && operation.ttlSeconds !== undefined && operation.version === undefined)) {
        mergeByRow(operations.filter(({ version }) => version === undefined));
      }
      for (const operation of operations) {
        const { table } = operation;
        if (table.keyspace === 'dc') dc = true;
        else directory = true;
        const { engine, catalog } = this.keyspaces[table.keyspace];
        const codec = catalog.codec(table);
        if (operation.kind === 'put') this.applyPut(engine, codec, operation.row, operation.version, operation.ttlSeconds ?? table.ttlSeconds);
        else this.applyDelete(engine, codec, operation.key, operation.version);
      }
    } catch (error) {
      return Promise.reject(error as Error);
    }
    if (dc && directory) return Promise.all([this.keyspaces.dc.engine.durable(), this.keyspaces.directory.engine.durable()]).then(() => {});
    return (directory ? this.keyspaces.directory : this.keyspaces.dc).engine.durable();
  }

  private checkOperation(operation: WriteOperation): void {
    const { engine, catalog } = this.keyspaces[operation.table.keyspace];
    engine.admit();
    const codec = catalog.codec(operation.table);
    this.checkVersion(codec, operation.version);
    if (operation.kind === 'put') {
      codec.checkRow(operation.row);
      this.checkTtl(codec, operation.ttlSeconds);
    } else codec.checkKey(operation.key);
  }

  private checkVersion(codec: TableCodec, version: bigint | undefined): void {
    if (codec.versioned !== (version !== undefined)) throw new StorageRefused(`${codec.name} is ${codec.writes}: a write ${codec.versioned ? 'needs' : 'takes no'} version`);
    if (version !== undefined) checkVersion(codec.name, version);
  }

  private checkTtl(codec: TableCodec, ttlSeconds: number | undefined): void {
    if (ttlSeconds !== undefined) checkTtl(codec.name, ttlSeconds);
  }

  private applyPut(engine: OrderedEngine, codec: TableCodec, row: Plain, version: bigint | undefined, ttlSeconds: number | undefined): void {
    const values = codec.columnValues(row);
    const expiresAt = ttlSeconds === undefined ? 0 : this.clock.now() + Math.round(ttlSeconds * 1000);
    const operation = engine.begin();
    const { writer } = engine;
    let keyEnd: number;
    try {
      codec.writeKey(writer, row);
      keyEnd = writer.position;
      const there = engine.get(writer.bytes, operation + OPERATION_HEADER_BYTES, keyEnd);
      if (there === undefined || replacesWhole(there, codec.types, values, version)) {
        writeUniform(writer, codec.types, values, version, expiresAt);
      } else {
        const state = readState(this.reader.from(there, 0, engine.lastSize), codec.types);
        const columns: [number, unknown][] = [];
        for (let i = 0; i < values.length; i++) if (values[i] !== undefined) columns.push([i, values[i]]);
        // What is dead in a table without versions must not come back with the next write.
        if (!codec.versioned) forget(state, this.clock.now(), undefined);
        mergePut(state, columns, version ?? 0n, expiresAt, codec.versioned, codec.types);
        writeState(writer, codec.types, state, codec.versioned);
      }
    } catch (error) {
      engine.abandon(operation);
      throw error;
    }
    const rowKey = expiresAt === 0 ? undefined : Buffer.from(writer.bytes.subarray(operation + OPERATION_HEADER_BYTES, keyEnd));
    engine.put(operation, keyEnd);
    // A versioned row outlives its expiry by the grace, so that an older write that comes late still loses.
    if (rowKey !== undefined) this.scheduleForget(engine, rowKey, expiresAt + (codec.versioned ? TOMBSTONE_GRACE_SECONDS * 1000 : 0), undefined);
  }

  private applyDelete(engine: OrderedEngine, codec: TableCodec, key: Plain, version: bigint | undefined): void {
    const operation = engine.begin();
    const { writer } = engine;
    let keyEnd: number;
    try {
      codec.writeKey(writer, key);
      keyEnd = writer.position;
      const there = engine.get(writer.bytes, operation + OPERATION_HEADER_BYTES, keyEnd);
      if (version === undefined) {
        if (there === undefined) engine.abandon(operation);
        else engine.remove(operation, keyEnd);
        return;
      }
      const state = there === undefined ? emptyState(codec.types.length) : readState(this.reader.from(there, 0, engine.lastSize), codec.types);
      mergeDelete(state, version);
      writeState(writer, codec.types, state, true);
    } catch (error) {
      engine.abandon(operation);
      throw error;
    }
    const rowKey = Buffer.from(writer.bytes.subarray(operation + OPERATION_HEADER_BYTES, keyEnd));
    engine.put(operation, keyEnd);
    this.scheduleForget(engine, rowKey, this.clock.now() + TOMBSTONE_GRACE_SECONDS * 1000, version);
  }

  // ── conditional writes ─────────────────────────────────────────────────────────────────────────────────────────────

  async insertIfAbsent<T extends Table>(table: T, row: Plain, options: { ttlSeconds?: number } = {}): Promise<ConditionalResult<T>> {
    this.conditional(table).checkNames(row);
    const current = this.find(table, row);
    if (current !== undefined) return { applied: false, current: current as Row<T> };
    // What an expired row leaves behind is not part of the new one.
    const gone = this.write([{ kind: 'delete', table, key: row }]);
    gone.catch(() => {});
    await this.write([{ kind: 'put', table, row, ttlSeconds: options.ttlSeconds }]);
    return { applied: true };
  }

  async replaceIf<T extends Table>(table: T, key: Key<T>, expected: Plain, next: Plain): Promise<ConditionalResult<T>> {
    const refused = this.refusal<T>(table, key as Plain, expected);
    if (refused !== undefined) return refused;
    await this.write([{ kind: 'put', table, row: { ...next, ...(key as Plain) } }]);
    return { applied: true };
  }

  async deleteIf<T extends Table>(table: T, key: Key<T>, expected: Plain): Promise<ConditionalResult<T>> {
    const refused = this.refusal<T>(table, key as Plain, expected);
    if (refused !== undefined) return refused;
    await this.write([{ kind: 'delete', table, key: key as Plain }]);
    return { applied: true };
  }

  private conditional(table: Table): TableCodec {
    const codec = this.keyspaces[table.keyspace].catalog.codec(table);
    if (codec.writes !== 'conditional') throw new StorageRefused(`${codec.name} is ${codec.writes}: it takes no conditional writes`);
    return codec;
  }

  private refusal<T extends Table>(table: T, key: Plain, expected: Plain): ConditionalResult<T> | undefined {
    const codec = this.conditional(table);
    codec.checkNames(expected);
    const current = this.find(table, key);
    if (current === undefined) return { applied: false };
    return findMismatch(current, expected) === undefined ? undefined : { applied: false, current: current as Row<T> };
  }

  // ── expiry ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Notes that the sweep has work on the row at `due` (Unix ms). @param tombstone the deletion that may be forgotten then */
  private scheduleForget(engine: OrderedEngine, rowKey: Buffer, due: number, tombstone: bigint | undefined): void {
    const operation = engine.begin();
    const { writer } = engine;
    writer.byte(EXPIRY_TAG);
    writer.uint48(due);
    writer.raw(rowKey);
    const keyEnd = writer.position;
    writer.byte(tombstone === undefined ? EXPIRY_OF_CELLS : EXPIRY_OF_TOMBSTONE);
    if (tombstone !== undefined) writer.uint64(tombstone);
    engine.put(operation, keyEnd);
  }

  /** Removes what expired or was deleted long enough ago; at most SWEEP_ROWS_MAX rows per keyspace. Answers how many. */
  sweep(): number {
    let swept = 0;
    for (const keyspace of [this.keyspaces.dc, this.keyspaces.directory]) swept += this.sweepKeyspace(keyspace);
    return swept;
  }

  private sweepKeyspace({ engine, catalog }: Keyspace): number {
    const now = this.clock.now();
    const due: [key: Buffer, value: Buffer][] = [];
    const end = Buffer.alloc(7);
    end[0] = EXPIRY_TAG;
    end.writeUIntBE(now + 1, 1, 6);
    engine.range(Buffer.from([EXPIRY_TAG]), end, false, (key, value) => {
      due.push([key, value]);
      return due.length < SWEEP_ROWS_MAX;
    });
    for (const [key, value] of due) {
      const rowKey = key.subarray(7);
      const codec = rowKey[0] === ROW_TAG ? catalog.codecById(rowKey[1] as number) : undefined;
      if (codec !== undefined) this.sweepRow(engine, codec, rowKey, now, value[0] === EXPIRY_OF_TOMBSTONE ? BigInt.asIntN(64, value.readBigUInt64BE(1)) : undefined);
      const operation = engine.begin();
      engine.writer.raw(key);
      engine.remove(operation, engine.writer.position);
    }
    return due.length;
  }

  private sweepRow(engine: OrderedEngine, codec: TableCodec, rowKey: Buffer, now: number, tombstone: bigint | undefined): void {
    const bytes = engine.get(rowKey, 0, rowKey.length);
    if (bytes === undefined) return;
    const state = readState(this.reader.from(bytes, 0, engine.lastSize), codec.types);
    const left = forget(state, now - (codec.versioned ? TOMBSTONE_GRACE_SECONDS * 1000 : 0), tombstone);
    const operation = engine.begin();
    const { writer } = engine;
    writer.raw(rowKey);
    const keyEnd = writer.position;
    if (left) {
      writeState(writer, codec.types, state, codec.versioned);
      engine.put(operation, keyEnd);
    } else engine.remove(operation, keyEnd);
  }

  async close(): Promise<void> {
    await this.onClose();
  }
}
