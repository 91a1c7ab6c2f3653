import type { MessageRecord, MessageUid } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change } from '../change';
import { isGroupBox } from '@heliograph/box/box-id';
import { hasBox } from '../ids';
import { tellGroup } from './group/tell-group';

/** Derives the deletion of these messages in the boxes of their dialogs' peers: one command a peer. */
export function deriveDeletion(change: Change, records: readonly MessageRecord[]): void {
  const byPeer = new Map<number, MessageUid[]>();
  for (const record of records) {
    const peer = Number(record.peer);
    if (peer === change.box || !(hasBox(peer) || isGroupBox(peer)) || record.uid === undefined) continue;
    const list = byPeer.get(peer);
    if (list === undefined) byPeer.set(peer, [record.uid]);
    else list.push(record.uid);
  }
  for (const [peer, uids] of [...byPeer].sort((a, b) => a[0] - b[0])) {
    if (isGroupBox(peer)) tellGroup(change, peer, { case: 'delete', value: { $typeName: 'heliograph.box.v1.GroupDelete', ids: uids.map(({ id }) => id) } });
    else change.derived.push({ box: peer, body: { case: 'deleteCopy', value: { $typeName: 'heliograph.box.v1.DeleteCopy', uids } } });
  }
}
