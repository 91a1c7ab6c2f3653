import { channelBox, isChannelBox } from '@heliograph/box/box-id';
import { adminRights, isMember, mayRead } from '@heliograph/box/channel-rights';
import { ADMIN } from '@heliograph/box/group-rights';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { DialogFilter, DialogFilterChatlist, TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { CHATLIST_PEERS_MAX } from '../limits';
import { channelInput, chatOf } from './chatlists';
import { isIn, namedGroup } from './group-view';
import { migrateGroup } from './migrate-group';

/** What a link is to share. */
export interface Shareable {
  /** Boxes, in the order named. */
  readonly channels: readonly number[];
  /** Basic groups among them that have become supergroups: by their boxes. */
  readonly migrated: ReadonlyMap<number, number>;
}

/**
 * The chats that the caller wants to share: channels with a public name or where he may invite; his basic groups, which become supergroups by it
 * (docs: core.telegram.org/api/folders#shared-folders). Throws PEERS_LIST_EMPTY, INVITE_PEERS_TOO_MUCH, PEER_ID_INVALID, CHANNEL_INVALID, CHANNEL_PRIVATE, CHAT_ADMIN_REQUIRED,
 * before anything has changed.
 */
export async function shareable(deps: Deps, caller: CallerContext, inputs: readonly TypeInputPeer[]): Promise<Shareable> {
  if (inputs.length === 0) throw badRequest('PEERS_LIST_EMPTY');
  if (inputs.length > CHATLIST_PEERS_MAX) throw badRequest('INVITE_PEERS_TOO_MUCH');
  const named: number[] = [];
  const migrated = new Map<number, number>();
  for (const input of inputs) {
    const { kind, id } = deps.peers.peer(caller.userId, input);
    if (kind === 'channel') named.push(channelBox(id));
    else named.push(await groupNamed(deps, caller, input, migrated));
  }
  await refuseUnshareable(deps, caller, named.map((box) => migrated.get(box) ?? box).filter(isChannelBox));
  // It is all his to share: groups that are none yet become supergroups. This session isn't answered with that; it is told as the others are.
  for (const group of named) if (!isChannelBox(group) && !migrated.has(group)) migrated.set(group, (await migrateGroup(deps, { ...caller, authKeyId: 0n, sessionId: 0n }, -group)).box);
  return { channels: [...new Set(named.map((box) => migrated.get(box) ?? box))], migrated };
}

/** A basic group that the caller may make a supergroup; one that is one already is put among `migrated`. Throws PEER_ID_INVALID, CHAT_ADMIN_REQUIRED. */
async function groupNamed(deps: Deps, caller: CallerContext, input: TypeInputPeer, migrated: Map<number, number>): Promise<number> {
  const { chatId, view } = await namedGroup(deps, caller, input);
  if (view.migratedTo > 0n) migrated.set(-chatId, channelBox(Number(view.migratedTo)));
  else if (!isIn(view) || Number(view.creator) !== caller.userId) throw badRequest('CHAT_ADMIN_REQUIRED');
  return -chatId;
}

async function refuseUnshareable(deps: Pick<Deps, 'channels'>, caller: CallerContext, boxes: readonly number[]): Promise<void> {
  const states = new Map((await deps.channels.find(caller.userId, boxes)).map((state) => [Number(state.channel), state]));
  for (const box of boxes) {
    const { record, member } = states.get(box) ?? {};
    if (record === undefined) throw badRequest('CHANNEL_INVALID');
    if (!mayRead(record, member, caller.date)) throw badRequest('CHANNEL_PRIVATE');
    if (record.username === '' && !(isMember(member) && adminRights(record, caller.userId) & ADMIN.invite_users)) throw badRequest('CHAT_ADMIN_REQUIRED');
  }
}

/** A folder as it is when it is shared: a list of chats, in which groups that became supergroups are those. */
export function asChatlist(deps: Pick<Deps, 'peers'>, caller: CallerContext, filter: DialogFilter | DialogFilterChatlist, migrated: ReadonlyMap<number, number>): DialogFilterChatlist {
  const { id, title, title_noanimate, emoticon, color } = filter;
  const renamed = (peers: readonly TypeInputPeer[]): TypeInputPeer[] => peers.map((peer) => {
    const supergroup = migrated.get(chatOf(peer) ?? 0);
    return supergroup === undefined ? peer : channelInput(deps, caller, supergroup);
  });
  return { _: 'dialogFilterChatlist', id, title, title_noanimate, emoticon, color, pinned_peers: renamed(filter.pinned_peers), include_peers: renamed(filter.include_peers) };
}
