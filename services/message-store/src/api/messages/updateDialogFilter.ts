import { sealFilter } from '@heliograph/box/dialog-filter';
import { isChannelBox } from '@heliograph/box/box-id';
import { settingsScope } from '@heliograph/box/notify-settings';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { DialogFilter, DialogFilterChatlist, TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import type { BoxReader } from '../../engine/contract';
import { checkFilter, FILTER_IDS } from '../../domain/dialog-filter';
import { DIALOG_FILTER_PEERS_MAX } from '../../limits';
import { peerInBox } from '../../messages/peer';
import { submit } from '../../messages/submit';

/**
 * Makes or changes a folder; without `filter` deletes it (docs: core.telegram.org/method/messages.updateDialogFilter). One that is shared stays a list of chats, and only that is one.
 * Throws FILTER_ID_INVALID, FILTER_NOT_SUPPORTED, DIALOG_FILTERS_TOO_MUCH, FILTER_INCLUDE_TOO_MUCH, and what `checkFilter` and `peerInBox` do.
 */
export const updateDialogFilter: Method<Deps, 'messages.updateDialogFilter'> = async (deps, caller, { id, filter }) => {
  if (id < FILTER_IDS.first || id > FILTER_IDS.last) throw badRequest('FILTER_ID_INVALID');
  if (filter === undefined) {
    await submit(deps, caller, { case: 'setDialogFilter', value: { id } });
    return true;
  }
  if (filter._ === 'dialogFilterDefault') throw badRequest('FILTER_NOT_SUPPORTED');
  checkFilter(filter);
  const stored = withOwnPeers(deps, caller, await deps.engine.read(caller.userId), { ...filter, id });
  const sealed = sealFilter(await deps.keyring.dataKey(settingsScope(caller.userId)), caller.userId, id, stored);
  await submit(deps, caller, filter._ === 'dialogFilter' ? { case: 'setDialogFilter', value: { id, sealed } } : { case: 'setChatlist', value: { id, sealed } });
  return true;
};

/** The filter with each peer once, as every client of the caller can name it. */
function withOwnPeers(deps: Pick<Deps, 'peers'>, caller: CallerContext, reader: BoxReader, filter: DialogFilter | DialogFilterChatlist): DialogFilter | DialogFilterChatlist {
  const seen = new Set<number>();
  const own = (inputs: readonly TypeInputPeer[]): TypeInputPeer[] => inputs.flatMap((input): TypeInputPeer[] => {
    const peer = peerInBox(deps, caller, reader, input, 'CHAT_ID_INVALID');
    if (seen.has(peer)) return [];
    seen.add(peer);
    if (peer > 0) return [{ _: 'inputPeerUser', user_id: peer, access_hash: deps.peers.userHash(caller.userId, peer) }];
    // A channel's hash was right: it is what the caller's clients name it by.
    return [isChannelBox(peer) ? input : { _: 'inputPeerChat', chat_id: -peer }];
  });
  const [pinned_peers, include_peers, exclude_peers] = [own(filter.pinned_peers), own(filter.include_peers), own(filter._ === 'dialogFilter' ? filter.exclude_peers : [])];
  if (pinned_peers.length + include_peers.length > DIALOG_FILTER_PEERS_MAX || exclude_peers.length > DIALOG_FILTER_PEERS_MAX) throw badRequest('FILTER_INCLUDE_TOO_MUCH');
  // Entities of a title are custom emoji alone, of which there are none here.
  const title = { _: 'textWithEntities' as const, text: filter.title.text.trim(), entities: [] };
  // Whether there are links to it, the folder says by itself.
  return filter._ === 'dialogFilter' ? { ...filter, title, pinned_peers, include_peers, exclude_peers } : { ...filter, has_my_invites: undefined, title, pinned_peers, include_peers };
}
