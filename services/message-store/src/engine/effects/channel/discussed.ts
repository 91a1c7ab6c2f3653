import { channelBox } from '@heliograph/box/box-id';
import type { Content, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, DerivedBody } from '../../change';
import type { Channel } from './channel';

/*
 * A broadcast's posts in its discussion group (docs: core.telegram.org/api/discussion). The broadcast decides, as of the post, where that is discussed, and derives the
 * post for the group's box; the group takes it if it discusses that broadcast as of then (discuss-post.ts).
 */

/** Where posts of the channel are discussed from now on: channel id; 0: nowhere. */
export const discussionOf = ({ record }: Pick<Channel, 'record'>): bigint => (record.broadcast ? record.linked : 0n);

/** Brings a new post into the group where it is discussed. */
export function discuss(change: Change, { discussion, uid, content, silent, noforwards }: MessageRecord): void {
  if (discussion !== 0n) derive(change, discussion, { case: 'discussPost', value: { $typeName: 'heliograph.box.v1.DiscussPost', uid, content, silent, noforwards } });
}

/** The copy of a post becomes what the post is from now on, as long as that is discussed there. */
export function editDiscussed(change: Change, before: MessageRecord, content: Content | undefined, hide: boolean): void {
  if (isDiscussed(change, before)) derive(change, before.discussion, { case: 'editCopy', value: { $typeName: 'heliograph.box.v1.EditCopy', uid: before.uid, content, hide } });
}

/** The poll of a copy is over with the post's. */
export function closeDiscussed(change: Change, before: MessageRecord): void {
  if (isDiscussed(change, before)) derive(change, before.discussion, { case: 'pollCopy', value: { $typeName: 'heliograph.box.v1.PollCopy', uid: before.uid, closed: true } });
}

/** The copies of posts go with them. */
export function deleteDiscussed(change: Change, gone: readonly MessageRecord[]): void {
  const uids = gone.filter((record) => isDiscussed(change, record)).map(({ uid }) => uid).filter((uid) => uid !== undefined);
  if (uids.length > 0) derive(change, linkedOf(change), { case: 'deleteCopy', value: { $typeName: 'heliograph.box.v1.DeleteCopy', uids } });
}

const linkedOf = (change: Change): bigint => change.dialog(change.box)?.channel?.linked ?? 0n;

/** Whether the post was brought into the group that the channel is linked to still. */
const isDiscussed = (change: Change, { discussion }: MessageRecord): boolean => discussion !== 0n && discussion === linkedOf(change);

function derive(change: Change, group: bigint, body: DerivedBody): void {
  change.derived.push({ box: channelBox(Number(group)), body });
}
