import { sealFilter } from '@heliograph/box/dialog-filter';
import { isChannelBox } from '@heliograph/box/box-id';
import { settingsScope } from '@heliograph/box/notify-settings';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { DialogFilter, TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import type { BoxReader } from '../../engine/contract';
import { checkFilter, FILTER_IDS } from '../../domain/dialog-filter';
import { DIALOG_FILTER_PEERS_MAX } from '../../limits';
import { peerInBox } from '../../messages/peer';
import { submit } from '../../messages/submit';

/** Makes or changes a folder; without `filter` deletes it (docs: core.telegram.org/method/messages.updateDialogFilter). Throws FILTER_ID_INVALID, DIALOG_FILTERS_TOO_MUCH, FILTER_INCLUDE_TOO_MUCH, and what `checkFilter` and `peerInBox` do. */
export const updateDialogFilter: Method<Deps, 'messages.updateDialogFilter'> = async (deps, caller, { id, filter }) => {
  if (id < FILTER_IDS.first || id > FILTER_IDS.last) throw badRequest('FILTER_ID_INVALID');
  if (filter === undefined) {
    await submit(deps, caller, { case: 'setDialogFilter', value: { id } });
    return true;
  }
  // Folders that are shared by links are not built.
  if (filter._ !== 'dialogFilter') throw badRequest('FILTER_NOT_SUPPORTED');
  checkFilter(filter);
  const stored = withOwnPeers(deps, caller, await deps.engine.read(caller.userId), { ...filter, id });
  const sealed = sealFilter(await deps.keyring.dataKey(settingsScope(caller.userId)), caller.userId, id, stored);
  await submit(deps, caller, { case: 'setDialogFilter', value: { id, sealed } });
  return true;
};

/** The filter with each peer once, as every client of the caller can name it. */
function withOwnPeers(deps: Pick<Deps, 'peers'>, caller: CallerContext, reader: BoxReader, filter: DialogFilter): DialogFilter {
  const seen = new Set<number>();
  const own = (inputs: readonly TypeInputPeer[]): TypeInputPeer[] => inputs.flatMap((input): TypeInputPeer[] => {
    const peer = peerInBox(deps, caller, reader, input, 'CHAT_ID_INVALID');
    if (seen.has(peer)) return [];
    seen.add(peer);
    if (peer > 0) return [{ _: 'inputPeerUser', user_id: peer, access_hash: deps.peers.userHash(caller.userId, peer) }];
    // A channel's hash was right: it is what the caller's clients name it by.
    return [isChannelBox(peer) ? input : { _: 'inputPeerChat', chat_id: -peer }];
  });
  const [pinned_peers, include_peers, exclude_peers] = [own(filter.pinned_peers), own(filter.include_peers), own(filter.exclude_peers)];
  if (pinned_peers.length + include_peers.length > DIALOG_FILTER_PEERS_MAX || exclude_peers.length > DIALOG_FILTER_PEERS_MAX) throw badRequest('FILTER_INCLUDE_TOO_MUCH');
  // Entities of a title are custom emoji alone, of which there are none here.
  return { ...filter, title: { _: 'textWithEntities', text: filter.title.text.trim(), entities: [] }, pinned_peers, include_peers, exclude_peers };
}
