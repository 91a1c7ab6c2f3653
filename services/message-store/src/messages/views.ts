import { isChannelBox } from '@heliograph/box/box-id';
import { EVERYBODY, type ChannelSight } from '@heliograph/box/channel-sight';
import { openContent, type MessageContent } from '@heliograph/box/content';
import { dialogKeys, draftScope } from '@heliograph/box/dialog-key';
import { reactionsOf } from '@heliograph/box/reactions';
import { renderDialog } from '@heliograph/box/render-dialog';
import { renderMessage } from '@heliograph/box/render-message';
import { withRank } from '@heliograph/box/render-update';
import type { DialogRecord, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeDialog, TypeMessage } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import type { ChannelDialogs } from './channel-dialogs';
import type { ArchiveEntry } from './dialogs';

/** Whether a message is pinned, looked up once per dialog. */
export function pinnedLookup(reader: Pick<BoxReader, 'dialog'>): (peer: number, id: number) => boolean {
  const pinned = new Map<number, ReadonlySet<number>>();
  return (peer, id) => {
    let ids = pinned.get(peer);
    if (!ids) pinned.set(peer, (ids = new Set(reader.dialog(peer)?.pinnedIds)));
    return ids.has(id);
  };
}

/** Messages of one box as its owner sees them, those of a channel's as `sight` says, in the order given. */
export async function messageViews(
  deps: Pick<Deps, 'keyring'>, reader: Pick<BoxReader, 'dialog'>, box: number, records: readonly MessageRecord[], sight: ChannelSight = EVERYBODY,
): Promise<TypeMessage[]> {
  const keys = await dialogKeys(deps.keyring, box, records);
  const isPinned = pinnedLookup(reader);
  const viewer = isChannelBox(box) ? sight.viewer : box;
  return records.map((record) => renderMessage(box, record, openContent(keys, box, record), isPinned(Number(record.peer), record.id), reactionsOf(keys, box, record, viewer, sight.isUnreadReaction), withRank(sight, keys, record)));
}

/** Records with their content. */
export async function openAll(deps: Pick<Deps, 'keyring'>, box: number, records: readonly MessageRecord[]): Promise<{ record: MessageRecord; content: MessageContent }[]> {
  const keys = await dialogKeys(deps.keyring, box, records);
  return records.map((record) => ({ record, content: openContent(keys, box, record) }));
}

/**
 * Dialogs with their newest messages, in the order given; before them, if it is given, the entry of a folder with its newest message.
 * `channels`: has all channels among them.
 */
export async function dialogViews(
  deps: Pick<Deps, 'keyring'>, reader: BoxReader, box: number, records: readonly DialogRecord[], channels: ChannelDialogs, archive?: ArchiveEntry,
): Promise<{ dialogs: TypeDialog[]; messages: TypeMessage[] }> {
  const userKey = await deps.keyring.dataKey(draftScope(box));
  const shown = archive ? [archive.top, ...records] : records;
  const ids = shown.filter(({ peer }) => !isChannelBox(Number(peer))).map(({ topId }) => topId).filter((id) => id > 0);
  const [tops, ofChannels, counted] = await Promise.all([reader.messages(ids), channels.tops(shown), channels.withUnread(records)]);
  return {
    dialogs: [...(archive ? [archive.entry] : []), ...counted.map((record) => renderDialog(box, record, userKey, channels.ptsOf(Number(record.peer))))],
    messages: [...(await messageViews(deps, reader, box, tops.filter((top) => top !== undefined))), ...ofChannels],
  };
}
