import type { ChannelRecord, MemberRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { ADMIN, isPresent } from './group-rights';

/**
 * Who owns a group or channel after a creator who leaves it: pure functions that the engine decides by and methods look with first (docs: core.telegram.org/api/channel,
 * "Leaving groups/channels"). Telegram says that an admin does, not which one. What it said of the chats of deleted accounts is kept here: whoever may post in a broadcast, whoever may
 * name admins first in a group; then who may more, who was longer so.
 */

/** Of a channel: one of its admins; 0: there is nobody. */
export function channelHeir({ creator, admins, broadcast }: Pick<ChannelRecord, 'creator' | 'admins' | 'broadcast'>): number {
  const names = (rights: number): number => Number((rights & ADMIN.add_admins) !== 0);
  const [heir] = admins
    .filter(({ user, rights }) => user !== creator && (!broadcast || (rights & ADMIN.post_messages) !== 0))
    .sort((a, b) => (broadcast ? 0 : names(b.rights) - names(a.rights)) || bitsOf(b.rights) - bitsOf(a.rights) || a.date - b.date || Number(a.user) - Number(b.user));
  return Number(heir?.user ?? 0);
}

/** Of a basic group: the admin who is in it longest, else the member who is; 0: he was the last. */
export function groupHeir(creator: number, members: Iterable<readonly [user: number, member: MemberRecord | undefined]>): number {
  const present = [...members].flatMap(([user, member]) => (user !== creator && member !== undefined && isPresent(member) ? [{ user, admin: Number(member.admin), date: member.date }] : []));
  present.sort((a, b) => b.admin - a.admin || a.date - b.date || a.user - b.user);
  return present[0]?.user ?? 0;
}

function bitsOf(rights: number): number {
  let bits = 0;
  for (let left = rights; left !== 0; left &= left - 1) bits += 1;
  return bits;
}
