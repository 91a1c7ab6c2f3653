import { groupBox, channelOfBox, isChannelBox } from '@heliograph/box/box-id';
import { isKicked, isMember } from '@heliograph/box/channel-rights';
import { openAbout, openTitle } from '@heliograph/box/group-title';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { ChatInvite, ChatInviteAlready } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { isSpent } from '../../engine/effects/invites';
import { channelNamed } from '../../messages/channel-act';
import { isPresent } from '@heliograph/box/group-rights';
import { findInvite, followLink } from '../../messages/invites';

/**
 * What a link invites to (docs: core.telegram.org/method/messages.checkChatInvite). Throws INVITE_HASH_EMPTY, INVITE_HASH_INVALID, and INVITE_HASH_EXPIRED
 * where the caller can't join by it: it was never made, has ended, is used up, or the caller was removed from the chat.
 */
export const checkChatInvite: Method<Deps, 'messages.checkChatInvite'> = async (deps, caller, request) => {
  const { box, nonce } = await followLink(deps, request.hash);
  return isChannelBox(box) ? intoChannel(deps, caller, box, nonce) : intoGroup(deps, caller, -box, nonce);
};

async function intoGroup(deps: Deps, caller: CallerContext, chatId: number, nonce: number): Promise<ChatInvite | ChatInviteAlready> {
  const group = await deps.groups.find(chatId);
  const invite = group && findInvite(group.record, nonce);
  if (!group || group.record.deactivated || !invite) throw badRequest('INVITE_HASH_EXPIRED');
  const member = group.members.get(caller.userId);
  if (isPresent(member)) return { _: 'chatInviteAlready', chat: { _: 'chatEmpty', id: chatId } };
  if (member?.kicked || isSpent(invite, caller.date)) throw badRequest('INVITE_HASH_EXPIRED');
  const { record } = group;
  const view: ChatInvite = { _: 'chatInvite', ...(await namesOf(deps, groupBox(chatId), record)), photo: { _: 'photoEmpty', id: 0n }, participants_count: record.memberCount, color: 0 };
  if (invite.requestNeeded) view.request_needed = true;
  return view;
}

async function intoChannel(deps: Deps, caller: CallerContext, box: number, nonce: number): Promise<ChatInvite | ChatInviteAlready> {
  const channel = await deps.channels.open(caller.userId, box);
  const invite = channel && findInvite(channel.record, nonce);
  if (!channel || channel.record.destroyed || !invite) throw badRequest('INVITE_HASH_EXPIRED');
  const { record, member } = channel;
  if (isMember(member)) return { _: 'chatInviteAlready', chat: channelNamed(channelOfBox(box)) };
  if (isKicked(member, caller.date) || isSpent(invite, caller.date)) throw badRequest('INVITE_HASH_EXPIRED');
  const view: ChatInvite = { _: 'chatInvite', channel: true, ...(await namesOf(deps, box, record)), photo: { _: 'photoEmpty', id: 0n }, participants_count: record.memberCount, color: 0 };
  view[record.broadcast ? 'broadcast' : 'megagroup'] = true;
  if (record.username !== '') view.public = true;
  if (invite.requestNeeded) view.request_needed = true;
  return view;
}

async function namesOf(deps: Deps, box: number, record: { titleSealed: Uint8Array; aboutSealed: Uint8Array }): Promise<Pick<ChatInvite, 'title' | 'about'>> {
  const [title, about] = await Promise.all([openTitle(deps.keyring, box, record.titleSealed), openAbout(deps.keyring, box, record.aboutSealed)]);
  return { title, about: about || undefined };
}
