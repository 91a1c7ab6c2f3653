import { decode } from '@heliograph/protos/codec';
import { BoxUpdateSchema, MessageRecordSchema, type MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { putOperation, type Storage, type WriteOperation } from '@heliograph/storage/storage';
import { boxLog, LOG_CHANGE, LOG_MESSAGE } from '../tables/box-log';
import { boxState, STATE_INDEX } from '../tables/box-state';
import { boxWord } from '../tables/box-word';
import { BOX_BUCKET_IDS, INDEX_BATCH_ROWS, INDEX_CHUNK_STRETCHES, INDEX_STRETCH_PTS, SEARCH_STEP_PTS } from './limits';
import { readMessageRows, type Moment } from './row-reader';
import { bucketOf, encodeIndexed } from './rows';

/** One place where a token occurs. */
export interface Posting {
  id: number;
  peer: number;
}

const TOKEN_BYTES = 8;

/** Peers below zero (groups, channels) stand above it in postings. Stored for ever. */
const SHARED_PEERS = 2 ** 50;

/** The tokens of a message, as keys of box_word. */
export function tokensOf(tokens: Uint8Array): bigint[] {
  const view = new DataView(tokens.buffer, tokens.byteOffset, tokens.byteLength);
  const found: bigint[] = [];
  for (let at = 0; at + TOKEN_BYTES <= tokens.length; at += TOKEN_BYTES) found.push(view.getBigInt64(at));
  return found;
}

export function carriesAll(record: MessageRecord, wanted: readonly bigint[]): boolean {
  const own = new Set(tokensOf(record.content?.tokens ?? new Uint8Array(0)));
  return wanted.every((token) => own.has(token));
}

/** Varints: number of peers, the peers, then for each posting the step from the id before and the peer's index. */
export function encodePostings(postings: readonly Posting[]): Uint8Array {
  const peers = [...new Set(postings.map((posting) => posting.peer))];
  const places = new Map(peers.map((peer, index) => [peer, index]));
  const out: number[] = [];
  const varint = (value: number): void => {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.push((rest % 0x80) | 0x80);
    out.push(rest);
  };
  varint(peers.length);
  for (const peer of peers) varint(peer < 0 ? SHARED_PEERS - peer : peer);
  let before = 0;
  for (const { id, peer } of [...postings].sort((a, b) => a.id - b.id)) {
    varint(id - before);
    varint(places.get(peer) as number);
    before = id;
  }
  return Uint8Array.from(out);
}

/** In order of id, rising. */
export function decodePostings(bytes: Uint8Array): Posting[] {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('a posting row is cut off');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const peers = Array.from({ length: varint() }, varint).map((peer) => (peer >= SHARED_PEERS ? SHARED_PEERS - peer : peer));
  const postings: Posting[] = [];
  for (let id = 0; at < bytes.length;) {
    id += varint();
    postings.push({ id, peer: peers[varint()] as number });
  }
  return postings;
}

/** All that happened with after < pts ≤ upTo: new messages, and messages edited then, as they are now; alive ones, each once. */
export async function readStretch(storage: Storage, moment: Moment, after: number, upTo: number): Promise<MessageRecord[]> {
  const found = new Map<number, MessageRecord>();
  const edited = new Set<number>();
  for (let from = after + 1; from <= upTo;) {
    const bucket = bucketOf(from);
    const last = Math.min(upTo, from + 999, bucketEnd(bucket));
    const slice = (kind: number): ReturnType<typeof readSlice> => readSlice(storage, moment.box, bucket, kind, from, last);
    const [messages, changes] = await Promise.all([slice(LOG_MESSAGE), slice(LOG_CHANGE)]);
    for (const v of messages) {
      const record = decode(MessageRecordSchema, v);
      if (record.deletedVersion === 0n && record.id <= moment.topId) found.set(record.id, record);
    }
    for (const v of changes) {
      const { change } = decode(BoxUpdateSchema, v);
      if (change.case === 'edited') edited.add(change.value.id);
    }
    from = last + 1;
  }
  const older = [...edited].filter((id) => !found.has(id));
  for (let at = 0; at < older.length; at += 1_000) {
    for (const record of await readMessageRows(storage, moment, older.slice(at, at + 1_000))) {
      if (record !== undefined && record.deletedVersion === 0n) found.set(record.id, record);
    }
  }
  return [...found.values()];
}

const bucketEnd = (bucket: number): number => (bucket + 1) * BOX_BUCKET_IDS - 1;

async function readSlice(storage: Storage, box: number, bucket: number, kind: number, from: number, to: number): Promise<Uint8Array[]> {
  const rows = await storage.range(boxLog, { box, bucket }, { from: { kind, id: from }, to: { kind, id: to }, limit: 1_000 });
  return rows.map((row) => row.v).filter((v) => v !== null);
}

/**
 * Indexes one stretch of a box: pts in (after, after + INDEX_STRETCH_PTS], which must be behind the stored head. The same keys are
 * written whoever does it and however often. Returns how far the box is indexed then.
 * @param versionBase of the box's head
 */
export async function indexStretch(storage: Storage, box: number, after: number, versionBase = 0n): Promise<number> {
  const upTo = after + INDEX_STRETCH_PTS;
  const records = await readStretch(storage, { box, topId: upTo, version: 1n << 63n }, after, upTo);
  const byToken = new Map<bigint, Posting[]>();
  for (const record of records) {
    const posting = { id: record.id, peer: Number(record.peer) };
    for (const token of new Set(tokensOf(record.content?.tokens ?? new Uint8Array(0)))) {
      const postings = byToken.get(token);
      if (postings === undefined) byToken.set(token, [posting]);
      else postings.push(posting);
    }
  }
  let operations: WriteOperation[] = [];
  const version = versionBase + BigInt(upTo);
  for (const [token, postings] of byToken) {
    operations.push(putOperation(boxWord, { box, token, chunk: chunkOf(after), part: after, ids: encodePostings(postings) }, { version }));
    if (operations.length === INDEX_BATCH_ROWS) {
      await storage.batch(operations);
      operations = [];
    }
  }
  if (operations.length > 0) await storage.batch(operations);
  await storage.put(boxState, { box, kind: STATE_INDEX, id: 0, v: encodeIndexed(upTo) }, { version });
  return upTo;
}

// A stretch is named by the pts after which it begins.
const chunkOf = (after: number): number => Math.floor(after / INDEX_STRETCH_PTS / INDEX_CHUNK_STRETCHES);

/** What a search has found so far; nothing at or above `from` is missing. */
export interface SearchStep {
  from: number;
  /** Found in this step, in no order; ids below `from` among them (messages edited since). */
  records: MessageRecord[];
  /** The same of the index: messages that carried all tokens when they were indexed, and may have been edited or deleted since. */
  candidates: number[];
}

/** Searches a box from its newest change on, step by step: first what is not indexed, message by message, then the index. */
export async function* searchSteps(
  storage: Storage,
  moment: Moment,
  range: { pts: number; indexed: number },
  tokens: readonly bigint[],
  accept: (posting: Posting) => boolean,
): AsyncGenerator<SearchStep> {
  for (let upTo = range.pts; upTo > range.indexed; upTo -= SEARCH_STEP_PTS) {
    const after = Math.max(range.indexed, upTo - SEARCH_STEP_PTS);
    const records = await readStretch(storage, moment, after, upTo);
    yield { from: after + 1, records: records.filter((record) => accept({ id: record.id, peer: Number(record.peer) }) && carriesAll(record, tokens)), candidates: [] };
  }
  if (range.indexed === 0) return;
  for (let chunk = chunkOf(range.indexed - 1); chunk >= 0; chunk -= 1) {
    const perToken = await Promise.all(tokens.map((token) => storage.range(boxWord, { box: moment.box, token, chunk }, { limit: 1_000 })));
    const candidates = new Set<number>();
    const [first, ...others] = perToken;
    for (const row of first ?? []) {
      const rest = others.map((rows) => rows.find((other) => other.part === row.part)?.ids);
      if (row.ids === null || rest.some((ids) => ids === undefined || ids === null)) continue;
      const accepted = decodePostings(row.ids).filter(accept);
      if (accepted.length === 0) continue;
      const sets = rest.map((ids) => new Set(decodePostings(ids as Uint8Array).map((posting) => posting.id)));
      for (const { id } of accepted) if (sets.every((ids) => ids.has(id))) candidates.add(id);
    }
    yield { from: chunk * INDEX_CHUNK_STRETCHES * INDEX_STRETCH_PTS + 1, records: [], candidates: [...candidates] };
  }
}
