import { channelOfBox, isChannelBox } from '@heliograph/box/box-id';
import type { DiscussPost } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../../change';
import { setPinned } from '../pinned';
import { Channel } from './channel';
import { addPost } from './posts';

/**
 * In the group's box: a post comes, once (the origin's mark), in the order of the posts; it is pinned, and tells no one apart. Whatever becomes of it, the mark of the
 * broadcast moves: what was not taken is not taken later.
 */
export function* discussPost(change: Change, { uid, content, silent, noforwards }: DiscussPost): Effect {
  const { origin } = change.command;
  if (uid === undefined || origin === undefined || origin.box !== uid.box || !isChannelBox(change.box)) throw new Error('a post comes to be discussed from another box than its own');
  const group = new Channel(change, 0);
  if (!group.exists) return;
  const broadcast = Number(uid.box);
  change.editDialog(broadcast);
  const { record } = group;
  if (record.destroyed || record.broadcast || Number(record.linked) !== channelOfBox(broadcast)) return;
  const { id } = addPost(group, { content, silent, noforwards, from: broadcast, author: 0, uid });
  change.rows.push({ kind: 'origin', uid, id });
  setPinned(change, change.box, id, true);
}
