import { randomBytes } from 'node:crypto';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { LogRefused } from '../errors';
import { errorName, OK, UNSUPPORTED_SASL_MECHANISM } from './error-codes';
import { ANSWER_BYTES_MAX, CONNECT_TIMEOUT_MS, LOGIN_LIFETIME_PERCENT } from './limits';
import { API_VERSIONS, NEEDED, PRODUCE_BY_ID, SASL_AUTHENTICATE, SASL_HANDSHAKE, type RequestKind } from './requests';
import { authenticate, strongest, type Mechanism } from './sasl';
import { WireReader, WireWriter } from './wire';

export interface ConnectionOptions {
  /** Named in Kafka's logs and quotas. */
  clientId: string;
  /** Present: TLS. `ca`: the certificates that a broker's must lead to, PEM. */
  tls?: { ca: string };
  sasl?: { username: string; password: string };
}

/** No answer, and none will come: what was asked may have happened or not. */
export class ConnectionLost extends Error {
  override readonly name: string = 'ConnectionLost';
}

/** No answer in time. The connection is closed: what was asked may have happened, or may happen yet. */
export class AnswerLate extends ConnectionLost {
  override readonly name = 'AnswerLate';
}

interface Waiting {
  readonly correlation: number;
  readonly flexible: boolean;
  readonly deadline: number;
  readonly what: string;
  resolve(reader: WireReader): void;
  reject(error: Error): void;
}

/** The mechanism that brokers turned out to want, shared by the connections of a log. */
export interface SaslChoice {
  mechanism?: Mechanism;
}

/** One connection to one broker: requests in order, answers in the same order. */
export class Connection {
  /** Why it is closed. */
  closed: Error | undefined;
  private readonly waiting: Waiting[] = [];
  private correlation = 0;
  private chunks: Buffer[] = [];
  private chunksBytes = 0;
  /** Bytes of the frame that comes, with its length field; 4 while that is not known. */
  private frameBytes = 4;
  private producesById = false;
  /** When what authenticated it runs out: before that it is replaced. Milliseconds of `performance.now()`. */
  private authenticatedUntil = Infinity;

  private constructor(private readonly socket: Socket, readonly address: string, private readonly clientId: string) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', (error) => this.close(new ConnectionLost(`${address}: ${error.message}`)));
    socket.on('close', () => this.close(new ConnectionLost(`${address} closed the connection`)));
  }

  /** Whether produce requests name topics by id. */
  get byTopicId(): boolean {
    return this.producesById;
  }

  get usable(): boolean {
    return this.closed === undefined && performance.now() < this.authenticatedUntil;
  }

  /** Connected, authenticated, and new enough. Throws ConnectionLost; LogRefused when the broker won't have us or is too old. */
  static async open(host: string, port: number, options: ConnectionOptions, choice: SaslChoice): Promise<Connection> {
    for (let attempt = 0; ; attempt++) {
      const connection = await Connection.connect(host, port, options);
      // Nobody else knows this connection yet, so nobody else looks whether its answers are late.
      const late = setTimeout(() => connection.close(new AnswerLate(`${connection.address} took the connection and did not answer within ${CONNECT_TIMEOUT_MS} ms`)), CONNECT_TIMEOUT_MS);
      try {
        await connection.checkVersions();
        if (options.sasl === undefined || await connection.logIn(options.sasl, choice, options.tls !== undefined)) return connection;
      } catch (error) {
        connection.close(new ConnectionLost('closed'));
        throw error;
      } finally {
        clearTimeout(late);
      }
      connection.close(new ConnectionLost('closed'));
      if (attempt > 0) throw new LogRefused(`${host}:${port} offers other SASL mechanisms each time`);
    }
  }

  private static connect(host: string, port: number, options: ConnectionOptions): Promise<Connection> {
    const address = `${host}:${port}`;
    const socket = options.tls === undefined
      ? connectPlain({ host, port })
      : connectTls({ host, port, ca: options.tls.ca, ...(isIP(host) === 0 ? { servername: host } : {}) });
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        socket.removeAllListeners();
        socket.on('error', () => {});
        socket.destroy();
        reject(new ConnectionLost(`${address}: ${error.message}`));
      };
      socket.setTimeout(CONNECT_TIMEOUT_MS, () => failed(new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`)));
      socket.once('error', failed);
      socket.once(options.tls === undefined ? 'connect' : 'secureConnect', () => {
        socket.setTimeout(0);
        socket.removeAllListeners();
        resolve(new Connection(socket, address, options.clientId));
      });
    });
  }

  private async checkVersions(): Promise<void> {
    const { code, versions } = await this.request(API_VERSIONS, undefined, CONNECT_TIMEOUT_MS);
    if (code !== OK) throw new LogRefused(`${this.address} does not tell its versions: ${errorName(code)}`);
    for (const { name, key, version } of NEEDED) {
      const found = versions.get(key);
      if (found === undefined || found.lowest > version || found.highest < version) {
        throw new LogRefused(`${this.address} speaks ${name} ${found === undefined ? 'not at all' : `in versions ${found.lowest} to ${found.highest}`}, and version ${version} is needed: Kafka 3.1 up to 4.x`);
      }
    }
    this.producesById = (versions.get(PRODUCE_BY_ID.key)?.highest ?? 0) >= PRODUCE_BY_ID.version;
  }

  /** False when the broker wants another mechanism, which the next connection tries. */
  private async logIn(sasl: { username: string; password: string }, choice: SaslChoice, tls: boolean): Promise<boolean> {
    const mechanism = choice.mechanism ?? 'SCRAM-SHA-512';
    const { code, mechanisms } = await this.request(SASL_HANDSHAKE, { mechanism }, CONNECT_TIMEOUT_MS);
    if (code === UNSUPPORTED_SASL_MECHANISM) {
      const found = strongest(mechanisms, tls);
      if (found === undefined) {
        throw new LogRefused(`${this.address} offers the SASL mechanisms ${mechanisms.join(', ')}; ${tls ? '' : 'without TLS '}one of SCRAM-SHA-512, SCRAM-SHA-256${tls ? ', PLAIN' : ''} is needed${mechanisms.includes('PLAIN') && !tls ? ' (PLAIN shows the password to the network: set HELIOGRAPH_KAFKA_TLS_CA)' : ''}`);
      }
      choice.mechanism = found;
      return false;
    }
    if (code !== OK) throw new LogRefused(`${this.address} refuses to log in by SASL: ${errorName(code)}`);
    choice.mechanism = mechanism;
    let lifetimeMs = 0n;
    await authenticate(mechanism, sasl.username, sasl.password, randomBytes(18).toString('base64url'), async (bytes) => {
      const answer = await this.request(SASL_AUTHENTICATE, { bytes }, CONNECT_TIMEOUT_MS);
      if (answer.code !== OK) throw new LogRefused(`${this.address} does not accept the user name and password of HELIOGRAPH_KAFKA_SASL_USERNAME and _PASSWORD: ${errorName(answer.code)}`);
      lifetimeMs = answer.lifetimeMs;
      return answer.bytes;
    });
    if (lifetimeMs > 0n) this.authenticatedUntil = performance.now() + Number(lifetimeMs) * LOGIN_LIFETIME_PERCENT / 100;
    return true;
  }

  /** Throws ConnectionLost (AnswerLate after `timeoutMs`): whatever was asked may have happened. */
  async request<Q, A>(kind: RequestKind<Q, A>, question: Q, timeoutMs: number): Promise<A> {
    const reader = await this.send(kind, question, timeoutMs);
    try {
      return kind.read(reader);
    } catch (error) {
      const unreadable = new ConnectionLost(`${this.address} answered ${kind.name} with something that can't be read: ${String(error)}`);
      this.close(unreadable);
      throw unreadable;
    }
  }

  private send<Q, A>(kind: RequestKind<Q, A>, question: Q, timeoutMs: number): Promise<WireReader> {
    return new Promise((resolve, reject) => {
      if (this.closed !== undefined) return reject(this.closed);
      const writer = new WireWriter();
      const sizeAt = writer.placeInt32();
      const correlation = this.correlation = (this.correlation + 1) & 0x7fffffff;
      writer.int16(kind.key).int16(kind.version).int32(correlation).shortString(this.clientId);
      if (kind.flexible) writer.noTags();
      kind.write(writer, question);
      writer.setInt32(sizeAt, writer.position - 4);
      this.waiting.push({ correlation, flexible: kind.flexible, deadline: performance.now() + timeoutMs, what: kind.name, resolve, reject });
      this.socket.write(writer.finish());
    });
  }

  /** Closes itself when an answer is late. Called now and then. */
  checkDeadlines(now: number): void {
    const late = this.waiting.find(({ deadline }) => deadline < now);
    if (late !== undefined) this.close(new AnswerLate(`${this.address} did not answer ${late.what} in time`));
  }

  private take(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.chunksBytes += chunk.length;
    while (this.chunksBytes >= this.frameBytes && this.closed === undefined) {
      const bytes = this.chunks.length === 1 ? this.chunks[0] as Buffer : Buffer.concat(this.chunks);
      const size = bytes.readInt32BE(0);
      if (size < 4 || size > ANSWER_BYTES_MAX) {
        return this.close(new ConnectionLost(`${this.address} answers with ${size} bytes, which is not Kafka's protocol; is it a port for TLS?`));
      }
      this.frameBytes = size + 4;
      this.chunks = [bytes];
      if (bytes.length < this.frameBytes) return;
      const rest = bytes.subarray(this.frameBytes);
      this.chunks = rest.length === 0 ? [] : [rest];
      this.chunksBytes = rest.length;
      this.answer(bytes.subarray(4, this.frameBytes));
      this.frameBytes = 4;
    }
  }

  private answer(frame: Buffer): void {
    const waiting = this.waiting.shift();
    if (waiting === undefined || frame.readInt32BE(0) !== waiting.correlation) {
      return this.close(new ConnectionLost(`${this.address} answered another request than the one that was asked`));
    }
    const reader = new WireReader(frame, 4);
    try {
      if (waiting.flexible) reader.skipTags();
    } catch (error) {
      waiting.reject(error as Error);
      return;
    }
    waiting.resolve(reader);
  }

  /** Ends what waits with `error`. */
  close(error: Error): void {
    if (this.closed !== undefined) return;
    this.closed = error;
    this.socket.destroy();
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}
