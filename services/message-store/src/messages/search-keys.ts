import { channelBox } from '@heliograph/box/box-id';
import { dialogScope, keysHere, sealingsOf } from '@heliograph/box/dialog-key';
import { haveMoved } from '@heliograph/client-api/have-moved';
import type { DataKey } from '@heliograph/crypto/keyring';
import type { Deps } from '../deps';
import type { ChatReader } from './chat-messages';

/**
 * The keys that messages of a dialog may be sealed, and so indexed, under.
 * @param moved whether the box or the peer (a user) lives, or has lived, elsewhere than its id says; left out, it is asked for when needed
 */
export async function searchKeys({ dc, dcs, keyring, homes }: Pick<Deps, 'dc' | 'dcs' | 'homes' | 'keyring'>, reader: Pick<ChatReader, 'dialog'>, box: number, peer: number, moved?: boolean): Promise<DataKey[]> {
  if (peer < 0) return (await Promise.all([peer, ...copiedFrom(reader, peer)].map((each) => keysHere(keyring, dc, dcs, 0, each)))).flat();
  if (dcs.length > 1 && (moved ?? (await haveMoved(homes, [box, peer])).includes(true))) return keysHere(keyring, dc, dcs, box, peer);
  const received = (reader.dialog(peer)?.lastIncomingId ?? 0) > 0;
  return Promise.all(sealingsOf(dc, box, peer, received).map((sealing) => keyring.dataKey(dialogScope(box, peer, sealing))));
}

/** The broadcast whose posts are in a discussion group as they were sealed there. NOTSPEC: of what was copied from an earlier one words find nothing. */
function copiedFrom(reader: Pick<ChatReader, 'dialog'>, peer: number): number[] {
  const { linked = 0n, broadcast = false } = reader.dialog(peer)?.channel ?? {};
  return linked === 0n || broadcast ? [] : [channelBox(Number(linked))];
}
