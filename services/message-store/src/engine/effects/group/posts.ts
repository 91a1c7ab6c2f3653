import type { Content, GroupChange, GroupDelete, GroupEdit, GroupPin, GroupPost, GroupRead, MessageRecord, MessageUid } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { BANNED } from '@heliograph/box/group-rights';
import { readMessages, readSent, type Change, type Effect } from '../../change';
import { DELETE_IDS_MAX, MENTIONS_MAX } from '../../limits';
import { emptyDeliver, emptyMessage } from '../../records';
import { expireLater } from '../new-message';
import type { Group } from './group';
import { contentRefusal, isAdmin, mayAct } from './rights';

/** What goes to the members with a message. */
export interface Posted {
  content?: Content;
  randomId?: bigint;
  silent?: boolean;
  noforwards?: boolean;
  replyTo?: MessageUid;
  fromScheduled?: boolean;
  /** Told that the message is about them. */
  mentions?: ReadonlySet<number>;
  /** The group changed with it: every member is told how it looks now. */
  told?: GroupChange['change'];
  /** Who gets it beside those present. */
  also?: number;
  /** Whose message it is; the actor's by default. */
  from?: number;
}

/**
 * Writes a message into the group's box and derives a copy for everybody present. Its id there is the pts it takes, as in a
 * user's box. @param answers whether the actor's copy answers who waits
 */
export function addPost(change: Change, group: Group, posted: Posted, answers: boolean): MessageRecord {
  const id = change.pts + 1;
  const from = posted.from ?? group.actor;
  const record = emptyMessage();
  record.id = id;
  record.pts = id;
  record.from = BigInt(from);
  record.date = change.date;
  record.content = posted.content;
  record.silent = posted.silent ?? false;
  record.noforwards = posted.noforwards ?? false;
  record.randomId = posted.randomId ?? 0n;
  record.uid = { $typeName: 'heliograph.box.v1.MessageUid', box: BigInt(group.box), id };
  record.createdVersion = change.version;
  change.pts = id;
  change.ptsCount += 1;
  change.topId = id;
  record.ttlPeriod = group.record?.ttlPeriod ?? 0;
  // Its copies close by themselves, and the group counts no vote after that time.
  record.poll = posted.content?.poll;
  change.rows.push({ kind: 'message', record });
  expireLater(change, record);
  group.editMember(from, { lastPostId: id });
  const version = group.record?.version ?? 0;
  const members = new Set(group.present());
  if (posted.also !== undefined) members.add(posted.also);
  for (const user of members) {
    const copy = emptyDeliver();
    copy.peer = BigInt(group.box);
    copy.from = record.from;
    copy.uid = record.uid;
    copy.content = posted.content;
    copy.silent = record.silent;
    copy.noforwards = record.noforwards || (group.record?.noforwards ?? false);
    copy.ttlPeriod = record.ttlPeriod;
    copy.replyTo = posted.replyTo;
    copy.out = user === from;
    if (copy.out) {
      copy.randomId = record.randomId;
      copy.fromScheduled = posted.fromScheduled ?? false;
    } else copy.mentioned = posted.mentions?.has(user) ?? false;
    if (posted.told !== undefined) {
      copy.view = group.view(user);
      copy.change = { $typeName: 'heliograph.box.v1.GroupChange', version, change: posted.told };
    }
    group.derive(user, { case: 'deliver', value: copy }, answers);
  }
  return record;
}

export function* post(change: Change, group: Group, body: GroupPost): Effect {
  const refusal = contentRefusal(group, body.content);
  if (refusal !== undefined) return group.refuse(refusal);
  const remembered = keyOf(group.actor, body.randomId);
  if (body.randomId !== 0n) {
    const earlier = (yield* readSent(change.state)).find(remembered, change.date);
    if (earlier !== undefined) return group.answer({ duplicateOf: { box: BigInt(group.box), id: earlier.id } });
  }
  const mentions = new Set(body.mentions.slice(0, MENTIONS_MAX).map(Number));
  if (body.replyTo !== undefined) {
    const [answered] = yield* readMessages([body.replyTo.id]);
    if (answered !== undefined && answered.deletedVersion === 0n) mentions.add(Number(answered.from));
  }
  const record = addPost(change, group, { ...body, mentions }, true);
  if (body.randomId === 0n) return;
  change.remembered = { randomId: remembered, id: record.id, date: change.date };
  change.rows.push({ kind: 'sent', id: record.id, randomId: remembered, date: change.date });
}

/** Members choose their random_ids independently: what the group remembers tells whose it is. */
export function keyOf(actor: number, randomId: bigint): bigint {
  return BigInt.asIntN(64, randomId ^ (BigInt(actor) * 0x9e3779b97f4a7c15n));
}

/** Authors edit their own. */
export function* editPost(change: Change, group: Group, body: GroupEdit): Effect {
  const [before] = yield* readMessages([body.id]);
  if (before === undefined || before.deletedVersion !== 0n) return group.refuse('MESSAGE_ID_INVALID');
  if (Number(before.from) !== group.actor) return group.refuse('MESSAGE_AUTHOR_REQUIRED');
  const refusal = contentRefusal(group, body.content);
  if (refusal !== undefined) return group.refuse(refusal);
  change.pts += 1;
  change.ptsCount += 1;
  change.rows.push({ kind: 'message', record: { ...before, content: body.content, editDate: change.date, editHide: body.hide, editedVersion: change.version, editPts: change.pts } });
  for (const user of group.present()) {
    group.derive(user, { case: 'editCopy', value: { $typeName: 'heliograph.box.v1.EditCopy', uid: before.uid, content: body.content, hide: body.hide } }, true);
  }
}

/** Authors delete their own for all, admins everybody's; the rest stays. Nobody waits for it: the actor's copies are gone already. */
export function* deletePosts(change: Change, group: Group, body: GroupDelete): Effect {
  const ids = [...new Set(body.ids)].sort((a, b) => a - b).slice(0, DELETE_IDS_MAX);
  const admin = isAdmin(group, group.actor);
  const gone = (yield* readMessages(ids)).filter((record): record is MessageRecord => record !== undefined && record.deletedVersion === 0n && (admin || Number(record.from) === group.actor));
  removePosts(change, group, gone);
}

/** Takes messages from the boxes of everybody in the group. Nobody waits for it. @param gone alive @param copies those of which copies go; at most DELETE_IDS_MAX */
export function removePosts(change: Change, group: Group, gone: readonly MessageRecord[], copies = gone): void {
  if (copies.length === 0) return;
  change.pts += gone.length;
  change.ptsCount += gone.length;
  for (const record of gone) change.rows.push({ kind: 'message', record: { ...record, content: undefined, deletedVersion: change.version } });
  const uids = copies.map(({ uid }) => uid).filter((uid) => uid !== undefined);
  for (const user of group.present()) group.derive(user, { case: 'deleteCopy', value: { $typeName: 'heliograph.box.v1.DeleteCopy', uids } }, false);
}

/** Pins or unpins for all. `notice`: posted with a pin; `silent`: it notifies nobody. */
export function* pinPost(change: Change, group: Group, body: GroupPin, notice: Content | undefined): Effect {
  if (!mayAct(group, BANNED.pin_messages)) return group.refuse('CHAT_ADMIN_REQUIRED');
  const [record] = yield* readMessages([body.id]);
  if (record === undefined || record.deletedVersion !== 0n) return group.refuse('MESSAGE_ID_INVALID');
  const says = !body.unpin && notice !== undefined;
  for (const user of group.present()) {
    group.derive(user, { case: 'pinCopy', value: { $typeName: 'heliograph.box.v1.PinCopy', peer: BigInt(group.box), uid: record.uid, unpin: body.unpin } }, !says);
  }
  if (says) addPost(change, group, { content: notice, replyTo: record.uid, silent: body.silent }, true);
}

export function* unpinAllPosts(_change: Change, group: Group): Effect {
  if (!mayAct(group, BANNED.pin_messages)) return group.refuse('CHAT_ADMIN_REQUIRED');
  for (const user of group.present()) group.derive(user, { case: 'unpinAllCopy', value: { $typeName: 'heliograph.box.v1.UnpinAllCopy', peer: BigInt(group.box) } }, true);
}

/** A member has read the others' messages up to an id: those who wrote since others last read theirs are told. */
export function* readPosts(change: Change, group: Group, body: GroupRead): Effect {
  const before = group.member(group.actor)?.readId ?? 0;
  const upTo = Math.min(body.id, change.topId);
  if (upTo <= before) return;
  group.editMember(group.actor, { readId: upTo, readDate: change.date });
  for (const user of group.present()) {
    const author = group.member(user);
    if (user === group.actor || author === undefined || author.lastPostId <= author.outboxReadId || upTo <= author.outboxReadId) continue;
    group.editMember(user, { outboxReadId: upTo });
    group.derive(user, {
      case: 'readOutbox',
      value: { $typeName: 'heliograph.box.v1.ReadOutbox', peer: BigInt(group.box), maxId: 0, uid: { $typeName: 'heliograph.box.v1.MessageUid', box: BigInt(group.box), id: upTo } },
    }, false);
  }
}
