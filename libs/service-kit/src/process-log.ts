import pino from 'pino';
import type { Logger } from './kit';
import { LOG_DEPTH_MAX, LOG_LIST_ENTRIES_MAX, LOG_TEXT_CHARACTERS_MAX } from './limits';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/** Fields that hold private content, phones, codes or keys: their values never reach a log, whoever put them there. */
const PRIVATE = /^(?:phone(?:_?number)?|phone_?code|code|password|pass|secret|token|auth_?key|key|data_?key|private_?key|text|message_?text|content|body|query|caption|first_?name|last_?name|sealed|plaintext|email|ip)$/i;

/**
 * What may be written of a field: private ones by their length only, bytes by their count, long texts cut, deep objects closed.
 * A guard, not a licence: callers name ids and counts, not content.
 */
export function guarded(value: unknown, name = '', depth = 0): unknown {
  if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'number') return PRIVATE.test(name) && value !== undefined && value !== null ? '[private]' : value;
  if (PRIVATE.test(name)) return '[private]';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return value.length > LOG_TEXT_CHARACTERS_MAX ? `${value.slice(0, LOG_TEXT_CHARACTERS_MAX)}…` : value;
  if (value instanceof Error) {
    const { name: type, message, stack, cause } = value;
    const code = (value as { code?: unknown }).code;
    return { type, message: guarded(message), code: typeof code === 'string' || typeof code === 'number' ? code : undefined, stack: guarded(stack), cause: cause === undefined || depth >= LOG_DEPTH_MAX ? undefined : guarded(cause, '', depth + 1) };
  }
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= LOG_DEPTH_MAX) return '[…]';
  if (Array.isArray(value)) return value.slice(0, LOG_LIST_ENTRIES_MAX).map((item) => guarded(item, name, depth + 1));
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).slice(0, LOG_LIST_ENTRIES_MAX).map(([key, item]) => [key, guarded(item, key, depth + 1)]));
  return `[${typeof value}]`;
}

export interface ProcessLog {
  /** A service's logger. */
  of(service: string, dc?: number): Logger;
  /** Writes out what is buffered. */
  flush(): void;
}

export interface LogOptions {
  level: LogLevel;
  /** `lines` for people, `json` for collectors. */
  format: 'lines' | 'json';
  /** traceparent of the running span, or empty. */
  activeTraceparent?: () => string;
  /** Default: standard error. stdout carries only what `npm start` promises. */
  write?: (line: string) => void;
  /** Also gets each record; for the OpenTelemetry log exporter. */
  forward?: (record: LogEntry) => void;
}

export interface LogEntry {
  level: Exclude<LogLevel, 'silent'>;
  message: string;
  fields: Record<string, unknown>;
}

/** Structured logging of a process. */
export function processLog({ level, format, activeTraceparent, write, forward }: LogOptions): ProcessLog {
  const destination = write === undefined ? pino.destination({ dest: 2, sync: true }) : { write };
  const root = pino({
    level,
    base: undefined,
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
  }, format === 'json' ? destination : { write: (line: string) => void destination.write(`${readable(line)}\n`) });
  const logger = (service: string, dc?: number): Logger => {
    const own = dc === undefined ? { service } : { service, dc };
    const at = (name: LogEntry['level']) => (fields: object, message: string): void => {
      if (!root.isLevelEnabled(name)) return;
      const safe = guarded(fields) as Record<string, unknown>;
      const traceparent = activeTraceparent?.() ?? '';
      const trace = traceparent === '' ? {} : { trace_id: traceparent.slice(3, 35), span_id: traceparent.slice(36, 52) };
      const record = { ...own, ...trace, ...safe };
      root[name](record, message);
      forward?.({ level: name, message, fields: record });
    };
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  };
  return {
    of: logger,
    flush: () => {
      if ('flushSync' in destination) destination.flushSync();
    },
  };
}

/** One record as a line for people: `12:03:04.567 warn  users/2 message field=value`. */
export function readable(line: string): string {
  const { level, time, service, dc, message, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const at = typeof time === 'string' ? time.slice(11, 23) : '';
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const stack = (err as { stack?: string } | undefined)?.stack;
  const head = [at, String(level).padEnd(5), dc === undefined ? service : `${String(service)}/${String(dc)}`, message, ...rest].join(' ');
  return stack === undefined ? head : `${head}\n  ${stack.replaceAll('\n', '\n  ')}`;
}
