import { decode } from '@heliograph/protos/codec';
import { BoxUpdateSchema, MessageRecordSchema, ScheduledMessageSchema, type BoxUpdate, type ChannelMember, type DialogRecord, type Head, type MessageRecord, type PollVote, type Reaction, type ScheduledMessage } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { SAVED_PARTS_FOLDER } from '@heliograph/box/box-id';
import type { Storage } from '@heliograph/storage/storage';
import { boxLog, LOG_CHANGE, LOG_MESSAGE } from '../tables/box-log';
import { boxScheduled } from '../tables/box-scheduled';
import { momentOf, type Snapshot } from './box';
import type { BoxReader, MembersPage } from './contract';
import { compareDialogs, placeOf } from './dialogs';
import { ARCHIVE } from './ids';
import { BOX_BUCKET_IDS, CHANGES_PAGE_ROWS, COUNT_EXACT_MAX, MEMBERS_ASKED_MAX, PEER_PAGE_ROWS, POSTINGS_LISTED_MAX, SEARCH_PAGE_MESSAGES, SEARCH_TOKENS_MAX } from './limits';
import { listMemberRows, readMemberRows, type MemberKind } from './member-rows';
import type { PeerRow } from './peer-row';
import { boxUpdate } from './records';
import { readLocalIds, readMessageRows, readPeerSlice, type Moment } from './row-reader';
import { bucketOf } from './rows';
import { isGiven, listReactions, readReaction } from './reaction-rows';
import { carriesAll, searchSteps, tokensOf, type SearchStep } from './search-index';
import { listVotes, readVote } from './vote-rows';

/**
 * Reads a box at the moment of a snapshot: no message newer than its head is ever shown, whatever is written meanwhile. An edit or a
 * deletion made since may show (DurableReader).
 */
export class SnapshotReader implements BoxReader {
  private readonly moment: Moment;

  constructor(private readonly storage: Storage, private readonly snapshot: Snapshot) {
    this.moment = momentOf(snapshot);
  }

  head(): Head {
    return this.snapshot.head;
  }

  dialog(peer: number): DialogRecord | undefined {
    return this.snapshot.dialogs.get(peer);
  }

  dialogs({ offsetDate, offsetId, offsetPeer, limit, excludePinned, folder }: Parameters<BoxReader['dialogs']>[0]): DialogRecord[] {
    const { dialogs } = this.snapshot;
    const list = folder === ARCHIVE ? dialogs.archived() : folder === SAVED_PARTS_FOLDER ? dialogs.savedParts() : dialogs.list();
    const found: DialogRecord[] = [];
    for (let index = firstAfter(list, offsetDate, offsetId, offsetPeer); index < list.length && found.length < limit; index += 1) {
      const dialog = list[index] as DialogRecord;
      if ((!excludePinned || dialog.pinnedOrder === 0) && (folder === undefined || dialog.folderId === folder)) found.push(dialog);
    }
    return found;
  }

  pinnedDialogs(folder: number): DialogRecord[] {
    return this.snapshot.dialogs.pinned(folder);
  }

  archivedDialogs(): readonly DialogRecord[] {
    return this.snapshot.dialogs.archived();
  }

  notifyExceptions(limit: number): DialogRecord[] {
    return this.snapshot.dialogs.withNotify().slice(0, limit);
  }

  dialogCount(folder?: number): number {
    if (folder === SAVED_PARTS_FOLDER) return this.snapshot.dialogs.savedParts().length;
    const archived = folder === undefined ? 0 : this.archivedDialogs().length;
    return folder === ARCHIVE ? archived : this.snapshot.dialogs.list().length - archived;
  }

  annotatedDialogs(limit: number): DialogRecord[] {
    return this.snapshot.dialogs.annotated(limit);
  }

  members(): DialogRecord[] {
    return this.snapshot.dialogs.all().filter((dialog) => dialog.member !== undefined);
  }

  channels(): DialogRecord[] {
    return this.snapshot.dialogs.channels();
  }

  leftChannels(): readonly DialogRecord[] {
    return this.snapshot.dialogs.leftChannels();
  }

  async channelMembers(users: readonly number[]): Promise<(ChannelMember | undefined)[]> {
    if (users.length > MEMBERS_ASKED_MAX) throw new RangeError(`${users.length} members are asked for; at most ${MEMBERS_ASKED_MAX}`);
    const { box, head, members } = this.snapshot;
    const found = new Map<number, ChannelMember | undefined>();
    for (const user of users) {
      const known = members?.find(user);
      // What is in memory is as of now; as of the snapshot it was the same, if it did not change since.
      if (known !== undefined && (known.member?.version ?? 0n) <= head.applied) found.set(user, known.member);
    }
    const unknown = users.filter((user) => !found.has(user));
    const rows = await readMemberRows(this.storage, box, unknown, this.moment.version);
    unknown.forEach((user, index) => found.set(user, rows[index]));
    return users.map((user) => found.get(user));
  }

  async listChannelMembers(kind: MemberKind, after: number, limit: number): Promise<MembersPage> {
    return listMemberRows(this.storage, this.snapshot.box, kind, after, Math.min(limit, MEMBERS_ASKED_MAX));
  }

  async votesOf(user: number, ids: readonly number[]): Promise<(PollVote | undefined)[]> {
    const votes = await Promise.all(ids.map((id) => readVote(this.storage, { box: this.snapshot.box, id, user, version: this.moment.version })));
    return votes.map((vote) => (vote?.options === 0 ? undefined : vote));
  }

  listVotes(query: Parameters<BoxReader['listVotes']>[0]): Promise<PollVote[]> {
    return listVotes(this.storage, { ...query, box: this.snapshot.box, limit: Math.min(query.limit, MEMBERS_ASKED_MAX) });
  }

  async reactionsOf(user: number, ids: readonly number[]): Promise<(Reaction | undefined)[]> {
    const reactions = await Promise.all(ids.map((id) => readReaction(this.storage, { box: this.snapshot.box, id, user, version: this.moment.version })));
    return reactions.map((reaction) => (isGiven(reaction) ? reaction : undefined));
  }

  listReactions(query: Parameters<BoxReader['listReactions']>[0]): Promise<Reaction[]> {
    return listReactions(this.storage, { ...query, box: this.snapshot.box, limit: Math.min(query.limit, MEMBERS_ASKED_MAX) });
  }

  async messages(ids: readonly number[]): Promise<(MessageRecord | undefined)[]> {
    return (await readMessageRows(this.storage, this.moment, ids)).map((record) => (record?.deletedVersion === 0n ? record : undefined));
  }

  async history({ peer, maxId, minId, limit, oldestFirst = false }: Parameters<BoxReader['history']>[0]): Promise<MessageRecord[]> {
    const dialog = this.dialog(peer);
    if (dialog === undefined || limit <= 0) return [];
    const found: MessageRecord[] = [];
    let below = maxId > 0 ? maxId : this.moment.topId + 1;
    let above = Math.max(minId, dialog.clearedMaxId);
    while (found.length < limit) {
      const wanted = limit - found.length;
      const rows = await readPeerSlice(this.storage, this.moment, dialog, { below, above, oldestFirst, limit: Math.min(wanted, PEER_PAGE_ROWS) });
      const last = rows[rows.length - 1];
      if (last === undefined) break;
      for (const record of await this.messages(rows.filter((row) => row.deletedVersion === 0n).map((row) => row.id))) if (record !== undefined) found.push(record);
      if (oldestFirst) above = last.id;
      else below = last.id;
    }
    return oldestFirst ? found.reverse() : found;
  }

  async findIdAtDate(peer: number, date: number): Promise<number> {
    const dialog = this.dialog(peer);
    if (dialog === undefined || dialog.bucketStarts.length === 0) return 0;
    let low = dialog.bucketStarts[0] as number;
    let high = this.moment.topId + 1;
    // The lowest id whose row, or the first row after it, is not older than `date`.
    let found = 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const [row] = await readPeerSlice(this.storage, this.moment, dialog, { below: high, above: middle - 1, oldestFirst: true, limit: 1 });
      if (row === undefined) high = middle;
      else if (row.date >= date) {
        found = row.id;
        high = middle;
      } else {
        low = row.id + 1;
      }
    }
    return found;
  }

  async countAbove(peer: number, id: number): Promise<number> {
    const dialog = this.dialog(peer);
    if (dialog === undefined || dialog.messageCount === 0 || id >= dialog.topId) return 0;
    if (id <= dialog.clearedMaxId) return dialog.messageCount;
    const [next] = await readPeerSlice(this.storage, this.moment, dialog, { below: this.moment.topId + 1, above: id, oldestFirst: true, limit: 1 });
    if (next === undefined) return 0;
    const rowsAbove = dialog.rowCount - next.ordinal;
    // Nothing was ever deleted: rows are messages.
    if (dialog.messageCount === dialog.rowCount) return rowsAbove;
    if (rowsAbove > COUNT_EXACT_MAX) return Math.round(rowsAbove * (dialog.messageCount / dialog.rowCount));
    let count = 0;
    let above = id;
    for (;;) {
      const rows: PeerRow[] = await readPeerSlice(this.storage, this.moment, dialog, { below: this.moment.topId + 1, above, oldestFirst: true, limit: 1_000 });
      for (const row of rows) if (row.deletedVersion === 0n) count += 1;
      if (rows.length < 1_000) return count;
      above = (rows[rows.length - 1] as PeerRow).id;
    }
  }

  async scheduled(peer: number, ids?: readonly number[]): Promise<ScheduledMessage[]> {
    const entries = this.dialog(peer)?.scheduled ?? [];
    const wanted = ids === undefined ? entries : entries.filter(({ id }) => ids.includes(id));
    if (wanted.length === 0) return [];
    const rows = await this.storage.getMany(boxScheduled, wanted.map(({ id }) => ({ box: this.snapshot.box, peer, id })));
    // Sent or given up since: gone.
    return rows.flatMap((row) => (row === undefined || row.v === null ? [] : [decode(ScheduledMessageSchema, row.v)]));
  }

  findLocalIds(uids: readonly { box: number; id: number }[]): Promise<(number | undefined)[]> {
    return readLocalIds(this.storage, this.moment, uids.map(({ box, id }) => ({ box: BigInt(box), id })));
  }

  async changes(after: number, limit: number): Promise<{ updates: BoxUpdate[]; pts: number; complete: boolean }> {
    const top = this.snapshot.head.pts;
    const rows: LogRow[] = [];
    let pts = Math.min(Math.max(0, after), top);
    while (pts < top && rows.length < limit) {
      const page = await this.logPage(pts, Math.min(limit - rows.length, CHANGES_PAGE_ROWS));
      for (const row of page.rows) rows.push(row);
      pts = page.reached;
    }
    return { updates: await this.updatesOf(rows), pts, complete: pts >= top };
  }

  /** The next rows after a pts in order of pts, at most `count`, of one partition; `reached`: no row up to it is missing. */
  private async logPage(after: number, count: number): Promise<{ rows: LogRow[]; reached: number }> {
    const bucket = bucketOf(after + 1);
    const last = Math.min(this.snapshot.head.pts, (bucket + 1) * BOX_BUCKET_IDS - 1);
    const slice = (kind: number): Promise<LogRow[]> => this.storage.range(boxLog, { box: this.snapshot.box, bucket }, {
      from: { kind, id: after + 1 }, to: { kind, id: last }, limit: count,
    });
    const [messages, changes] = await Promise.all([slice(LOG_MESSAGE), slice(LOG_CHANGE)]);
    const rows: LogRow[] = [];
    let m = 0;
    let c = 0;
    while (rows.length < count) {
      const message = messages[m];
      const change = changes[c];
      if (message !== undefined && (change === undefined || message.id < change.id)) {
        rows.push(message);
        m += 1;
      } else if (change !== undefined) {
        rows.push(change);
        c += 1;
      } else {
        return { rows, reached: last };
      }
    }
    return { rows, reached: (rows[rows.length - 1] as LogRow).id };
  }

  /**
   * What rows mean now: deleted messages are silent, an edit is told once, by its latest. It is told of a message that is told itself, too: a session
   * that was pushed that one meanwhile passes it over, and has it as it was.
   */
  private async updatesOf(rows: readonly LogRow[]): Promise<BoxUpdate[]> {
    const updates: BoxUpdate[] = [];
    const edits: BoxUpdate[] = [];
    for (const { kind, v } of rows) {
      if (v === null) continue;
      if (kind === LOG_MESSAGE) {
        const record = decode(MessageRecordSchema, v);
        if (record.deletedVersion === 0n) updates.push(boxUpdate(record.pts, 1, { case: 'message', value: record }));
      } else {
        const update = decode(BoxUpdateSchema, v);
        updates.push(update);
        if (update.change.case === 'edited') edits.push(update);
      }
    }
    if (edits.length === 0) return updates;
    const silent = new Set<BoxUpdate>();
    for (let index = 0; index < edits.length; index += 1_000) {
      const page = edits.slice(index, index + 1_000);
      const records = await this.messages(page.map((update) => (update.change.value as MessageRecord).id));
      page.forEach((update, place) => {
        const record = records[place];
        if (record === undefined || record.editPts !== update.pts) silent.add(update);
        else update.change = { case: 'edited', value: record };
      });
    }
    return updates.filter((update) => !silent.has(update));
  }

  async searchToken({ peer, tokens, maxId, minId, limit }: Parameters<BoxReader['searchToken']>[0]): Promise<MessageRecord[]> {
    const wanted = wantedTokens(tokens);
    const found: MessageRecord[] = [];
    // Records in hand; of the others the id alone, until it is their turn.
    const pool = new Map<number, MessageRecord | undefined>();
    const told = new Set<number>();
    for await (const step of this.steps({ peer, maxId, minId }, wanted)) {
      for (const record of step.records) if (!told.has(record.id)) pool.set(record.id, record);
      for (const id of step.candidates) if (!told.has(id) && !pool.has(id)) pool.set(id, undefined);
      const due = [...pool.keys()].filter((id) => id >= step.from).sort((a, b) => b - a);
      for (let at = 0; at < due.length && found.length < limit; at += SEARCH_PAGE_MESSAGES) {
        const page = due.slice(at, at + SEARCH_PAGE_MESSAGES);
        const unread = page.filter((id) => pool.get(id) === undefined);
        const read = unread.length === 0 ? [] : await this.messages(unread);
        unread.forEach((id, index) => pool.set(id, read[index]));
        for (const id of page) {
          const record = pool.get(id);
          if (record !== undefined && carriesAll(record, wanted)) found.push(record);
        }
      }
      for (const id of due) {
        pool.delete(id);
        told.add(id);
      }
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  async listPostings({ peer, tokens, maxId, minId, limit }: Parameters<BoxReader['listPostings']>[0]): Promise<number[]> {
    const wanted = wantedTokens(tokens);
    const most = Math.min(limit, POSTINGS_LISTED_MAX);
    const found = new Set<number>();
    let complete = 0;
    for await (const { from, records, candidates } of this.steps({ peer, maxId, minId }, wanted)) {
      for (const { id } of records) found.add(id);
      for (const id of candidates) found.add(id);
      complete = from;
      // What an edit brought into a newer part of the index is found before its time.
      if (from <= minId + 1 || (found.size >= most && [...found].filter((id) => id >= from).length >= most)) break;
    }
    return [...found].filter((id) => id >= complete).sort((a, b) => b - a).slice(0, most);
  }

  private steps({ peer, maxId, minId }: { peer: number; maxId: number; minId: number }, wanted: readonly bigint[]): AsyncGenerator<SearchStep> {
    const accept = (posting: { id: number; peer: number }): boolean => {
      return posting.id > minId && (maxId <= 0 || posting.id < maxId) && (peer === 0 || posting.peer === peer);
    };
    return searchSteps(this.storage, this.moment, { pts: this.snapshot.head.pts, indexed: this.snapshot.indexed }, wanted, accept);
  }
}

function wantedTokens(tokens: readonly Uint8Array[]): bigint[] {
  if (tokens.length === 0 || tokens.length > SEARCH_TOKENS_MAX) throw new RangeError(`a search for ${tokens.length} tokens; 1 to ${SEARCH_TOKENS_MAX}`);
  return tokens.flatMap(tokensOf);
}

interface LogRow {
  kind: number;
  id: number;
  v: Uint8Array | null;
}

/** Index of the first dialog after the offset. An offset that names a message is exact; one by date alone starts at older dates. */
function firstAfter(list: readonly DialogRecord[], offsetDate: number, offsetId: number, offsetPeer: number): number {
  if (offsetDate <= 0 && offsetId <= 0) return 0;
  if (offsetDate <= 0) {
    const index = list.findIndex((dialog) => dialog.topId < offsetId);
    return index < 0 ? list.length : index;
  }
  const offset = { topDate: offsetDate, topId: offsetId, peer: BigInt(offsetPeer) };
  let index = placeOf(list, offset);
  // The dialog that the offset names was on the page before.
  while (index < list.length && compareDialogs(list[index] as DialogRecord, offset as DialogRecord) <= 0) index += 1;
  return index;
}
