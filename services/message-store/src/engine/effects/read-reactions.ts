import { create } from '@bufbuild/protobuf';
import { ContentsReadSchema, type ReadReactions } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { isChannelBox } from '@heliograph/box/box-id';
import { readMessages, type Change, type Effect } from '../change';
import { readChannelReactions } from './channel/own-box';
import { seenReactions, seeReactions } from './reactions';

/** Marks all reactions to the owner's messages in a dialog, or in a channel, as seen. */
export function* readReactions(change: Change, body: ReadReactions): Effect {
  const peer = Number(body.peer);
  if (isChannelBox(peer)) return readChannelReactions(change, body.peer);
  const ids = [...new Set(change.dialog(peer)?.unreadReactions.map(({ id }) => id))].sort((a, b) => a - b);
  if (ids.length === 0) return;
  for (const record of yield* readMessages(ids)) {
    if (record !== undefined && record.deletedVersion === 0n) change.rows.push({ kind: 'message', record: { ...record, ...seenReactions(change, record) } });
  }
  seeReactions(change, peer, new Set(ids));
  change.keep(change.update({ case: 'contentsRead', value: create(ContentsReadSchema, { ids }) }, ids.length));
}
