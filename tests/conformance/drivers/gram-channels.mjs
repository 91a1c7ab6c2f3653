// Supergroups and channels through teleproto's own methods, and by raw calls through GramJS, which has few of its own; what basic groups share with them is in
// gram-groups.mjs.
import { markedChannel, toCamel } from './names.mjs';

const camel = (flags) => Object.fromEntries(Object.entries(flags).map(([flag, on]) => [toCamel(flag), on]));
/** TL's filters of members. */
const FILTERS = { recent: 'Recent', admins: 'Admins', search: 'Search', kicked: 'Kicked', banned: 'Banned', contacts: 'Contacts', bots: 'Bots' };

function statusOf({ className, bannedRights }) {
  if (className.endsWith('Creator')) return 'creator';
  if (className.endsWith('Admin')) return 'admin';
  if (className.endsWith('Left')) return 'left';
  if (!className.endsWith('Banned')) return 'member';
  return bannedRights.viewMessages ? 'banned' : 'restricted';
}

/** @param library teleproto or telegram; @param client () → the open client; @param tl the conversions of gram.mjs: {toJson, fromJson, call, entity, text} */
export function channelOperations(library, client, { toJson, fromJson, call, entity, text }) {
  const inputPeer = async (id) => toJson(await client().getInputEntity(entity(id)));
  const channelOf = async (chat) => {
    const { channel_id, access_hash } = await inputPeer(chat);
    return { channel: { _: 'inputChannel', channel_id, access_hash } };
  };
  const inputUser = async (id) => {
    const { user_id, access_hash } = await inputPeer(id);
    return { _: 'inputUser', user_id, access_hash };
  };
  const peerOf = async (chat) => ({ peer: await inputPeer(chat) });
  const first = (answer) => (answer.updates?.chats ?? answer.chats)[0];
  const NOBODY = { _: 'inputUserEmpty' };
  const both = {
    async addMember({ chat, user }) {
      const { missingInvitees } = await call('channels.inviteToChannel', { ...(await channelOf(chat)), users: [await inputUser(user)] });
      return [...(missingInvitees ?? [])].map(({ userId }) => Number(userId));
    },
    async members({ chat, filter = 'recent', query }) {
      const wanted = fromJson({ _: `channelParticipants${FILTERS[filter]}`, ...(['search', 'kicked', 'banned', 'contacts'].includes(filter) ? { q: query ?? '' } : {}) });
      if (filter === 'kicked' || filter === 'banned') {
        // The library's own list leaves out whoever is named as a peer.
        const { participants } = await call('channels.getParticipants', { ...(await channelOf(chat)), filter: toJson(wanted), offset: 0, limit: 200, hash: 0 });
        return participants.map((participant) => ({ id: Number(participant.peer.userId), status: statusOf(participant) }));
      }
      return [...await client().getParticipants(entity(chat), { filter: wanted })].map(({ id, participant }) => ({ id: Number(id), status: statusOf(participant) }));
    },
    async unban({ chat, user }) {
      await call('channels.editBanned', { ...(await channelOf(chat)), participant: await inputPeer(user), banned_rights: { _: 'chatBannedRights', until_date: 0 } });
    },
    async setUsername({ chat, username }) {
      await call('channels.updateUsername', { ...(await channelOf(chat)), username });
    },
    async deleteChannel({ chat }) {
      await call('channels.deleteChannel', await channelOf(chat));
    },
    async removeAllOf({ chat, user }) {
      await call('channels.deleteParticipantHistory', { ...(await channelOf(chat)), participant: await inputPeer(user) });
    },
    async comment({ peer, id, text: body }) {
      return text(await client().sendMessage(entity(peer), { message: body, commentTo: id, parseMode: false }));
    },
  };
  const own = {
    async createChannel({ title, about, broadcast }) {
      return { id: markedChannel((await client().createChannel({ title, about, megagroup: !broadcast })).id) };
    },
    async leave({ chat }) {
      await client().leaveChannel(entity(chat));
    },
    async member({ chat, user }) {
      const { participant } = await client().getParticipant(entity(chat), entity(user));
      return { status: statusOf(participant), rank: participant.rank };
    },
    async promote({ chat, user, rights, rank }) {
      await client().editAdmin(entity(chat), entity(user), { ...camel(rights), rank });
    },
    async ban({ chat, user }) {
      await client().editBanned(entity(chat), entity(user));
    },
    async restrict({ chat, user, banned, until }) {
      await client().editBanned(entity(chat), entity(user), { ...camel(banned), untilDate: until ?? 0 });
    },
    joinPublic: async ({ username }) => ({ id: markedChannel(first(await client().joinChannel(username)).id) }),
    async setSlowMode({ chat, seconds }) {
      await client().toggleSlowMode(entity(chat), seconds);
    },
    requestLink: async ({ chat }) => toJson(await client().exportChatInvite(entity(chat), { requestNeeded: true })),
    joinRequests: async ({ chat }) => [...await client().getChatInviteImporters(entity(chat), { requested: true })].map(({ userId }) => Number(userId)),
    async answerRequest({ chat, user, approve }) {
      await client().hideChatJoinRequest(entity(chat), entity(user), { approved: approve });
    },
    linkMembers: async ({ chat, link }) => [...await client().getChatInviteImporters(entity(chat), { link })].map(({ userId }) => Number(userId)),
  };
  const importers = async (chat, more) => [...(await call('messages.getChatInviteImporters', { ...(await peerOf(chat)), offset_date: 0, offset_user: NOBODY, limit: 50, ...more })).importers].map(({ userId }) => Number(userId));
  const raw = {
    async createChannel({ title, about, broadcast }) {
      return { id: markedChannel(first(await call('channels.createChannel', { title, about: about ?? '', broadcast, megagroup: !broadcast })).id) };
    },
    async leave({ chat }) {
      await call('channels.leaveChannel', await channelOf(chat));
    },
    async setTitle({ chat, title }) {
      await call('channels.editTitle', { ...(await channelOf(chat)), title });
    },
    async member({ chat, user }) {
      const { participant } = await call('channels.getParticipant', { ...(await channelOf(chat)), participant: await inputPeer(user) });
      return { status: statusOf(participant), rank: participant.rank };
    },
    async promote({ chat, user, rights, rank }) {
      await call('channels.editAdmin', { ...(await channelOf(chat)), user_id: await inputUser(user), admin_rights: { _: 'chatAdminRights', ...rights }, rank: rank ?? '' });
    },
    async ban({ chat, user }) {
      await raw.restrict({ chat, user, banned: { view_messages: true } });
    },
    async restrict({ chat, user, banned, until }) {
      await call('channels.editBanned', { ...(await channelOf(chat)), participant: await inputPeer(user), banned_rights: { _: 'chatBannedRights', ...banned, until_date: until ?? 0 } });
    },
    async joinPublic({ username }) {
      const { channel_id, access_hash } = toJson(await client().getInputEntity(username));
      return { id: markedChannel(first(await call('channels.joinChannel', { channel: { _: 'inputChannel', channel_id, access_hash } })).id) };
    },
    async setSlowMode({ chat, seconds }) {
      await call('channels.toggleSlowMode', { ...(await channelOf(chat)), seconds });
    },
    requestLink: async ({ chat }) => toJson(await call('messages.exportChatInvite', { ...(await peerOf(chat)), request_needed: true })),
    joinRequests: ({ chat }) => importers(chat, { requested: true }),
    async answerRequest({ chat, user, approve }) {
      await call('messages.hideChatJoinRequest', { ...(await peerOf(chat)), user_id: await inputUser(user), approved: approve });
    },
    linkMembers: ({ chat, link }) => importers(chat, { link }),
  };
  return { ...both, ...(library === 'teleproto' ? own : raw) };
}
