import { createHash } from 'node:crypto';
import { BlobRefused } from './errors';
import { KEY_BYTES_MAX, PARTS_COUNT_MAX, PUT_BYTES_MAX } from './limits';

/** What every adapter refuses before it does anything. Each throws BlobRefused. */

/** The name under which an object is kept: SHA-256 of its key, in hexadecimal. So a key is only a name: it reaches no path, and none hides another. */
export function hashKey(key: string): string {
  const bytes = Buffer.byteLength(key);
  if (bytes === 0 || bytes > KEY_BYTES_MAX) throw new BlobRefused(`a key of ${bytes} bytes; 1 to ${KEY_BYTES_MAX}`);
  return createHash('sha256').update(key).digest('hex');
}

export function checkBody(body: Uint8Array): void {
  if (body.length > PUT_BYTES_MAX) throw new BlobRefused(`${body.length} bytes at once; at most ${PUT_BYTES_MAX}: use a multipart upload`);
}

export function checkRange(range: { from: number; length: number }): void {
  if (!(Number.isSafeInteger(range.from) && range.from >= 0 && Number.isSafeInteger(range.length) && range.length >= 0)) throw new BlobRefused(`bytes from ${range.from}, ${range.length} of them`);
}

export function checkPart(part: number): void {
  if (!Number.isInteger(part) || part < 1 || part > PARTS_COUNT_MAX) throw new BlobRefused(`part ${part}; 1 to ${PARTS_COUNT_MAX}`);
}

export function checkParts(parts: readonly { part: number; tag: string }[]): void {
  if (parts.length === 0) throw new BlobRefused('an upload without parts');
  for (const [i, { part, tag }] of parts.entries()) {
    checkPart(part);
    if (typeof tag !== 'string' || tag === '') throw new BlobRefused(`part ${part} has no tag`);
    if (i > 0 && part <= (parts[i - 1] as { part: number }).part) throw new BlobRefused('parts must rise');
  }
}
