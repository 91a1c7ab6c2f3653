import { types } from 'cassandra-driver';
import { ConditionalWrites, type ConditionalSession } from './cassandra-conditional';
import { CassandraTable, type Statement } from './cassandra-table';
import { StorageRefused, StorageTimeout, StorageUnavailable } from './errors';
import { defineTable } from './table';

const names = defineTable({ name: 'names', keyspace: 'directory', partition: { name: 'text' }, clustering: {}, columns: { owner: 'int', note: 'text' }, writes: 'conditional' });
const table = new CassandraTable(names, 'dir');
const key = { name: 'n' };

interface Stored {
  owner: number | null;
  note: string | null;
  token: Buffer;
}
type Script = 'ok' | 'lost before' | 'lost after' | 'no host' | 'refused';

/** One row, and a script of what happens to each attempt: done, lost before or after it took effect, never sent. */
class FakeSession implements ConditionalSession {
  row: Stored | undefined;
  readonly sent: string[] = [];
  readFails = false;
  /** Runs before the serial read number n (from 1). */
  readonly beforeRead = new Map<number, () => void>();
  private reads = 0;

  constructor(private readonly script: Script[]) {}

  async conditional(statement: Statement): ReturnType<ConditionalSession['conditional']> {
    const fate = this.script.shift() ?? 'ok';
    this.sent.push(fate);
    if (fate === 'no host') return { effect: 'none', error: new StorageUnavailable('no host') };
    if (fate === 'refused') return { effect: 'refused', error: new StorageRefused('no such column') };
    const applied = fate === 'lost before' ? false : this.apply(statement);
    return fate === 'ok' ? applied : { effect: 'unknown', error: new StorageTimeout('lost') };
  }

  private apply({ query, params }: Statement): boolean {
    const values = [...params] as (Buffer | null)[];
    const number = (value: Buffer | null): number | null => (value === null ? null : Number(value.readBigInt64BE()));
    if (query.startsWith('INSERT')) {
      if (this.row !== undefined) return false;
      const [, owner, note, token] = params;
      this.row = { owner: owner instanceof Buffer ? number(owner) : null, note: note instanceof Buffer ? note.toString() : null, token: token as Buffer };
      return true;
    }
    const set = query.startsWith('UPDATE') ? [...(/SET (.*) WHERE/.exec(query)?.[1] ?? '').matchAll(/"(\w+)" = \?/g)].map((match) => match[1] as string) : [];
    const next = set.map((name): [string, Buffer | null] => [name, values.shift() as Buffer | null]);
    values.shift();
    const condition = query.slice(query.indexOf(' IF '));
    if (condition === ' IF EXISTS' ? this.row === undefined : !this.holds(condition, values)) return false;
    if (query.startsWith('DELETE')) {
      this.row = undefined;
      return true;
    }
    this.row ??= { owner: null, note: null, token: Buffer.alloc(0) };
    for (const [name, value] of next) {
      if (name === 'owner') this.row.owner = number(value);
      else if (name === 'note') this.row.note = value?.toString() ?? null;
      else this.row.token = value as Buffer;
    }
    return true;
  }

  /** As Cassandra: a row that is not there has null in every column. */
  private holds(condition: string, values: (Buffer | null)[]): boolean {
    return [...condition.matchAll(/"(\w+)" = \?/g)].every(([, name], index) => {
      const expected = values[index] ?? null;
      if (name === 'write_token') return this.row !== undefined && expected !== null && this.row.token.equals(expected);
      const current = name === 'owner' ? this.row?.owner : this.row?.note;
      return (current ?? null) === (expected === null ? null : name === 'owner' ? Number(expected.readBigInt64BE()) : expected.toString());
    });
  }

  async readSerial(): Promise<types.Row[]> {
    this.reads += 1;
    this.beforeRead.get(this.reads)?.();
    if (this.readFails) throw new StorageUnavailable('down');
    if (this.row === undefined) return [];
    const { owner, note, token } = this.row;
    return [{ owner: owner === null ? null : types.Long.fromNumber(owner), note, write_token: token } as unknown as types.Row];
  }

  async pause(): Promise<void> {}
}

let tokens = 0;
const writesOn = (session: FakeSession): ConditionalWrites => new ConditionalWrites(session, () => Buffer.from(`token ${(tokens += 1)}`));
const foreign = (owner: number | null, note: string | null = null): Stored => ({ owner, note, token: Buffer.from(`another ${(tokens += 1)}`) });
const insert = (session: FakeSession, owner = 1): ReturnType<ConditionalWrites['insertIfAbsent']> => writesOn(session).insertIfAbsent(table, { ...key, owner }, undefined);

describe('insertIfAbsent', () => {
  test.each<[Script[], number]>([
    [['ok'], 1],
    [['lost after'], 1],
    [['lost before', 'ok'], 2],
    [['lost before', 'lost before', 'lost after'], 3],
  ])('%j ends applied', async (script, attempts) => {
    const session = new FakeSession([...script]);
    expect(await insert(session)).toEqual({ applied: true });
    expect([session.row?.owner, session.sent.length]).toEqual([1, attempts]);
  });

  test('a first attempt that arrives after the second was sent is our own', async () => {
    const session = new FakeSession(['lost before', 'ok']);
    session.beforeRead.set(1, () => {});
    const token = Buffer.from('mine');
    session.beforeRead.set(2, () => expect(session.sent).toHaveLength(2));
    const writes = new ConditionalWrites(session, () => token);
    session.beforeRead.set(1, () => queueMicrotask(() => (session.row ??= { owner: 1, note: null, token })));
    expect(await writes.insertIfAbsent(table, { ...key, owner: 1 }, undefined)).toEqual({ applied: true });
  });

  test.each<Script>(['ok', 'lost before', 'lost after'])('another’s row refuses it, and is told (%s)', async (fate) => {
    const session = new FakeSession([fate]);
    session.row = foreign(2);
    expect(await insert(session)).toEqual({ applied: false, current: { ...key, owner: 2, note: null } });
  });

  test('a row that went between refusal and reading leaves room for another attempt', async () => {
    const session = new FakeSession([]);
    session.row = foreign(2);
    session.beforeRead.set(1, () => (session.row = undefined));
    expect(await insert(session)).toEqual({ applied: true });
  });

  test('what was never sent and what is refused is told as it is', async () => {
    await expect(insert(new FakeSession(['no host']))).rejects.toBeInstanceOf(StorageUnavailable);
    await expect(insert(new FakeSession(['refused']))).rejects.toBeInstanceOf(StorageRefused);
  });

  test('a lost attempt stays unknown when its repetition is never sent', async () => {
    await expect(insert(new FakeSession(['lost before', 'no host']))).rejects.toBeInstanceOf(StorageTimeout);
  });

  test('without a reading it is unknown', async () => {
    const session = new FakeSession(['lost after']);
    session.readFails = true;
    await expect(insert(session)).rejects.toBeInstanceOf(StorageTimeout);
  });
});

describe('replaceIf', () => {
  const replace = (session: FakeSession, expected: Record<string, unknown>): ReturnType<ConditionalWrites['replaceIf']> => writesOn(session).replaceIf(table, key, expected, { owner: 5 });

  test.each<Script[][]>([[['ok']], [['lost after']], [['lost before', 'ok']]])('%j ends applied', async (script) => {
    const session = new FakeSession([...script]);
    session.row = foreign(1);
    expect(await replace(session, { owner: 1 })).toEqual({ applied: true });
    expect(session.row.owner).toBe(5);
  });

  test('refused without an error: the row as it is', async () => {
    const session = new FakeSession([]);
    session.row = foreign(2);
    expect(await replace(session, { owner: 1 })).toEqual({ applied: false, current: { ...key, owner: 2, note: null } });
    session.row = undefined;
    expect(await replace(session, { owner: 1 })).toEqual({ applied: false });
    expect(await replace(session, {})).toEqual({ applied: false });
  });

  test('an answer lost, and the row changed since by another to what we wanted: unknown, not ours', async () => {
    const session = new FakeSession(['lost before']);
    session.row = foreign(1);
    session.beforeRead.set(1, () => (session.row = foreign(5)));
    await expect(replace(session, { owner: 1 })).rejects.toBeInstanceOf(StorageTimeout);
  });

  test('nulls alone are no property of a row that is not there', async () => {
    const session = new FakeSession([]);
    expect(await replace(session, { note: null })).toEqual({ applied: false });
    expect([session.row, session.sent]).toEqual([undefined, []]);
    session.row = foreign(1);
    expect(await replace(session, { note: null })).toEqual({ applied: true });
  });

  test('nulls alone, and the row is replaced between reading and writing: read again', async () => {
    const session = new FakeSession([]);
    session.row = foreign(1);
    session.beforeRead.set(1, () => queueMicrotask(() => (session.row = foreign(3))));
    expect(await replace(session, { note: null })).toEqual({ applied: true });
    expect(session.sent.length).toBeGreaterThanOrEqual(1);
  });
});

describe('deleteIf', () => {
  const remove = (session: FakeSession): ReturnType<ConditionalWrites['deleteIf']> => writesOn(session).deleteIf(table, key, { owner: 1 });

  test.each<Script[][]>([[['ok']], [['lost before', 'ok']]])('%j ends applied', async (script) => {
    const session = new FakeSession([...script]);
    session.row = foreign(1);
    expect(await remove(session)).toEqual({ applied: true });
    expect(session.row).toBeUndefined();
  });

  test('an answer lost and the row gone: whose deletion it was cannot be known', async () => {
    const session = new FakeSession(['lost after']);
    session.row = foreign(1);
    await expect(remove(session)).rejects.toBeInstanceOf(StorageTimeout);
  });
});

test('writes of one row go one after another, and leave nothing behind', async () => {
  const session = new FakeSession([]);
  const writes = writesOn(session);
  const outcomes = await Promise.all([1, 2, 3].map((owner) => writes.insertIfAbsent(table, { ...key, owner }, undefined)));
  expect(outcomes.map(({ applied }) => applied)).toEqual([true, false, false]);
  expect(session.row?.owner).toBe(1);
  expect((writes as unknown as { tails: Map<string, unknown> }).tails.size).toBe(0);
});
