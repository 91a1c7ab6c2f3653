import { isPresent } from '@heliograph/box/group-rights';
import { openTitle } from '@heliograph/box/group-title';
import type { CallerContext } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { GroupInvite } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChatInviteExported, TypeInputPeer } from '@heliograph/tl/api';
import { hashOfLink, inviteHash, isProven, readInviteHash, type NamedLink } from '../domain/invite-link';
import type { Deps } from '../deps';
import { groupBox, homeDcOf } from '@heliograph/box/box-id';
import type { GroupState } from './groups';
import { namedGroup } from './group-view';

/** What links begin with; config.me_url_prefix tells clients. */
const LINK_PREFIX = 'https://t.me/+';

/** Proves the links of a group, in every DC alike. */
const secretOf = (deps: Pick<Deps, 'keyring'>, chatId: number): Promise<Uint8Array> => deps.keyring.secret(`invite-links-of-${homeDcOf(groupBox(chatId))}`);

/** A link as admins see it. */
export async function inviteView(deps: Pick<Deps, 'keyring'>, chatId: number, invite: GroupInvite): Promise<ChatInviteExported> {
  const hash = inviteHash(await secretOf(deps, chatId), { chatId, nonce: invite.nonce });
  const view: ChatInviteExported = { _: 'chatInviteExported', link: LINK_PREFIX + hash, admin_id: Number(invite.admin), date: invite.date };
  if (invite.permanent) view.permanent = true;
  if (invite.revoked) view.revoked = true;
  if (invite.expireDate > 0) view.expire_date = invite.expireDate;
  if (invite.usageLimit > 0) view.usage_limit = invite.usageLimit;
  if (invite.usage > 0) view.usage = invite.usage;
  if (invite.titleSealed.length > 0) view.title = await openTitle(deps.keyring, groupBox(chatId), invite.titleSealed);
  return view;
}

/** Which link of which group a hash names. Throws INVITE_HASH_EMPTY, INVITE_HASH_INVALID (no hash of this kind), INVITE_HASH_EXPIRED (not made here). */
export async function namedLink(deps: Pick<Deps, 'dcs' | 'keyring'>, text: string): Promise<NamedLink> {
  if (text === '') throw badRequest('INVITE_HASH_EMPTY');
  const named = readInviteHash(hashOfLink(text));
  if (!named) throw badRequest('INVITE_HASH_INVALID');
  const { link, hash } = named;
  if (!deps.dcs.includes(homeDcOf(groupBox(link.chatId))) || !isProven(await secretOf(deps, link.chatId), hash)) throw badRequest('INVITE_HASH_EXPIRED');
  return link;
}

/** The group of an InputPeer with its links, for one of its admins. Throws PEER_ID_INVALID, CHAT_ADMIN_REQUIRED. */
export async function administeredGroup(deps: Pick<Deps, 'engine' | 'groups' | 'peers'>, caller: CallerContext, input: TypeInputPeer): Promise<{ chatId: number; group: GroupState; isCreator: boolean }> {
  const { chatId } = await namedGroup(deps, caller, input);
  const group = await deps.groups.find(chatId);
  const member = group?.members.get(caller.userId);
  const isCreator = Number(group?.record.creator ?? 0n) === caller.userId;
  if (!group || group.record.deactivated || !isPresent(member) || !(isCreator || member?.admin)) throw badRequest('CHAT_ADMIN_REQUIRED');
  return { chatId, group, isCreator };
}

/** A link of a group by how clients name it. Throws INVITE_HASH_EXPIRED where the group has no such link, CHAT_ADMIN_REQUIRED for one of another admin (the creator sees all). */
export async function linkOf(deps: Pick<Deps, 'dcs' | 'keyring'>, caller: CallerContext, { chatId, group, isCreator }: { chatId: number; group: GroupState; isCreator: boolean }, text: string): Promise<GroupInvite> {
  const link = await namedLink(deps, text);
  const invite = link.chatId === chatId ? findInvite(group, link.nonce) : undefined;
  if (!invite) throw badRequest('INVITE_HASH_EXPIRED');
  if (!isCreator && Number(invite.admin) !== caller.userId) throw badRequest('CHAT_ADMIN_REQUIRED');
  return invite;
}

export const findInvite = (group: GroupState | undefined, nonce: number): GroupInvite | undefined => group?.record.invites.find((invite) => invite.nonce === nonce);

/** An admin's permanent link. */
export function findPermanent(group: GroupState, admin: number): GroupInvite | undefined {
  return group.record.invites.find((invite) => invite.permanent && !invite.revoked && Number(invite.admin) === admin);
}

/** Random, and none of another link of the group; never 0. */
export function newNonce(deps: Pick<Deps, 'random'>, group: GroupState): number {
  for (;;) {
    const nonce = Buffer.from(deps.random(4)).readUInt32LE(0);
    if (nonce !== 0 && findInvite(group, nonce) === undefined) return nonce;
  }
}
