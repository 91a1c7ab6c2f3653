import { badRequest } from '@heliograph/client-api/rpc-error';
import type { MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { ADD_OFFSET_ROWS_MAX, PAGE_ROWS_MAX } from '../limits';
import type { ChatReader } from './chat-messages';

/** What clients ask a page of messages by (docs: core.telegram.org/api/offsets). */
export interface PageRequest {
  offset_id: number;
  add_offset: number;
  limit: number;
  max_id: number;
  min_id: number;
}

/** Reads at most `limit` messages below `maxId` (0: no bound) and above `minId`, newest first; `oldestFirst`: the ones just above `minId`. */
export type PageSource = (query: { maxId: number; minId: number; limit: number; oldestFirst?: boolean }) => Promise<MessageRecord[]>;

export const pageLimit = (limit: number): number => Math.min(Math.max(limit, 0), PAGE_ROWS_MAX);

/** Larger than every id, smaller than the 32 bits that clients send. */
const AFTER_ALL = 0x7fffffff;

/**
 * A page of a list of messages that is sorted by falling id and bounded by max_id and min_id (exclusive; 0: none). The anchor is
 * the place before the newest message below offset_id (0: before the newest of all); the page begins
 * `add_offset` places after it (negative: before it) and holds `limit` places, of which those before the first message stay empty.
 * Throws OFFSET_INVALID for an add_offset beyond ADD_OFFSET_ROWS_MAX.
 */
export async function readPage(source: PageSource, request: PageRequest): Promise<MessageRecord[]> {
  const limit = pageLimit(request.limit);
  if (limit === 0) return [];
  if (Math.abs(request.add_offset) > ADD_OFFSET_ROWS_MAX) throw badRequest('OFFSET_INVALID');
  const minId = Math.max(request.min_id, 0);
  const maxId = request.max_id > 0 ? request.max_id : AFTER_ALL;
  const anchor = request.offset_id > 0 ? request.offset_id : AFTER_ALL;
  const older = { maxId: Math.min(anchor, maxId), minId };
  if (request.add_offset >= 0) return readOlder(source, older, request.add_offset, limit);
  const back = -request.add_offset;
  const newer = await readNewer(source, { maxId, minId: Math.max(anchor - 1, minId) }, back);
  // newer[i] has the place i - newer.length before the anchor; the page covers places -back … limit - back.
  const shown = newer.slice(0, Math.max(0, newer.length - Math.max(0, back - limit)));
  const rest = limit - back;
  return rest > 0 ? [...shown, ...(await readOlder(source, older, 0, rest))] : shown;
}

async function readOlder(source: PageSource, bounds: { maxId: number; minId: number }, skip: number, limit: number): Promise<MessageRecord[]> {
  let maxId = bounds.maxId;
  let left = skip;
  while (left > 0) {
    const skipped = await source({ maxId, minId: bounds.minId, limit: Math.min(left, PAGE_ROWS_MAX) });
    const last = skipped.at(-1);
    if (!last) return [];
    maxId = last.id;
    left -= skipped.length;
  }
  return source({ maxId, minId: bounds.minId, limit });
}

/** The `count` messages just above minId, newest first. */
async function readNewer(source: PageSource, bounds: { maxId: number; minId: number }, count: number): Promise<MessageRecord[]> {
  const newer: MessageRecord[] = [];
  let minId = bounds.minId;
  while (newer.length < count) {
    const some = await source({ maxId: bounds.maxId === AFTER_ALL ? 0 : bounds.maxId, minId, limit: Math.min(count - newer.length, PAGE_ROWS_MAX), oldestFirst: true });
    const first = some[0];
    if (!first) break;
    newer.unshift(...some);
    minId = first.id;
  }
  return newer;
}

/** A dialog's messages as a source of pages. */
export const dialogSource = (reader: Pick<ChatReader, 'history'>, peer: number): PageSource => (query) => reader.history({ peer, ...query });

/** Messages at hand, newest first, as a source of pages. */
export const sourceOf = (messages: readonly MessageRecord[]): PageSource => async ({ maxId, minId, limit, oldestFirst }) => {
  const fitting = messages.filter(({ id }) => id > minId && (maxId <= 0 || id < maxId));
  return oldestFirst ? fitting.slice(-limit) : fitting.slice(0, limit);
};

/**
 * A page of one dialog. Without offset_id, offset_date (Unix seconds) anchors it: messages older than that are below the anchor.
 */
export async function readDialogPage(reader: Pick<ChatReader, 'findIdAtDate' | 'history'>, peer: number, request: PageRequest & { offset_date: number }): Promise<MessageRecord[]> {
  const byDate = request.offset_id <= 0 && request.offset_date > 0;
  const offset_id = byDate ? await reader.findIdAtDate(peer, request.offset_date) : request.offset_id;
  return readPage(dialogSource(reader, peer), { ...request, offset_id });
}

/** An offset that names the version of the last row of the page before; 0n: none, from the newest. Throws OFFSET_INVALID. */
export function versionOffset(offset: string): bigint {
  const version = /^\d{0,19}$/.test(offset) ? BigInt(offset) : -1n;
  if (version !== BigInt.asUintN(63, version)) throw badRequest('OFFSET_INVALID');
  return version;
}
