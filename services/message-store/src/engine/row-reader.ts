import { create } from '@bufbuild/protobuf';
import { decode } from '@heliograph/protos/codec';
import {
  DialogRecordSchema, HeadSchema, MessageRecordSchema, type DialogRecord, type Head, type MessageRecord, type MessageUid,
} from '@heliograph/protos/heliograph/box/v1/box_pb';
import { pages } from '@heliograph/storage/pages';
import type { Storage } from '@heliograph/storage/storage';
import { boxLog, LOG_MESSAGE } from '../tables/box-log';
import { boxOrigin } from '../tables/box-origin';
import { boxParked } from '../tables/box-parked';
import { boxPeer } from '../tables/box-peer';
import { boxSent } from '../tables/box-sent';
import { boxState, STATE_DIALOG, STATE_HEAD, STATE_INDEX, STATE_POSTS } from '../tables/box-state';
import { bucketOfId, type Parked, type Read, type ReadAnswer } from './change';
import { Dialogs } from './dialogs';
import { readMemberRows } from './member-rows';
import { PEER_PAGE_ROWS, SENT_BUCKET_IDS, SENT_REMEMBERED_ROWS } from './limits';
import { decodePeerRow, type PeerRow } from './peer-row';
import { bucketOf, decodeIndexed, sentBucketOf } from './rows';
import { SentMemory } from './sent-memory';
import { readReaction } from './reaction-rows';
import { readVote } from './vote-rows';

/** pts of a box in which nothing happened yet, as clients expect of a new account; its first change takes 2. */
export const FIRST_PTS = 1;

/**
 * A moment in a box's life, to read its rows as they were then: rows of commands from `version` on are taken away, as far as they can
 * be seen. (Content that a later edit replaced can't be brought back; no effect depends on it.)
 */
export interface Moment {
  box: number;
  /** Ids above it were given later. */
  topId: number;
  /** Changes by this version and later ones didn't happen yet. */
  version: bigint;
}

/** Versions of rows never reach it: the moment after everything. */
export const LATEST_VERSION = 1n << 63n;

export async function loadState(storage: Storage, box: number): Promise<{ head: Head; dialogs: Dialogs; indexed: number; postsIndexed: number }> {
  for (;;) {
    let indexed = 0;
    let postsIndexed = 0;
    let head: Head | undefined;
    const dialogs: DialogRecord[] = [];
    for await (const rows of pages(storage, boxState, { box }, { limit: 1_000 })) {
      for (const row of rows) {
        if (row.v === null) continue;
        if (row.kind === STATE_HEAD) head = decode(HeadSchema, row.v);
        else if (row.kind === STATE_DIALOG) dialogs.push(owned(decode(DialogRecordSchema, row.v)));
        else if (row.kind === STATE_INDEX) indexed = decodeIndexed(row.v);
        else if (row.kind === STATE_POSTS) postsIndexed = decodeIndexed(row.v);
      }
    }
    if (head === undefined) return { head: create(HeadSchema, { pts: FIRST_PTS }), dialogs: new Dialogs(), indexed, postsIndexed };
    // Another engine wrote between two pages: the head is older than a dialog. Read again.
    const { applied } = head;
    if (dialogs.some((dialog) => dialog.version > applied)) continue;
    return { head, dialogs: new Dialogs(dialogs), indexed, postsIndexed };
  }
}

/** NOTE: not `slice`, which for a Buffer is a view again. */
const copied = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

/** Decoded bytes fields may be views into a larger buffer, which a dialog in memory would keep alive. */
function owned(dialog: DialogRecord): DialogRecord {
  if (dialog.draftSealed.length > 0) dialog.draftSealed = copied(dialog.draftSealed);
  if (dialog.notify !== undefined) dialog.notify.sealed = copied(dialog.notify.sealed);
  for (const { settings } of dialog.settings?.notifyDefaults ?? []) if (settings !== undefined) settings.sealed = copied(settings.sealed);
  for (const filter of dialog.settings?.filters ?? []) filter.sealed = copied(filter.sealed);
  if (dialog.member !== undefined) dialog.member.rankSealed = copied(dialog.member.rankSealed);
  const { channel } = dialog;
  if (channel !== undefined) {
    channel.titleSealed = copied(channel.titleSealed);
    channel.aboutSealed = copied(channel.aboutSealed);
    for (const admin of channel.admins) admin.rankSealed = copied(admin.rankSealed);
    for (const invite of channel.invites) invite.titleSealed = copied(invite.titleSealed);
    for (const reaction of channel.reactions?.some ?? []) reaction.sealed = copied(reaction.sealed);
  }
  return dialog;
}

/** Answers what an effect asks for. */
export async function answerRead(storage: Storage, moment: Moment, read: Read): Promise<ReadAnswer> {
  switch (read.kind) {
    case 'messages': return readMessageRows(storage, moment, read.ids);
    case 'slice': return readPeerSlice(storage, moment, read.dialog, read);
    case 'rows': return readPeerRows(storage, moment, read.dialog, read.ids);
    case 'locals': return readLocalIds(storage, moment, read.uids);
    case 'sent': return loadSent(storage, moment);
    case 'members': return readMemberRows(storage, moment.box, read.users, moment.version);
    case 'reaction': return { reaction: await readReaction(storage, { ...moment, ...read }) };
    case 'vote': return { vote: await readVote(storage, { ...moment, ...read }) };
    case 'parked': return readParkedRows(storage, moment, read.after, read.limit);
  }
}

async function readParkedRows(storage: Storage, moment: Moment, after: bigint, limit: number): Promise<Parked[]> {
  const rows = await storage.range(boxParked, { box: moment.box }, { from: { version: after }, fromExclusive: true, to: { version: moment.version }, toExclusive: true, limit });
  return rows.flatMap((row) => (row.v === null ? [] : [{ version: row.version, command: row.v }]));
}

/** Messages by id as of the moment, deleted ones with their mark. */
export async function readMessageRows(storage: Storage, moment: Moment, ids: readonly number[]): Promise<(MessageRecord | undefined)[]> {
  const wanted = ids.map((id) => ({ box: moment.box, bucket: bucketOf(id), kind: LOG_MESSAGE, id }));
  const rows = wanted.length === 0 ? [] : await storage.getMany(boxLog, wanted);
  return rows.map((row, index) => {
    const id = ids[index] as number;
    if (row === undefined || row.v === null || id <= 0 || id > moment.topId) return undefined;
    return messageAsOf(decode(MessageRecordSchema, row.v), moment.version);
  });
}

/**
 * NOTE: reactions stay as the row has them, later ones too: as they were can't be told any more. Effects put that list into nothing but the row, which
 * then loses to the later one; what else they decide, they decide by the dialog. Of votes in polls the later ones go, but not those come back that they
 * took the place of, or that were taken back: effects decide by votes that can't be changed, and put the list into nothing but the row. What has a tally is as
 * the row has it (effects/channel/polls.ts, effects/channel/reactions.ts).
 */
export function messageAsOf(record: MessageRecord, version: bigint): MessageRecord {
  if (record.deletedVersion >= version) record.deletedVersion = 0n;
  if (record.pollClosedVersion >= version) record.pollClosedVersion = 0n;
  if (record.pollTally === undefined && record.pollVotes.some((vote) => vote.version >= version)) record.pollVotes = record.pollVotes.filter((vote) => vote.version < version);
  if (record.contentsReadVersion >= version) {
    record.contentsReadVersion = 0n;
    record.mediaUnread = true;
  }
  return record;
}

function peerRowAsOf(row: PeerRow, version: bigint): PeerRow {
  if (row.deletedVersion >= version) row.deletedVersion = 0n;
  return row;
}

/** Up to `limit` rows of a dialog's history with above < id < below, in the order asked; over as many buckets as that takes. */
export async function readPeerSlice(
  storage: Storage,
  moment: Moment,
  dialog: DialogRecord,
  { below, above, oldestFirst, limit = PEER_PAGE_ROWS }: { below: number; above: number; oldestFirst: boolean; limit?: number },
): Promise<PeerRow[]> {
  const highest = Math.min(below - 1, moment.topId);
  const lowest = above + 1;
  const found: PeerRow[] = [];
  if (dialog.bucketStarts.length === 0 || highest < lowest) return found;
  const peer = Number(dialog.peer);
  let bucket = bucketOfId(dialog, oldestFirst ? lowest : highest);
  const last = bucketOfId(dialog, oldestFirst ? highest : lowest);
  for (;;) {
    const rows = await storage.range(boxPeer, { box: moment.box, peer, bucket }, {
      from: { id: highest }, to: { id: lowest }, limit: limit - found.length, reverse: oldestFirst,
    });
    for (const row of rows) if (row.v !== null) found.push(peerRowAsOf(decodePeerRow(row.id, row.v), moment.version));
    if (found.length >= limit || bucket === last) return found;
    bucket += oldestFirst ? 1 : -1;
  }
}

async function readPeerRows(storage: Storage, moment: Moment, dialog: DialogRecord, ids: readonly number[]): Promise<(PeerRow | undefined)[]> {
  const peer = Number(dialog.peer);
  const rows = await storage.getMany(boxPeer, ids.map((id) => ({ box: moment.box, peer, bucket: bucketOfId(dialog, id), id })));
  return rows.map((row, index) => {
    const id = ids[index] as number;
    return row === undefined || row.v === null || id > moment.topId ? undefined : peerRowAsOf(decodePeerRow(id, row.v), moment.version);
  });
}

/** Local ids by identity, as of the moment. */
export async function readLocalIds(storage: Storage, moment: Moment, uids: readonly Pick<MessageUid, 'box' | 'id'>[]): Promise<(number | undefined)[]> {
  const foreign = uids.filter((uid) => Number(uid.box) !== moment.box);
  const rows = foreign.length === 0 ? [] : await storage.getMany(boxOrigin, foreign.map((uid) => ({
    box: moment.box, origin_box: Number(uid.box), bucket: bucketOf(uid.id), origin_id: uid.id,
  })));
  let next = 0;
  return uids.map((uid) => {
    const id = Number(uid.box) === moment.box ? uid.id : rows[next++]?.id ?? undefined;
    return id !== undefined && id > 0 && id <= moment.topId ? id : undefined;
  });
}

/** The newest SENT_REMEMBERED_ROWS sends of a box as of the moment. */
export async function loadSent(storage: Storage, moment: Moment): Promise<SentMemory> {
  const newestFirst: { randomId: bigint; id: number; date: number }[] = [];
  for (let bucket = sentBucketOf(moment.topId); bucket >= 0 && newestFirst.length < SENT_REMEMBERED_ROWS; bucket -= 1) {
    let highest = Math.min(moment.topId, (bucket + 1) * SENT_BUCKET_IDS - 1);
    for (;;) {
      const rows = await storage.range(boxSent, { box: moment.box, bucket }, { from: { id: highest }, limit: Math.min(1_000, SENT_REMEMBERED_ROWS - newestFirst.length) });
      for (const row of rows) newestFirst.push({ randomId: row.random_id ?? 0n, id: row.id, date: row.date ?? 0 });
      const last = rows[rows.length - 1];
      if (last === undefined || rows.length < 1_000 || newestFirst.length >= SENT_REMEMBERED_ROWS) break;
      highest = last.id - 1;
    }
  }
  const memory = new SentMemory();
  for (const sent of newestFirst.reverse()) memory.add(sent.randomId, sent);
  return memory;
}
