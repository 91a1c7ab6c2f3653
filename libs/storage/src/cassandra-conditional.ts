import type { types } from 'cassandra-driver';
import type { Failure } from './cassandra-errors';
import type { Serial } from './cassandra-session';
import { type CassandraTable, type Statement, WRITE_TOKEN } from './cassandra-table';
import { StorageRefused, StorageTimeout } from './errors';
import { CASSANDRA_CONDITIONAL_ATTEMPTS_MAX } from './limits';
import { findMismatch } from './write-operations';

type Plain = Record<string, unknown>;

/** What conditional writes need of a session. */
export interface ConditionalSession {
  /** Sends once; answers whether it was applied, or why that is not known. */
  conditional(statement: Statement, serial: Serial, keyspace: string, routingKey: Buffer): Promise<boolean | Failure>;
  /** Reads what all conditional writes so far have made of a row, and settles one that is half done. */
  readSerial(statement: Statement, serial: Serial): Promise<types.Row[]>;
  /** Waits before the next attempt. */
  pause(attempt: number): Promise<void>;
}

interface Found {
  row: Plain;
  token: Buffer | null;
}
interface Outcome {
  applied: boolean;
  current?: Plain;
}

interface Decision {
  /** Whether the row must be read before the first attempt. */
  readFirst?: boolean;
  /** From the row as the last serial read found it; undefined: cannot be said. */
  statement(found: Found | undefined): Statement | undefined;
  /** What a serial read means after an attempt that was not applied, or (`uncertain`) after one or more whose answers were lost. */
  verdict(found: Found | undefined, uncertain: boolean): Outcome | 'again' | 'unknown';
}

const unknown = (table: CassandraTable, what: string, lost: Failure | undefined): StorageTimeout =>
  new StorageTimeout(`a conditional write of ${table.name} has no answer, ${what}${lost === undefined ? '' : `: ${lost.error.message}`}`, { cause: lost?.error });

/**
 * Conditional writes: lightweight transactions, and what to make of their errors. An error of one says nothing about whether it happened. So
 * each writes a token of its own into the row, and after an error a serial read (which settles what was half done) is asked:
 *
 * | the serial read finds                     | insertIfAbsent   | replaceIf      | deleteIf       |
 * |-------------------------------------------|------------------|----------------|----------------|
 * | our token                                 | applied          | applied        | –              |
 * | the condition true                        | sent again       | sent again     | sent again     |
 * | anything else                             | refused: another | StorageTimeout | StorageTimeout |
 *
 * "Anything else" may be a write that came after ours had been applied; for an insert the other row is the answer either way.
 * The writes of one row by this process go one after another: contending with oneself is what makes Cassandra time out.
 */
export class ConditionalWrites {
  private readonly tails = new Map<string, Promise<unknown>>();

  /** @param token 8 random bytes */
  constructor(private readonly session: ConditionalSession, private readonly token: () => Buffer) {}

  insertIfAbsent(table: CassandraTable, row: Plain, ttlSeconds: number | undefined): Promise<Outcome> {
    const token = this.token();
    const statement = table.insertIfAbsent(row, ttlSeconds, token);
    return this.inTurn(table, row, () => this.decide(table, row, {
      statement: () => statement,
      verdict: (found) => {
        if (found === undefined) return 'again';
        return found.token?.equals(token) === true ? { applied: true } : { applied: false, current: found.row };
      },
    }));
  }

  replaceIf(table: CassandraTable, key: Plain, expected: Plain, next: Plain): Promise<Outcome> {
    table.checkColumns(expected);
    table.checkColumns(next);
    const token = this.token();
    return this.compareAnd(table, key, expected, token, (condition) => table.replaceIf(key, condition, next, token));
  }

  deleteIf(table: CassandraTable, key: Plain, expected: Plain): Promise<Outcome> {
    table.checkColumns(expected);
    return this.compareAnd(table, key, expected, undefined, (condition) => table.deleteIf(key, condition));
  }

  private compareAnd(table: CassandraTable, key: Plain, expected: Plain, token: Buffer | undefined, make: (condition: Plain) => Statement): Promise<Outcome> {
    const named = Object.values(expected).filter((value) => value !== undefined);
    const nullsOnly = named.length > 0 && named.every((value) => value === null);
    const statement = make(expected);
    return this.inTurn(table, key, () => this.decide(table, key, {
      readFirst: nullsOnly,
      // A condition of nulls alone is true of a row that is not there: it is pinned to the row that the serial read found, by its token.
      statement: nullsOnly
        ? (found) => (found === undefined || found.token === null ? undefined : make({ ...expected, [WRITE_TOKEN]: found.token }))
        : () => statement,
      verdict: (found, uncertain) => {
        if (token !== undefined && found?.token?.equals(token) === true) return { applied: true };
        if (found !== undefined && findMismatch(found.row, expected) === undefined) return 'again';
        if (uncertain) return 'unknown';
        return found === undefined ? { applied: false } : { applied: false, current: found.row };
      },
    }));
  }

  private async find(table: CassandraTable, key: Plain, serial: Serial): Promise<Found | undefined> {
    const row = (await this.session.readSerial(table.getWithToken(key), serial))[0];
    return row === undefined ? undefined : { row: table.row(key, row), token: row[WRITE_TOKEN] as Buffer | null };
  }

  /** Sends until it is decided. */
  private async decide(table: CassandraTable, key: Plain, how: Decision): Promise<Outcome> {
    const serial: Serial = table.keyspace === 'directory' ? 'everywhere' : 'local';
    let found: Found | undefined;
    if (how.readFirst === true) {
      found = await this.find(table, key, serial);
      const verdict = how.verdict(found, false);
      if (typeof verdict === 'object') return verdict;
    }
    let lost: Failure | undefined;
    for (let attempt = 1; attempt <= CASSANDRA_CONDITIONAL_ATTEMPTS_MAX; attempt++) {
      const statement = how.statement(found);
      if (statement === undefined) throw new StorageRefused(`${table.name}: a row that was written without ${WRITE_TOKEN} cannot be compared with nulls alone`);
      const answer = await this.session.conditional(statement, serial, table.keyspaceName, table.routingKey(key));
      if (answer === true) return { applied: true };
      if (answer !== false) {
        // What an earlier attempt did is not undone by this one's failure.
        if (answer.effect !== 'unknown') throw lost === undefined ? answer.error : unknown(table, 'and repeating it failed', lost);
        lost = answer;
      }
      try {
        found = await this.find(table, key, serial);
      } catch (error) {
        throw lost === undefined ? error : unknown(table, 'and reading what became of it failed', lost);
      }
      const verdict = how.verdict(found, lost !== undefined);
      if (verdict === 'unknown') throw unknown(table, 'and the row was changed since', lost);
      if (verdict !== 'again') return verdict;
      await this.session.pause(attempt);
    }
    throw unknown(table, `in ${CASSANDRA_CONDITIONAL_ATTEMPTS_MAX} attempts`, lost);
  }

  /** Runs after all others of the row. */
  private async inTurn<T>(table: CassandraTable, key: Plain, work: () => Promise<T>): Promise<T> {
    const text = table.rowText(key);
    const before = this.tails.get(text) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.tails.set(text, mine);
    try {
      return await mine;
    } finally {
      if (this.tails.get(text) === mine) this.tails.delete(text);
    }
  }
}
