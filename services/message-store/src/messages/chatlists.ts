import { channelBox, channelOfBox, groupBox, homeDcOf, isSharedBox } from '@heliograph/box/box-id';
import { openJoined, type JoinedChatlist } from '@heliograph/box/chatlist';
import { openFilter } from '@heliograph/box/dialog-filter';
import { settingsScope } from '@heliograph/box/notify-settings';
import type { CallerContext } from '@heliograph/client-api/method';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { DataKey } from '@heliograph/crypto/keyring';
import { CallError } from '@heliograph/service-kit/call-error';
import type { DialogFilterRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { DialogFilter, DialogFilterChatlist, ExportedChatlistInvite, InputPeerChannel, TypeInputChatlist, TypeInputPeer } from '@heliograph/tl/api';
import { peerOf } from '@heliograph/box/render-peer';
import type { Deps } from '../deps';
import { chatlistSlug, openSlug, readSlug, slugOfLink, type ListLink } from '../domain/chatlist-slug';
import { FILTER_OUTDATED } from '../engine/effects/chatlists';
import { BOX_ITSELF } from '../engine/ids';
import { CHATLIST_CHANGE_TRIES, CHATLIST_PEERS_MAX } from '../limits';
import { findDcs } from './homes';
import { peerInBox } from './peer';

/** What links begin with that share a folder. */
const LINK_PREFIX = 'https://t.me/addlist/';

/** A folder of the caller's. */
export interface OwnFilter {
  readonly record: DialogFilterRecord;
  readonly filter: DialogFilter | DialogFilterChatlist;
  /** Boxes of the basic groups and channels in it. */
  readonly chats: readonly number[];
  /** Where the caller has it from; undefined: it is his own. */
  readonly joined: JoinedChatlist | undefined;
}

/** All of them, with the key that what they hold is sealed under. */
export interface OwnFilters {
  readonly key: DataKey;
  readonly records: readonly DialogFilterRecord[];
  readonly filters: readonly OwnFilter[];
}

/** What somebody shares by a link. */
export interface SharedChatlist extends ListLink {
  readonly title: string;
  readonly emoticon: string;
  readonly titleNoanimate: boolean;
  /** Boxes. */
  readonly channels: readonly number[];
}

type SecretDeps = Pick<Deps, 'keyring'>;
// The secret of the DC's invite links, which every DC has; the key of slugs is derived from it.
const secretOf = (deps: SecretDeps, dc: number): Promise<Uint8Array> => deps.keyring.secret(`invite-links-of-${dc}`);

/** A link as clients show it. */
export async function exportedLink(deps: SecretDeps, link: ListLink, title: string, channels: readonly number[]): Promise<ExportedChatlistInvite> {
  const slug = chatlistSlug(await secretOf(deps, homeDcOf(link.sharer)), link);
  return { _: 'exportedChatlistInvite', title, url: LINK_PREFIX + slug, peers: channels.map(peerOf) };
}

/** Which link a slug names. Throws INVITE_SLUG_EMPTY, INVITE_SLUG_EXPIRED (none that was made here). */
export async function namedLink(deps: Pick<Deps, 'dcs' | 'keyring'>, text: string): Promise<ListLink> {
  if (text === '') throw badRequest('INVITE_SLUG_EMPTY');
  const slug = readSlug(slugOfLink(text));
  const link = slug && deps.dcs.includes(slug.dc) ? openSlug(await secretOf(deps, slug.dc), slug) : undefined;
  if (!link) throw badRequest('INVITE_SLUG_EXPIRED');
  return link;
}

/** What a link shares now, asked where its owner lives; undefined where there is none any more. Throws RPC_CALL_FAIL while it can't be asked for there. */
export async function findShared(deps: Pick<Deps, 'chatlistsOf' | 'dc' | 'dcs' | 'homes'>, link: ListLink): Promise<SharedChatlist | undefined> {
  const [dc = deps.dc] = await findDcs(deps, [link.sharer]);
  const { found, title, emoticon, titleNoanimate, channels } = await deps.chatlistsOf(dc).getChatlist({ userId: BigInt(link.sharer), nonce: link.nonce }, { routeKey: link.sharer }).catch((error: unknown) => {
    // Where the sharer's box is, is nothing that the caller's gateway could act on.
    throw error instanceof CallError ? new RpcError(500, 'RPC_CALL_FAIL') : error;
  });
  return found ? { ...link, title, emoticon, titleNoanimate, channels: channels.map(Number) } : undefined;
}

/** The caller's folders, without the list of all chats. */
export async function readFilters(deps: Pick<Deps, 'engine' | 'keyring'>, caller: CallerContext): Promise<OwnFilters> {
  const records = ((await deps.engine.read(caller.userId)).dialog(BOX_ITSELF)?.settings?.filters ?? []).filter(({ id }) => id !== 0);
  const key = await deps.keyring.dataKey(settingsScope(caller.userId));
  return { key, records, filters: records.flatMap((record) => ownFilter(key, caller.userId, record) ?? []) };
}

function ownFilter(key: DataKey, user: number, record: DialogFilterRecord): OwnFilter | undefined {
  const filter = openFilter(key, user, record);
  if (filter._ === 'dialogFilterDefault') return undefined;
  const sealed = record.chatlist?.joined ?? new Uint8Array(0);
  return { record, filter, chats: chatsIn(filter), joined: sealed.length > 0 ? openJoined(key, user, record.id, sealed) : undefined };
}

/** A folder by its id. Throws FILTER_ID_INVALID. */
export function getFilter({ filters }: OwnFilters, { filter_id }: TypeInputChatlist): OwnFilter {
  const own = filters.find(({ record }) => record.id === filter_id);
  if (!own) throw badRequest('FILTER_ID_INVALID');
  return own;
}

/** One that is shared, by the caller or by somebody else. Throws FILTER_ID_INVALID, FILTER_NOT_SUPPORTED. */
export function getChatlist(filters: OwnFilters, chatlist: TypeInputChatlist): OwnFilter & { readonly filter: DialogFilterChatlist } {
  const own = getFilter(filters, chatlist);
  const { filter } = own;
  if (filter._ !== 'dialogFilterChatlist') throw badRequest('FILTER_NOT_SUPPORTED');
  return { ...own, filter };
}

/** The folder that a link leads to: the caller's own, or what he made of it. */
export function findByLink({ filters }: OwnFilters, user: number, { sharer, nonce }: ListLink): OwnFilter | undefined {
  return filters.find(({ record, joined }) => (sharer === user && record.chatlist?.invites.some((each) => each.nonce === nonce)) || (joined?.sharer === sharer && joined.nonce === nonce));
}

/** The nonce of one of a folder's links, by its slug. Throws INVITE_SLUG_EMPTY, INVITE_SLUG_EXPIRED. */
export async function ownNonce(deps: Pick<Deps, 'dcs' | 'keyring'>, caller: CallerContext, { record }: OwnFilter, slug: string): Promise<number> {
  const { sharer, nonce } = await namedLink(deps, slug);
  if (sharer !== caller.userId || !record.chatlist?.invites.some((each) => each.nonce === nonce)) throw badRequest('INVITE_SLUG_EXPIRED');
  return nonce;
}

export const chatsIn = ({ pinned_peers, include_peers }: DialogFilter | DialogFilterChatlist): number[] => [...pinned_peers, ...include_peers].map(chatOf).filter((box) => box !== undefined);

/** The box of a chat that a stored folder names; undefined for users. */
export function chatOf(peer: TypeInputPeer): number | undefined {
  if (peer._ === 'inputPeerChannel') return channelBox(peer.channel_id);
  return peer._ === 'inputPeerChat' ? groupBox(peer.chat_id) : undefined;
}

/** A channel as a folder of the caller names it. */
export function channelInput(deps: Pick<Deps, 'peers'>, caller: CallerContext, box: number): InputPeerChannel {
  const channel_id = channelOfBox(box);
  return { _: 'inputPeerChannel', channel_id, access_hash: deps.peers.channelHash(caller.userId, channel_id) };
}

/** Boxes of the basic groups and channels that a request names, each once; users are passed over. Throws INVITE_PEERS_TOO_MUCH, CHANNEL_INVALID, PEER_ID_INVALID. */
export async function chatsNamed(deps: Pick<Deps, 'engine' | 'peers'>, caller: CallerContext, inputs: readonly TypeInputPeer[]): Promise<number[]> {
  if (inputs.length > CHATLIST_PEERS_MAX) throw badRequest('INVITE_PEERS_TOO_MUCH');
  const reader = await deps.engine.read(caller.userId);
  return [...new Set(inputs.map((input) => peerInBox(deps, caller, reader, input)))].filter(isSharedBox);
}

/** What was added to a list since its owner was last shown it; undefined where it is nobody else's, or shared no more. Throws as `findShared`. */
export async function newInList(deps: Parameters<typeof findShared>[0], { joined, chats }: Pick<OwnFilter, 'joined' | 'chats'>): Promise<{ shared: SharedChatlist; channels: number[] } | undefined> {
  const shared = joined && await findShared(deps, joined);
  return shared && { shared, channels: shared.channels.filter((box) => !chats.includes(box) && !joined.seen.includes(box)) };
}

/** Random, and none of another link of the caller's; never 0. */
export function newNonce(deps: Pick<Deps, 'random'>, { records }: Pick<OwnFilters, 'records'>): number {
  const taken = new Set(records.flatMap(({ chatlist }) => chatlist?.invites.map(({ nonce }) => nonce) ?? []));
  for (;;) {
    const nonce = Buffer.from(deps.random(4)).readUInt32LE(0);
    if (nonce !== 0 && !taken.has(nonce)) return nonce;
  }
}

/** Changes a folder that another session may be changing: looks again, and tries again, where it did. Throws as `change`, and RPC_CALL_FAIL. */
export async function changeOf<T>(change: () => Promise<T>): Promise<T> {
  for (let tried = 0; tried < CHATLIST_CHANGE_TRIES; tried += 1) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof RpcError) || error.type !== FILTER_OUTDATED) throw error;
    }
  }
  throw new RpcError(500, 'RPC_CALL_FAIL');
}
