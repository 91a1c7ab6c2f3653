import { ADMIN } from '@heliograph/box/group-rights';
import { AdminEventKind, type ChannelClearHistory, type ChannelDelete, type ChannelDeleteHistory, type ChannelDeleteParticipant, type MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readMessages, readSlice, type Effect } from '../../change';
import { DELETE_IDS_MAX, DELETE_SCAN_ROWS } from '../../limits';
import { deleteHistory } from '../delete-history';
import { removeMessages } from '../removed';
import { originalOf } from './admin-log';
import type { Channel } from './channel';
import { discountReplies } from './replies';

/** Authors delete their own (in a broadcast, while they may post), who may delete everybody's. Ids that are not there count nothing. */
export function* deletePosts(channel: Channel, { ids: asked }: ChannelDelete): Effect {
  const { change, actor, record } = channel;
  if (asked.length > DELETE_IDS_MAX) return change.refuse('LIMIT_INVALID');
  const ids = [...new Set(asked)].sort((a, b) => a - b);
  const gone = (yield* readMessages(ids)).filter((message): message is MessageRecord => message !== undefined && message.deletedVersion === 0n);
  const own = !record.broadcast || channel.mayAsAdmin(ADMIN.post_messages);
  const may = (message: MessageRecord): boolean => channel.mayAsAdmin(ADMIN.delete_messages) || (own && Number(message.author) === actor);
  if (!gone.every(may)) return change.refuse('MESSAGE_DELETE_FORBIDDEN');
  yield* remove(channel, gone);
}

function* remove(channel: Channel, gone: readonly MessageRecord[]): Effect {
  for (const message of gone) {
    const { original: messageBefore, repeated } = originalOf(message, channel.change.version);
    channel.log({ kind: AdminEventKind.DELETE, messageBefore, repeated });
  }
  yield* discountReplies(channel, gone);
  yield* removeMessages(channel.change, gone);
}

/** Deletes a page of everything; `more` tells whether any are left. */
export function* deleteChannelHistory(channel: Channel, { maxId }: ChannelDeleteHistory): Effect {
  const { change } = channel;
  if (!channel.mayAsAdmin(ADMIN.delete_messages)) return change.refuse('CHAT_ADMIN_REQUIRED');
  yield* deleteHistory(change, {
    $typeName: 'heliograph.box.v1.DeleteHistory', peer: BigInt(channel.box), maxId, justClear: true, revoke: false, limit: DELETE_IDS_MAX, minDate: 0, maxDate: 0,
  });
}

/** The actor sees nothing any more of what there is up to an id. */
export function clearForOneself(channel: Channel, { maxId }: ChannelClearHistory): void {
  const { change, actor } = channel;
  const before = channel.member(actor)?.clearedId ?? 0;
  const clearedId = Math.min(maxId, change.topId);
  if (clearedId > before) channel.editMember(actor, { clearedId });
}

/** Looks through a page for messages of one author and deletes them; `next` says where the next page begins, `more` whether there is one. */
export function* deleteParticipant(channel: Channel, { participant, belowId }: ChannelDeleteParticipant): Effect {
  const { change, box } = channel;
  if (!channel.mayAsAdmin(ADMIN.delete_messages)) return change.refuse('CHAT_ADMIN_REQUIRED');
  const dialog = change.dialog(box);
  change.more = false;
  if (dialog === undefined) return;
  const gone: MessageRecord[] = [];
  let below = belowId > 0 ? belowId : dialog.topId + 1;
  for (let seen = 0; seen < DELETE_SCAN_ROWS && gone.length < DELETE_IDS_MAX;) {
    const rows = yield* readSlice(dialog, { below, above: dialog.clearedMaxId });
    const alive = rows.filter((row) => row.deletedVersion === 0n);
    for (const message of yield* readMessages(alive.map(({ id }) => id))) {
      if (message?.deletedVersion !== 0n || gone.length === DELETE_IDS_MAX) continue;
      if (message.author === participant || message.from === participant) gone.push(message);
    }
    const last = rows.at(-1);
    change.more = last !== undefined;
    if (last === undefined) break;
    below = gone.length === DELETE_IDS_MAX ? (gone.at(-1) as MessageRecord).id : last.id;
    seen += rows.length;
  }
  change.next = below;
  yield* remove(channel, gone);
}
