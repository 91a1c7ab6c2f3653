import { channelBox, groupBox, homeDcOf, isChannelBox } from '@heliograph/box/box-id';
import { adminRights } from '@heliograph/box/channel-rights';
import { ADMIN } from '@heliograph/box/group-rights';
import { openTitle } from '@heliograph/box/group-title';
import type { CallerContext } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { GroupInvite, JoinRequest } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChatInviteExported, TypeInputPeer } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { hashOfLink, inviteHash, isProven, readInviteHash, type NamedLink } from '../domain/invite-link';
import { namedGroup } from './group-view';
import { isPresent } from '@heliograph/box/group-rights';
import { openChannel } from './named-channel';

/** What links begin with; config.me_url_prefix tells clients. */
const LINK_PREFIX = 'https://t.me/+';

/** A basic group or a channel with its links. */
export interface Invitable {
  readonly box: number;
  readonly invites: readonly GroupInvite[];
  /** Who asked to be let in, oldest first. */
  readonly requests: readonly JoinRequest[];
  /** Its members don't hear of each other. */
  readonly broadcast: boolean;
  /** Whether the caller made it: he sees the links of all its admins. */
  readonly isCreator: boolean;
  /** It has a public name, which is the creator's permanent link. */
  readonly username: string;
}

/** Proves the links of a chat, in every DC alike. */
const secretOf = (deps: Pick<Deps, 'keyring'>, box: number): Promise<Uint8Array> => deps.keyring.secret(`invite-links-of-${homeDcOf(box)}`);

/** A link as admins see it. */
export async function inviteView(deps: Pick<Deps, 'keyring'>, { box, requests }: Pick<Invitable, 'box' | 'requests'>, invite: GroupInvite): Promise<ChatInviteExported> {
  const hash = inviteHash(await secretOf(deps, box), { box, nonce: invite.nonce });
  const view: ChatInviteExported = { _: 'chatInviteExported', link: LINK_PREFIX + hash, admin_id: Number(invite.admin), date: invite.date };
  if (invite.permanent) view.permanent = true;
  if (invite.revoked) view.revoked = true;
  if (invite.requestNeeded) view.request_needed = true;
  if (invite.expireDate > 0) view.expire_date = invite.expireDate;
  if (invite.usageLimit > 0) view.usage_limit = invite.usageLimit;
  if (invite.usage > 0) view.usage = invite.usage;
  const requested = requests.filter(({ nonce }) => nonce === invite.nonce).length;
  if (requested > 0) view.requested = requested;
  if (invite.titleSealed.length > 0) view.title = await openTitle(deps.keyring, box, invite.titleSealed);
  return view;
}

/** Which link of which chat a hash names. Throws INVITE_HASH_EMPTY, INVITE_HASH_INVALID (no hash of this kind), INVITE_HASH_EXPIRED (not made here). */
export async function namedLink(deps: Pick<Deps, 'dcs' | 'keyring'>, text: string): Promise<NamedLink> {
  if (text === '') throw badRequest('INVITE_HASH_EMPTY');
  const named = readInviteHash(hashOfLink(text));
  if (!named) throw badRequest('INVITE_HASH_INVALID');
  const { link, hash } = named;
  if (!deps.dcs.includes(homeDcOf(link.box)) || !isProven(await secretOf(deps, link.box), hash)) throw badRequest('INVITE_HASH_EXPIRED');
  return link;
}

/** The chat of an InputPeer with its links, for one of its admins who may invite. Throws PEER_ID_INVALID, CHANNEL_INVALID, CHANNEL_PRIVATE, CHAT_ADMIN_REQUIRED. */
export async function invitable(deps: Pick<Deps, 'channels' | 'engine' | 'groups' | 'peers'>, caller: CallerContext, input: TypeInputPeer): Promise<Invitable> {
  if (deps.peers.peer(caller.userId, input).kind === 'channel') {
    const { box, record } = await openChannel(deps, caller, input);
    if (!(adminRights(record, caller.userId) & ADMIN.invite_users)) throw badRequest('CHAT_ADMIN_REQUIRED');
    return { box, invites: record.invites, requests: record.requests, broadcast: record.broadcast, isCreator: Number(record.creator) === caller.userId, username: record.username };
  }
  const { chatId } = await namedGroup(deps, caller, input);
  const group = await deps.groups.find(chatId);
  const member = group?.members.get(caller.userId);
  const isCreator = Number(group?.record.creator ?? 0n) === caller.userId;
  if (!group || group.record.deactivated || !isPresent(member) || !(isCreator || member?.admin)) throw badRequest('CHAT_ADMIN_REQUIRED');
  return { box: groupBox(chatId), invites: group.record.invites, requests: group.record.requests, broadcast: false, isCreator, username: '' };
}

/** A link of a chat by how clients name it. Throws INVITE_HASH_EXPIRED where the chat has no such link, CHAT_ADMIN_REQUIRED for one of another admin (the creator sees all). */
export async function linkOf(deps: Pick<Deps, 'dcs' | 'groups' | 'keyring'>, caller: CallerContext, place: Invitable, text: string): Promise<GroupInvite> {
  const link = await followLink(deps, text);
  const invite = link.box === place.box ? findInvite(place, link.nonce) : undefined;
  if (!invite) throw badRequest('INVITE_HASH_EXPIRED');
  if (!place.isCreator && Number(invite.admin) !== caller.userId) throw badRequest('CHAT_ADMIN_REQUIRED');
  return invite;
}

/** The admin whose links are asked for. Throws ADMIN_ID_INVALID for the links of others, which the creator alone is told. */
export function linksAdmin(deps: Pick<Deps, 'peers'>, caller: CallerContext, { isCreator }: Invitable, input: Parameters<Deps['peers']['user']>[1]): number {
  const admin = deps.peers.user(caller.userId, input);
  if (admin !== caller.userId && !isCreator) throw badRequest('ADMIN_ID_INVALID');
  return admin;
}

export const findInvite = ({ invites }: Pick<Invitable, 'invites'>, nonce: number): GroupInvite | undefined => invites.find((invite) => invite.nonce === nonce);

/** An admin's permanent link. */
export function findPermanent({ invites }: Pick<Invitable, 'invites'>, admin: number): GroupInvite | undefined {
  return invites.find((invite) => invite.permanent && !invite.revoked && Number(invite.admin) === admin);
}

/** Random, and none of another link of the chat; never 0. */
export function newNonce(deps: Pick<Deps, 'random'>, place: Pick<Invitable, 'invites'>): number {
  for (;;) {
    const nonce = Buffer.from(deps.random(4)).readUInt32LE(0);
    if (nonce !== 0 && findInvite(place, nonce) === undefined) return nonce;
  }
}

/** Where a hash leads: links of a basic group that became a supergroup lead there. Throws as `namedLink`. */
export async function followLink(deps: Pick<Deps, 'dcs' | 'groups' | 'keyring'>, text: string): Promise<NamedLink> {
  const link = await namedLink(deps, text);
  if (isChannelBox(link.box)) return link;
  const migratedTo = Number((await deps.groups.find(-link.box))?.record.migratedTo ?? 0n);
  return migratedTo > 0 ? { ...link, box: channelBox(migratedTo) } : link;
}
