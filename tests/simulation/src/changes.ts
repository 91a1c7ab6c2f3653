import type { BoxUpdate, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { BoxReader } from '@heliograph/message-store/engine/contract';
import { ARCHIVE } from '@heliograph/message-store/engine/ids';
import { emptyView, type Change, type View } from '@heliograph/testing/checker';

const decoder = new TextDecoder();

/** The simulator's messages are sealed in clear text. */
export function contentOf(record: MessageRecord): string {
  return decoder.decode(record.content?.sealed ?? new Uint8Array(0));
}

/** Who feels what about it. */
export function reactionsOf(record: MessageRecord): Map<number, string> {
  return new Map(record.reactions.map(({ user, sealed }) => [Number(user), decoder.decode(sealed)]));
}

const reactionText = (record: MessageRecord): string => [...reactionsOf(record)].sort(([a], [b]) => a - b).map(([user, emoji]) => `${user} ${emoji}`).join();

/** An update in the judge's words. */
export function changeOf(update: BoxUpdate): Change {
  const { change } = update;
  switch (change.case) {
    case 'message':
    case 'edited': {
      const record = change.value;
      return { kind: change.case, id: record.id, peer: Number(record.peer), content: contentOf(record), out: record.out, date: record.date, reactions: reactionText(record) };
    }
    case 'deleted': return { kind: 'deleted', ids: change.value.ids };
    case 'inboxRead': return { kind: 'inboxRead', peer: Number(change.value.peer), maxId: change.value.maxId };
    case 'outboxRead': return { kind: 'outboxRead', peer: Number(change.value.peer), maxId: change.value.maxId };
    case 'pinned': return { kind: 'pinned', peer: Number(change.value.peer), ids: change.value.ids, pinned: change.value.pinned };
    case 'folders': return { kind: 'folders', peers: change.value.peers.map(({ peer, folderId }) => ({ peer: Number(peer), archived: folderId === ARCHIVE })) };
    default: return { kind: 'other' };
  }
}

/** What a fresh login learns of a box: every dialog's history and marks. */
export async function freshView(reader: BoxReader, box: number, peers: readonly number[]): Promise<View> {
  const view = emptyView();
  for (const peer of peers) {
    const dialog = reader.dialog(peer);
    if (dialog === undefined) continue;
    for (let maxId = 0; ;) {
      const page = await reader.history({ peer, maxId, minId: 0, limit: 20 });
      for (const record of page) view.messages.set(record.id, { peer, content: contentOf(record), out: record.out, date: record.date, reactions: reactionText(record) });
      const last = page[page.length - 1];
      if (last === undefined) break;
      maxId = last.id;
    }
    if (dialog.folderId === ARCHIVE) view.archived.add(peer);
    if (dialog.pinnedIds.length > 0) view.pinned.set(peer, new Set(dialog.pinnedIds));
    // Saved Messages are read as they are written, without a change of their own.
    if (peer === box) continue;
    if (dialog.readInboxMaxId > 0) view.readInbox.set(peer, dialog.readInboxMaxId);
    if (dialog.readOutboxMaxId > 0) view.readOutbox.set(peer, dialog.readOutboxMaxId);
  }
  return view;
}

export function copyView(view: View): View {
  return {
    messages: new Map(view.messages),
    readInbox: new Map(view.readInbox),
    readOutbox: new Map(view.readOutbox),
    pinned: new Map([...view.pinned].map(([peer, ids]) => [peer, new Set(ids)])),
    archived: new Set(view.archived),
  };
}
