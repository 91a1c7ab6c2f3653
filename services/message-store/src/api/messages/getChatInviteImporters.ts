import { isChannelBox } from '@heliograph/box/box-id';
import { isPresent } from '@heliograph/box/group-rights';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { ChannelMember } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChatInviteImporter } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { MEMBERS_PAGE_MAX, MEMBERS_WALKED_MAX } from '../../limits';
import { isNamedLike } from '../../messages/channel-members';
import type { GroupState } from '../../messages/groups';
import { invitable, linkOf, type Invitable } from '../../messages/invites';
import { pageLimit } from '../../messages/page';

/**
 * Who asked to be let in (`requested`), by a link or at all, or who came by a link; the latest first (docs: core.telegram.org/method/messages.getChatInviteImporters).
 * Who came is looked for among MEMBERS_WALKED_MAX members.
 * Throws SEARCH_WITH_LINK_NOT_SUPPORTED, INVITE_HASH_EXPIRED, CHAT_ADMIN_REQUIRED.
 */
export const getChatInviteImporters: Method<Deps, 'messages.getChatInviteImporters'> = async (deps, caller, request) => {
  const place = await invitable(deps, caller, request.peer);
  if (request.link !== undefined && request.q) throw badRequest('SEARCH_WITH_LINK_NOT_SUPPORTED');
  const nonce = request.link === undefined ? 0 : (await linkOf(deps, caller, place, request.link)).nonce;
  let found = request.requested ? requested(place, nonce) : nonce === 0 || request.subscription_expired ? [] : await joined(deps, caller, place, nonce);
  if (request.q) found = await named(deps, caller, found, request.q);
  found.sort((a, b) => b.date - a.date || b.user_id - a.user_id);
  const offsetUser = request.offset_user._ === 'inputUserEmpty' ? 0 : deps.peers.user(caller.userId, request.offset_user);
  const isAfter = ({ date, user_id }: ChatInviteImporter): boolean => date < request.offset_date || (date === request.offset_date && (offsetUser === 0 || user_id < offsetUser));
  const page = (request.offset_date > 0 ? found.filter(isAfter) : found).slice(0, pageLimit(request.limit));
  return { _: 'messages.chatInviteImporters', count: found.length, importers: await withAbouts(deps, caller, page), users: [] };
};

function requested({ requests }: Invitable, nonce: number): ChatInviteImporter[] {
  return requests.filter((each) => nonce === 0 || each.nonce === nonce).map(({ user, date }) => ({ _: 'chatInviteImporter', requested: true, user_id: Number(user), date }));
}

async function joined(deps: Deps, caller: CallerContext, { box }: Invitable, nonce: number): Promise<ChatInviteImporter[]> {
  if (!isChannelBox(box)) return joinedGroup(await deps.groups.find(-box), nonce);
  const channel = await deps.channels.open(caller.userId, box);
  const found: ChannelMember[] = [];
  let after = 0;
  for (let walked = 0; channel && walked < MEMBERS_WALKED_MAX;) {
    const { members, more } = await channel.listMembers('present', after, MEMBERS_PAGE_MAX);
    found.push(...members.filter((member) => member.nonce === nonce));
    walked += members.length;
    after = Number(members.at(-1)?.user ?? 0);
    if (!more || members.length === 0) break;
  }
  return found.map((member) => importer(Number(member.user), member));
}

function joinedGroup(group: GroupState | undefined, nonce: number): ChatInviteImporter[] {
  return [...(group?.members ?? [])].filter(([, member]) => isPresent(member) && member.nonce === nonce).map(([user, member]) => importer(user, member));
}

const importer = (user_id: number, { date, approvedBy }: Pick<ChannelMember, 'date' | 'approvedBy'>): ChatInviteImporter => {
  return { _: 'chatInviteImporter', user_id, date, approved_by: Number(approvedBy) || undefined };
};

async function named(deps: Deps, caller: CallerContext, importers: readonly ChatInviteImporter[], query: string): Promise<ChatInviteImporter[]> {
  const isNamed = isNamedLike(query);
  const { users } = await deps.users.getViews({ viewerId: BigInt(caller.userId), userIds: importers.slice(-MEMBERS_PAGE_MAX).map(({ user_id }) => BigInt(user_id)) });
  const passing = new Set(users.filter(isNamed).map(({ id }) => Number(id)));
  return importers.filter(({ user_id }) => passing.has(user_id));
}

/** Who asks is told of with what they say of themselves. */
async function withAbouts(deps: Deps, caller: CallerContext, importers: ChatInviteImporter[]): Promise<ChatInviteImporter[]> {
  const asking = importers.filter((importer) => importer.requested);
  if (asking.length === 0) return importers;
  const { users } = await deps.users.getViews({ viewerId: BigInt(caller.userId), userIds: asking.map(({ user_id }) => BigInt(user_id)) });
  const abouts = new Map(users.map(({ id, about }) => [Number(id), about]));
  return importers.map((importer) => (importer.requested ? { ...importer, about: abouts.get(importer.user_id) || undefined } : importer));
}
