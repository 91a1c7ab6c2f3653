import { Redis, type RedisOptions } from 'ioredis';
import { checkKey, checkMembers, checkMessage, checkStep, checkTtl, checkValue } from './checks';
import type { Ephemeral } from './ephemeral';
import { EphemeralRefused, EphemeralUnavailable } from './errors';
import {
  CHANNELS_COUNT_MAX, COMMANDS_WAITING_BYTES_MAX, COMMANDS_WAITING_COUNT_MAX, COMMAND_TIMEOUT_MS, CLOSE_TIMEOUT_MS, CONNECT_TIMEOUT_MS, RECONNECT_DELAY_MS, RECONNECT_DELAY_MS_MAX,
  SET_MEMBERS_COUNT_MAX, SILENCE_MS_MAX, SUBSCRIBER_PING_INTERVAL_MS,
} from './limits';
import { INCREMENT, SET_ADD, type RedisScript } from './redis-scripts';

export interface RedisEphemeralOptions {
  /** `redis://[[user]:password@]host:port[/database]`; `rediss://` for TLS, checked against the system's authorities. */
  url: string;
  /** Told when the connection is lost and when it is back, and of a server whose settings are doubtful. Default: nobody. */
  log?: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** 0 ≤ x < 1, spreads reconnections. Default: Math.random. */
  random?: () => number;
}

/** Server versions from here on are known to do what the adapter asks. */
const VERSION_MIN = [6, 2] as const;

/**
 * Values begin with this byte, counters with a digit or a minus: so that Redis itself refuses to add to a value, even to one that
 * reads like a number.
 */
const VALUE_MARK = 0x76;

/**
 * The ephemeral port on one Redis primary (6.2 or newer; not a cluster). Commands go out at once or fail at once: there is no queue for the
 * time without a connection, nothing is ever sent twice, and every call settles within COMMAND_TIMEOUT_MS. An error of a write means *unknown*.
 * Messages published while the connection of subscriptions was down are lost; it subscribes anew by itself.
 *
 * Throws EphemeralRefused, with what to change, for a setting that will not work however long one waits (address, password, database, cluster,
 * version); EphemeralUnavailable when the server cannot be reached (yet).
 */
export async function openRedis(options: RedisEphemeralOptions): Promise<Ephemeral> {
  const address = readAddress(options.url);
  const name = `Redis at ${address.host}:${address.port}`;
  const random = options.random ?? Math.random;
  const settings: RedisOptions = {
    ...address,
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: CLOSE_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: SILENCE_MS_MAX,
    keepAlive: 10_000,
    // Fail fast, and never send again what may have been done already.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    maxLoadingRetryTime: RECONNECT_DELAY_MS_MAX,
    autoResubscribe: false,
    disableClientInfo: true,
    connectionName: 'heliograph',
    retryStrategy: (times) => {
      const ceiling = Math.min(RECONNECT_DELAY_MS_MAX, RECONNECT_DELAY_MS * 2 ** Math.min(times - 1, 10));
      return Math.ceil(ceiling / 2 + random() * (ceiling / 2));
    },
    // A primary that was made a replica: the address may lead to the new primary by now.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };

  const commands = new Redis(settings);
  // The client's failures show by the connection's state and by what the commands answer.
  commands.on('error', () => undefined);
  let closed = false;
  await connect(commands, name);
  try {
    await checkServer(commands, name, options.log);
  } catch (error) {
    commands.disconnect();
    throw error;
  }
  tellOfLosses(commands, () => closed, options.log, name);

  let waiting = 0;
  let waitingBytes = 0;
  let corked = false;
  /** Runs one command; `bytes` of it count against what may wait. */
  const run = async <T>(bytes: number, send: () => Promise<T>): Promise<T> => {
    if (commands.status !== 'ready') throw new EphemeralUnavailable(closed ? 'the ephemeral store is closed' : `${name} is not reachable at present`);
    if (waiting >= COMMANDS_WAITING_COUNT_MAX || waitingBytes + bytes > COMMANDS_WAITING_BYTES_MAX) throw new EphemeralUnavailable(`${name} is behind: ${waiting} commands and ${waitingBytes} bytes wait for an answer`);
    // What is sent in one turn leaves in one write: half the processor time of a write each, and less than the client's own pipelining.
    if (!corked) {
      corked = true;
      const { stream } = commands;
      stream.cork();
      process.nextTick(() => {
        corked = false;
        stream.uncork();
      });
    }
    waiting += 1;
    waitingBytes += bytes;
    try {
      return await send();
    } catch (error) {
      throw toPortError(error, name);
    } finally {
      waiting -= 1;
      waitingBytes -= bytes;
    }
  };
  const runScript = (script: RedisScript, key: string, bytes: number, parameters: readonly (string | number)[]): Promise<unknown> => run(bytes, async () => {
    try {
      return await commands.evalsha(script.sha1, 1, key, ...parameters);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return commands.eval(script.lua, 1, key, ...parameters);
    }
  });
  const subscriptions = openSubscriptions({ connection: new Redis({ ...settings, connectionName: 'heliograph-subscriber' }), name, isClosed: () => closed });

  return {
    async get(key) {
      checkKey(key);
      const stored = await run(0, () => commands.getBuffer(key));
      return stored === null ? undefined : unmarked(stored);
    },
    async set(key, value, ttlMs) {
      checkKey(key);
      checkValue(key, value);
      const ttl = checkTtl(key, ttlMs);
      const marked = markValue(value);
      await run(value.length, () => commands.set(key, marked, 'PX', ttl));
    },
    async setIfAbsent(key, value, ttlMs) {
      checkKey(key);
      checkValue(key, value);
      const ttl = checkTtl(key, ttlMs);
      const marked = markValue(value);
      return (await run(value.length, () => commands.set(key, marked, 'PX', ttl, 'NX'))) !== null;
    },
    async exchange(key, value, ttlMs) {
      checkKey(key);
      checkValue(key, value);
      const ttl = checkTtl(key, ttlMs);
      const marked = markValue(value);
      const before = await run(value.length, () => commands.setBuffer(key, marked, 'PX', ttl, 'GET'));
      return before === null ? undefined : unmarked(before);
    },
    async delete(key) {
      checkKey(key);
      await run(0, () => commands.unlink(key));
    },
    async increment(key, by, ttlMs) {
      checkKey(key);
      checkStep(key, by);
      const ttl = checkTtl(key, ttlMs);
      const [value, ttlLeftMs] = await runScript(INCREMENT, key, 0, [by, ttl]) as [number, number];
      // A key in its last millisecond may be gone for PTTL (−2).
      return { value, ttlLeftMs: Math.max(0, ttlLeftMs) };
    },
    async setAdd(key, members, ttlMs) {
      checkKey(key);
      const bytes = checkMembers(key, members);
      const ttl = checkTtl(key, ttlMs);
      if ((await runScript(SET_ADD, key, bytes, [ttl, SET_MEMBERS_COUNT_MAX, ...members])) === 0) throw new EphemeralRefused(`${key} would have more than ${SET_MEMBERS_COUNT_MAX} members`);
    },
    async setRemove(key, members) {
      checkKey(key);
      const bytes = checkMembers(key, members);
      if (members.length > 0) await run(bytes, () => commands.srem(key, ...members));
    },
    async setMembers(key) {
      checkKey(key);
      return run(0, () => commands.smembers(key));
    },
    async publish(channel, message) {
      checkKey(channel);
      checkMessage(channel, message);
      const own = Buffer.from(message);
      await run(own.length, () => commands.publish(channel, own));
    },
    async subscribe(channel, listener) {
      checkKey(channel);
      return subscriptions.add(channel, listener);
    },
    async check() {
      const [seconds, microseconds] = await run(0, () => commands.time());
      return { now: Number(seconds) * 1_000 + Number(microseconds) / 1_000 };
    },
    async close() {
      if (closed) return;
      closed = true;
      subscriptions.close();
      // QUIT is answered after all that was sent before it.
      if (commands.status === 'ready') await commands.quit().catch(() => undefined);
      commands.disconnect();
    },
  };
}

/** A copy: what the client answers is a view into what came from the socket. */
const unmarked = (stored: Buffer): Uint8Array => new Uint8Array(stored[0] === VALUE_MARK ? stored.subarray(1) : stored);

/** Own copy, so that the caller may change what it gave. */
function markValue(value: Uint8Array): Buffer {
  const marked = Buffer.allocUnsafe(value.length + 1);
  marked[0] = VALUE_MARK;
  marked.set(value, 1);
  return marked;
}

interface Channel {
  readonly listeners: Set<(message: Uint8Array) => void>;
  /** The server's word that it was subscribed to. */
  readonly subscribed: Promise<void>;
  isHeard: boolean;
}

interface Subscriptions {
  add(channel: string, listener: (message: Uint8Array) => void): Promise<{ close(): Promise<void> }>;
  close(): void;
}

/**
 * The connection of subscriptions: made with the first one; made anew and subscribed again whenever it was lost. Nothing is sent on it while
 * messages come, so that a dead one would not show: it is asked every SUBSCRIBER_PING_INTERVAL_MS.
 */
function openSubscriptions({ connection, name, isClosed }: { connection: Redis; name: string; isClosed: () => boolean }): Subscriptions {
  const channels = new Map<string, Channel>();
  connection.on('error', () => undefined);
  connection.on('messageBuffer', (channel: Buffer, message: Buffer) => {
    const entry = channels.get(channel.toString());
    // Before the server has said that it hears this subscription, what comes is of one that was given up and that it still had.
    if (entry?.isHeard !== true) return;
    const copy = new Uint8Array(message);
    for (const listener of entry.listeners) listener(copy);
  });
  const again = (): void => {
    if (!isClosed()) connection.disconnect(true);
  };
  connection.on('ready', () => {
    if (channels.size > 0) connection.subscribe(...channels.keys()).catch(again);
  });
  let pings: NodeJS.Timeout | undefined;
  const connected = async (): Promise<void> => {
    if (connection.status === 'wait') {
      pings = setInterval(() => {
        if (connection.status === 'ready') connection.ping().catch(again);
      }, SUBSCRIBER_PING_INTERVAL_MS);
      pings.unref();
      await connection.connect();
    } else if (connection.status !== 'ready') {
      throw new EphemeralUnavailable(`${name} is not reachable at present`);
    }
  };
  let connecting: Promise<void> | undefined;
  const subscribe = async (channel: string): Promise<void> => {
    try {
      await (connecting ??= connected().finally(() => {
        connecting = undefined;
      }));
      await connection.subscribe(channel);
    } catch (error) {
      throw toPortError(error, name);
    }
  };
  const remove = (channel: string, listener: (message: Uint8Array) => void): void => {
    const entry = channels.get(channel);
    if (!entry?.listeners.delete(listener) || entry.listeners.size > 0) return;
    channels.delete(channel);
    // Whoever subscribes to it again asks after this on the same connection.
    if (connection.status === 'ready') connection.unsubscribe(channel).catch(again);
  };

  return {
    async add(channel, listener) {
      if (isClosed()) throw new EphemeralUnavailable('the ephemeral store is closed');
      let entry = channels.get(channel);
      if (entry === undefined) {
        if (channels.size >= CHANNELS_COUNT_MAX) throw new EphemeralRefused(`more than ${CHANNELS_COUNT_MAX} channels`);
        const opened: Channel = { listeners: new Set(), isHeard: false, subscribed: subscribe(channel).then(() => { opened.isHeard = true; }) };
        entry = opened;
        channels.set(channel, entry);
      }
      // Wrapped, so that one function may listen twice.
      const own = (message: Uint8Array): void => listener(message);
      entry.listeners.add(own);
      try {
        await entry.subscribed;
      } catch (error) {
        remove(channel, own);
        throw error;
      }
      return { close: async () => remove(channel, own) };
    },
    close() {
      clearInterval(pings);
      channels.clear();
      connection.disconnect();
    },
  };
}

function readAddress(text: string): RedisOptions & { host: string; port: number } {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    url = undefined;
  }
  const database = /^\/?(\d{0,5})$/.exec(url?.pathname ?? '!')?.[1];
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '' || database === undefined) {
    // Not the text itself: it may hold a password.
    throw new EphemeralRefused('HELIOGRAPH_REDIS must read redis://host:port/0, with a password redis://:password@host:port/0, with TLS rediss://…');
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    db: Number(database),
    username: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    tls: url.protocol === 'rediss:' ? {} : undefined,
  };
}

/** One attempt; what the server says against it becomes a sentence. */
async function connect(connection: Redis, name: string): Promise<void> {
  let said: Error | undefined;
  const note = (error: Error): void => {
    said = error;
  };
  connection.on('error', note);
  try {
    await connection.connect();
    // A refused SELECT leaves the connection usable, on database 0.
    if (said !== undefined) throw said;
  } catch (error) {
    connection.disconnect();
    const { message } = said ?? error as Error;
    if (/WRONGPASS|NOAUTH|invalid username-password|Authentication required|AUTH .* called without any password/i.test(message)) throw new EphemeralRefused(`${name} refuses the user or password: set HELIOGRAPH_REDIS to redis://user:password@host:port/database as the server knows them`);
    if (/DB index is out of range|SELECT is not allowed/i.test(message)) throw new EphemeralRefused(`${name} does not have that database: end HELIOGRAPH_REDIS in /0, or raise "databases" in the server's settings`);
    throw new EphemeralUnavailable(`${name} cannot be reached (${message}): start it, or set HELIOGRAPH_REDIS to where it is`, { cause: error });
  } finally {
    connection.off('error', note);
  }
}

async function checkServer(connection: Redis, name: string, log: RedisEphemeralOptions['log']): Promise<void> {
  let text: string;
  try {
    text = await connection.info();
  } catch (error) {
    // A user without the right to ask: the commands themselves will tell.
    if (error instanceof Error && error.message.startsWith('NOPERM')) return;
    throw toPortError(error, name);
  }
  const fact = (field: string): string | undefined => new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(text)?.[1];
  const version = (fact('redis_version') ?? '').split('.').map(Number);
  if (version[0] !== undefined && (version[0] < VERSION_MIN[0] || (version[0] === VERSION_MIN[0] && (version[1] ?? 0) < VERSION_MIN[1]))) throw new EphemeralRefused(`${name} is version ${version.join('.')}: use ${VERSION_MIN.join('.')} or newer`);
  if (fact('redis_mode') === 'cluster') throw new EphemeralRefused(`${name} is a node of a Redis cluster: give HELIOGRAPH_REDIS a single primary (with replicas, if it is to outlive a machine)`);
  if (fact('role') === 'slave') throw new EphemeralUnavailable(`${name} is a replica and takes no writes: set HELIOGRAPH_REDIS to the primary's address`);
  if (fact('maxmemory_policy') === 'noeviction' && fact('maxmemory') !== '0') log?.warn({ maxmemory: fact('maxmemory') }, `${name} will refuse writes when its memory is full: set maxmemory-policy to volatile-ttl (every key has a time to live)`);
}

/** Logs a loss once and a return once, however many attempts lie between. */
function tellOfLosses(connection: Redis, isClosed: () => boolean, log: RedisEphemeralOptions['log'], name: string): void {
  let lostAt: number | undefined;
  let reason = 'the connection was closed';
  connection.on('error', (error: Error) => {
    reason = error.message;
  });
  connection.on('close', () => {
    if (lostAt !== undefined || isClosed()) return;
    lostAt = performance.now();
    log?.warn({ reason }, `${name} is lost; going on without it`);
  });
  connection.on('ready', () => {
    if (lostAt === undefined) return;
    log?.info({ afterMs: Math.round(performance.now() - lostAt) }, `${name} is back`);
    lostAt = undefined;
    reason = 'the connection was closed';
  });
}

const REFUSALS = /WRONGTYPE|value is not an integer|would overflow|invalid expire time/;

/** The port's error for what the client or the server said. Values and keys are not in it. */
function toPortError(error: unknown, name: string): Error {
  if (error instanceof EphemeralRefused || error instanceof EphemeralUnavailable) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (REFUSALS.test(message)) return new EphemeralRefused('the key holds something of another kind, or a number that would grow too large');
  const hint = message.startsWith('OOM') ? ': its memory is full; set maxmemory-policy to volatile-ttl or give it more'
    : message.startsWith('NOPERM') ? ': give its user the rights ~* &* +@all -@dangerous +info' : '';
  return new EphemeralUnavailable(`${name}: ${message}${hint}`);
}
