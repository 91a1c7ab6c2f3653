// mtcute's TL objects as the drivers' JSON (see serve.mjs), and back.
import Long from 'long';
import { isLongText, long, toCamel, toSnake } from './names.mjs';

const LONG_FIELDS = new Set(['access_hash', 'hash', 'random_id', 'query_id', 'ping_id', 'client_id']);

export function toJson(value) {
  if (value === null || value === undefined) return undefined;
  if (Long.isLong(value)) return long(BigInt(value.toString()));
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, item]) => [toSnake(key), toJson(item)]));
  return value;
}

export function fromJson(value) {
  if (isLongText(value)) return Long.fromString(value.slice(0, -1));
  if (Array.isArray(value)) return value.map(fromJson);
  if (value && typeof value === 'object') {
    if (value.$bytes !== undefined) return Buffer.from(value.$bytes, 'base64');
    if (value.$long !== undefined) return Long.fromString(String(value.$long));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key === '_' ? key : toCamel(key), LONG_FIELDS.has(key) && typeof item === 'number' ? Long.fromNumber(item) : fromJson(item)]));
  }
  return value;
}
