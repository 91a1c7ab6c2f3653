import { create } from '@bufbuild/protobuf';
import { decode } from '@heliograph/protos/codec';
import { BoxRowSchema, DialogRecordSchema, MessageRecordSchema, ScheduledMessageSchema, type BoxRow, type Head } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { pages } from '@heliograph/storage/pages';
import { deleteOperation, putOperation, type Storage, type WriteOperation } from '@heliograph/storage/storage';
import { boxDue, DUE_EXPIRY, DUE_POLL, DUE_SCHEDULED } from '../tables/box-due';
import { boxLog, LOG_MESSAGE } from '../tables/box-log';
import { boxOrigin } from '../tables/box-origin';
import { boxParked } from '../tables/box-parked';
import { boxPeer } from '../tables/box-peer';
import { boxScheduled } from '../tables/box-scheduled';
import { boxSent } from '../tables/box-sent';
import { boxState, STATE_DIALOG, STATE_INDEX } from '../tables/box-state';
import { boxWord } from '../tables/box-word';
import type { Dialogs } from './dialogs';
import { closesAt, isPoll } from './effects/polls';
import { COPY_BATCH_ROWS, INDEX_CHUNK_STRETCHES, INDEX_STRETCH_PTS } from './limits';
import { bucketOf, hourOf, sentBucketOf } from './rows';
import { tokensOf } from './search-index';
import { partitionOfBox } from './topics';

/**
 * The rows of a box as another DC takes them, and their end where it lived before (ADR 0011). Rows go over as they are: the versions inside them
 * keep their meaning, because the box goes on above them there. Postings are not among them: the other DC indexes anew.
 */

/** One partition of the box's rows; there are always the same of them while the box does nothing. */
type Section = { kind: 'log' | 'sent'; bucket: number } | { kind: 'peer' | 'origin'; peer: number; bucket: number } | { kind: 'scheduled' } | { kind: 'dialogs' };

/** What the box at rest says about where its rows are. */
export interface RestingBox {
  box: number;
  head: Head;
  dialogs: Dialogs;
}

function sectionsOf({ box, head, dialogs }: RestingBox): Section[] {
  const upTo = (last: number): number[] => Array.from({ length: last + 1 }, (_, bucket) => bucket);
  const sections: Section[] = upTo(bucketOf(head.pts)).map((bucket) => ({ kind: 'log', bucket }));
  sections.push(...upTo(sentBucketOf(head.topId)).map((bucket): Section => ({ kind: 'sent', bucket })));
  for (const dialog of dialogs.all()) {
    const peer = Number(dialog.peer);
    sections.push(...dialog.bucketStarts.map((_, bucket): Section => ({ kind: 'peer', peer, bucket })));
    if (peer !== box && dialog.lastIncomingOriginId > 0) sections.push(...upTo(bucketOf(dialog.lastIncomingOriginId)).map((bucket): Section => ({ kind: 'origin', peer, bucket })));
  }
  sections.push({ kind: 'scheduled' }, { kind: 'dialogs' });
  return sections;
}

/** Pages of the rows of the section with that number; undefined when there is none: all are copied. */
export function sectionRows(storage: Storage, resting: RestingBox, number: number): AsyncGenerator<BoxRow[]> | undefined {
  const section = sectionsOf(resting)[number];
  return section && rowsOf(storage, resting.box, section);
}

async function* rowsOf(storage: Storage, box: number, section: Section): AsyncGenerator<BoxRow[]> {
  const limit = COPY_BATCH_ROWS;
  switch (section.kind) {
    case 'log': {
      const { bucket } = section;
      for await (const page of pages(storage, boxLog, { box, bucket }, { limit })) yield page.flatMap(({ kind, id, v }) => (v ? [row({ case: 'log', value: { bucket, kind, id, v } })] : []));
      return;
    }
    case 'sent': {
      const { bucket } = section;
      for await (const page of pages(storage, boxSent, { box, bucket }, { limit })) {
        yield page.map(({ id, random_id: randomId, date }) => row({ case: 'sent', value: { bucket, id, randomId: randomId ?? 0n, date: date ?? 0 } }));
      }
      return;
    }
    case 'peer': {
      const { peer, bucket } = section;
      for await (const page of pages(storage, boxPeer, { box, peer, bucket }, { limit })) {
        yield page.flatMap(({ id, v }) => (v ? [row({ case: 'peer', value: { peer: BigInt(peer), bucket, id, v } })] : []));
      }
      return;
    }
    case 'origin': {
      const { peer, bucket } = section;
      for await (const page of pages(storage, boxOrigin, { box, origin_box: peer, bucket }, { limit })) {
        yield page.map(({ origin_id: originId, id }) => row({ case: 'origin', value: { peer: BigInt(peer), bucket, originId, id: id ?? 0 } }));
      }
      return;
    }
    case 'scheduled': {
      for await (const page of pages(storage, boxScheduled, { box }, { limit })) {
        yield page.flatMap(({ peer, id, v }) => (v ? [row({ case: 'scheduled', value: { peer: BigInt(peer), id, v } })] : []));
      }
      return;
    }
    case 'dialogs': {
      for await (const page of pages(storage, boxState, { box }, { from: { kind: STATE_DIALOG }, to: { kind: STATE_DIALOG }, limit })) {
        yield page.flatMap(({ id, v }) => (v ? [row({ case: 'dialog', value: { peer: BigInt(id), v } })] : []));
      }
    }
  }
}

const row = (value: BoxRow['row'] extends infer R ? (R extends { case: infer C; value: infer V } ? { case: C; value: Omit<V, '$typeName' | '$unknown'> } : never) : never): BoxRow => create(BoxRowSchema, { row: value as never });

/**
 * Writes rows that came from another DC; what is due is noted in this one's own table, for its sweeper.
 * @param version above all that the box had here before, not above what it will have
 * @param now unix seconds
 */
export async function writeRows(storage: Storage, box: number, rows: readonly BoxRow[], version: bigint, now: number): Promise<void> {
  const due = (at: number, kind: number, peer: number, id: number): WriteOperation => putOperation(
    boxDue, { slice: partitionOfBox(box), hour: hourOf(Math.max(at, now)), at, box, kind, peer, id, version }, { version },
  );
  const dueOf = (v: Uint8Array): WriteOperation[] => {
    const record = decode(MessageRecordSchema, v);
    const { id, date, ttlPeriod, deletedVersion } = record;
    const expiry = ttlPeriod > 0 && deletedVersion === 0n ? [due(date + ttlPeriod, DUE_EXPIRY, 0, id)] : [];
    const end = isPoll(record) && record.pollClosedVersion === 0n && closesAt(record) > 0 ? [due(closesAt(record), DUE_POLL, 0, id)] : [];
    return [...expiry, ...end];
  };
  const operations = rows.flatMap(({ row: { case: kind, value } }): WriteOperation[] => {
    switch (kind) {
      case 'log': return [putOperation(boxLog, { box, bucket: value.bucket, kind: value.kind, id: value.id, v: value.v }, { version }), ...(value.kind === LOG_MESSAGE ? dueOf(value.v) : [])];
      case 'scheduled': return [
        putOperation(boxScheduled, { box, peer: Number(value.peer), id: value.id, v: value.v }, { version }),
        due(decode(ScheduledMessageSchema, value.v).at, DUE_SCHEDULED, Number(value.peer), value.id),
      ];
      case 'sent': return [putOperation(boxSent, { box, bucket: value.bucket, id: value.id, random_id: value.randomId, date: value.date }, { version })];
      case 'peer': return [putOperation(boxPeer, { box, peer: Number(value.peer), bucket: value.bucket, id: value.id, v: value.v }, { version })];
      case 'origin': return [putOperation(boxOrigin, { box, origin_box: Number(value.peer), bucket: value.bucket, origin_id: value.originId, id: value.id }, { version })];
      case 'dialog': return [putOperation(boxState, { box, kind: STATE_DIALOG, id: Number(value.peer), v: value.v }, { version })];
      default: return [];
    }
  });
  for (let start = 0; start < operations.length; start += COPY_BATCH_ROWS) await storage.batch(operations.slice(start, start + COPY_BATCH_ROWS));
}

/** The sealed bytes of the messages, and of the titles of groups, among some rows, with the dialogs that they belong to. */
export function sealedAmong(rows: readonly BoxRow[]): { peer: bigint; content: { sealed: Uint8Array } }[] {
  return rows.flatMap(({ row: { case: kind, value } }) => {
    if (kind === 'dialog') {
      const { peer, view } = decode(DialogRecordSchema, value.v);
      return view && view.titleSealed.length > 0 ? [{ peer, content: { sealed: view.titleSealed } }] : [];
    }
    if (kind === 'scheduled') {
      const { peer, content } = decode(ScheduledMessageSchema, value.v);
      return content && content.sealed.length > 0 ? [{ peer, content }] : [];
    }
    if (kind !== 'log' || value.kind !== LOG_MESSAGE) return [];
    const { peer, content } = decode(MessageRecordSchema, value.v);
    return content && content.sealed.length > 0 ? [{ peer, content }] : [];
  });
}

/**
 * Erases the rows of the section with that number where the box lived before; false when there is none. `version`: that of the box's leaving, so that rows
 * which come back are newer. Postings of a message go with it; the dialogs go last, for they say where the rest is.
 */
export async function eraseSection(storage: Storage, resting: RestingBox, number: number, version: bigint): Promise<boolean> {
  const { box, head } = resting;
  const section = sectionsOf(resting)[number];
  if (!section) return false;
  for await (const page of rowsOf(storage, box, section)) {
    const operations = page.flatMap(({ row: { case: kind, value } }): WriteOperation[] => {
      switch (kind) {
        case 'log': return [
          deleteOperation(boxLog, { box, bucket: value.bucket, kind: value.kind, id: value.id }, { version }),
          ...(value.kind === LOG_MESSAGE ? postingsOf(box, head, value.id, value.v, version) : []),
        ];
        case 'sent': return [deleteOperation(boxSent, { box, bucket: value.bucket, id: value.id }, { version })];
        case 'peer': return [deleteOperation(boxPeer, { box, peer: Number(value.peer), bucket: value.bucket, id: value.id }, { version })];
        case 'origin': return [deleteOperation(boxOrigin, { box, origin_box: Number(value.peer), bucket: value.bucket, origin_id: value.originId }, { version })];
        case 'scheduled': return [deleteOperation(boxScheduled, { box, peer: Number(value.peer), id: value.id }, { version })];
        case 'dialog': return [deleteOperation(boxState, { box, kind: STATE_DIALOG, id: Number(value.peer) }, { version })];
        default: return [];
      }
    });
    for (let start = 0; start < operations.length; start += COPY_BATCH_ROWS) await storage.batch(operations.slice(start, start + COPY_BATCH_ROWS));
  }
  if (section.kind === 'dialogs') await storage.delete(boxState, { box, kind: STATE_INDEX, id: 0 }, { version });
  return true;
}

/** Whether that is the last section: the dialogs, by which all others are found. */
export const isLastSection = (resting: RestingBox, number: number): boolean => number === sectionsOf(resting).length - 1;

/** Erases what was parked, once all of it is released. */
export async function eraseParked(storage: Storage, box: number, released: bigint): Promise<void> {
  for (;;) {
    const rows = await storage.range(boxParked, { box }, { to: { version: released }, limit: COPY_BATCH_ROWS });
    if (rows.length === 0) return;
    await storage.batch(rows.map(({ version }) => deleteOperation(boxParked, { box, version }, { version: released + 1n })));
  }
}

/** The posting rows that a message stands in: those of its creation and, if it was edited, of its last edit. */
function postingsOf(box: number, head: Head, id: number, v: Uint8Array, version: bigint): WriteOperation[] {
  const record = decode(MessageRecordSchema, v);
  const stretches = new Set([id, record.editPts].filter((pts) => pts > 0 && pts <= head.pts).map((pts) => Math.floor((pts - 1) / INDEX_STRETCH_PTS) * INDEX_STRETCH_PTS));
  return tokensOf(record.content?.tokens ?? new Uint8Array(0)).flatMap((token) => [...stretches].map((part) => deleteOperation(
    boxWord, { box, token, chunk: Math.floor(part / INDEX_STRETCH_PTS / INDEX_CHUNK_STRETCHES), part }, { version },
  )));
}
