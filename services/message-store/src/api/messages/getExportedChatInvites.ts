import type { Method } from '@heliograph/client-api/method';
import type { GroupInvite } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Deps } from '../../deps';
import { readInviteHash, hashOfLink } from '../../domain/invite-link';
import { findPermanent, invitable, inviteView, linksAdmin } from '../../messages/invites';
import { pageLimit } from '../../messages/page';
import { PERMANENT, setInvite } from '../../messages/set-invite';

/**
 * An admin's links of a basic group or a channel, the permanent one first, then by falling date; with `revoked` those that were ended
 * (docs: core.telegram.org/method/messages.getExportedChatInvites). Every admin has a permanent link: it is made when it is first asked for.
 * Throws ADMIN_ID_INVALID for the links of others, which the creator alone is told.
 */
export const getExportedChatInvites: Method<Deps, 'messages.getExportedChatInvites'> = async (deps, caller, request) => {
  const place = await invitable(deps, caller, request.peer);
  const admin = linksAdmin(deps, caller, place, request.admin_id);
  const revoked = request.revoked ?? false;
  let links = place.invites.filter((invite) => invite.revoked === revoked && Number(invite.admin) === admin);
  if (!revoked && admin === caller.userId && !findPermanent(place, admin)) {
    links = [...links, await setInvite(deps, caller, place, PERMANENT)];
  }
  links.sort(byPlace);
  const offset = request.offset_link === undefined ? undefined : readInviteHash(hashOfLink(request.offset_link))?.link.nonce;
  const page = links.slice(offset === undefined ? 0 : links.findIndex(({ nonce }) => nonce === offset) + 1).slice(0, pageLimit(request.limit));
  return { _: 'messages.exportedChatInvites', count: links.length, invites: await Promise.all(page.map((invite) => inviteView(deps, place, invite))), users: [] };
};

const byPlace = (a: GroupInvite, b: GroupInvite): number => Number(b.permanent) - Number(a.permanent) || b.date - a.date || a.nonce - b.nonce;
