import { create } from '@bufbuild/protobuf';
import { adminRights } from '@heliograph/box/channel-rights';
import { listHash } from '@heliograph/client-api/list-hash';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { ChannelMemberSchema, type ChannelMember } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeChannelParticipantsFilter } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { MEMBERS_PAGE_MAX } from '../../limits';
import { isNamedLike, pageOfMembers, searchMembers } from '../../messages/channel-members';
import { isShownAdmin, renderParticipant } from '../../messages/channel-participants';
import type { ChannelReader, MemberKind } from '../../messages/channels';
import { openChannel } from '../../messages/named-channel';

/**
 * A page of a channel's members, admins, or of those who were banned or restricted (docs: core.telegram.org/method/channels.getParticipants). The members of a
 * broadcast, and of a supergroup that hides them, are for its admins: CHAT_ADMIN_REQUIRED, and so is who was banned. NOTSPEC: members are in no order of time.
 */
export const getParticipants: Method<Deps, 'channels.getParticipants'> = async (deps, caller, request) => {
  const channel = await openChannel(deps, caller, request.channel);
  const { record } = channel;
  const isAdmin = adminRights(record, caller.userId) !== 0;
  const ofAdmins = request.filter._ === 'channelParticipantsAdmins' && !record.broadcast;
  if (!isAdmin && !ofAdmins && (record.broadcast || record.participantsHidden || BANNED_ONES.has(request.filter._))) throw badRequest('CHAT_ADMIN_REQUIRED');
  const offset = Math.max(request.offset, 0);
  const limit = Math.min(Math.max(request.limit, 0), MEMBERS_PAGE_MAX);
  const { members, count } = await select(deps, caller, channel, request.filter, offset, limit);
  const hash = listHash(members.map(({ user }) => user));
  if (hash !== 0n && hash === request.hash) return { _: 'channels.channelParticipantsNotModified' };
  const rendered = await Promise.all(members.map((member) => renderParticipant(deps, caller, channel, member)));
  return { _: 'channels.channelParticipants', count, participants: rendered.filter((participant) => participant !== undefined), chats: [], users: [] };
};

const BANNED_ONES: ReadonlySet<string> = new Set(['channelParticipantsKicked', 'channelParticipantsBanned']);

interface Selected {
  members: ChannelMember[];
  /** Of all pages. */
  count: number;
}

async function select(deps: Deps, caller: CallerContext, channel: ChannelReader, filter: TypeChannelParticipantsFilter, offset: number, limit: number): Promise<Selected> {
  const { record } = channel;
  const listed = async (kind: MemberKind, count: number, query = ''): Promise<Selected> => {
    if (query.trim() !== '') return searchMembers(deps, caller, channel, kind, isNamedLike(query), offset, limit);
    return { members: await pageOfMembers(deps, caller, channel, kind, offset, limit), count };
  };
  switch (filter._) {
    case 'channelParticipantsRecent': return listed('present', record.memberCount);
    case 'channelParticipantsAdmins': return admins(caller, channel, offset, limit);
    case 'channelParticipantsKicked': return listed('kicked', record.kickedCount, filter.q);
    case 'channelParticipantsBanned': return listed('restricted', record.bannedCount, filter.q);
    case 'channelParticipantsSearch': return listed('present', record.memberCount, filter.q);
    case 'channelParticipantsMentions': return listed('present', record.memberCount, filter.q);
    case 'channelParticipantsContacts': {
      const isNamed = isNamedLike(filter.q);
      return searchMembers(deps, caller, channel, 'present', (view) => view.contact && isNamed(view), offset, limit);
    }
    // There are no bots yet, and so none to be a member.
    case 'channelParticipantsBots': return { members: [], count: 0 };
  }
}

/** The creator first, then the admins as they were named. */
async function admins(caller: CallerContext, channel: ChannelReader, offset: number, limit: number): Promise<Selected> {
  const { record } = channel;
  const users = record.admins.map(({ user }) => Number(user)).filter((user) => isShownAdmin(record, caller, user));
  const page = users.slice(offset, offset + limit);
  const known = new Map((await channel.members(page)).map((member) => [Number(member.user), member]));
  return { members: page.map((user) => known.get(user) ?? create(ChannelMemberSchema, { user: BigInt(user), present: true })), count: users.length };
}
