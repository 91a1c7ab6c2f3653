// Supergroups and channels through mtcute's own methods; what basic groups share with them is in mtcute-groups.mjs.
import { fromJson, toJson } from './tl-json.mjs';

/** The library's words for TL's filters of members. */
const FILTERS = { recent: 'recent', admins: 'admins', search: 'all', kicked: 'banned', banned: 'restricted', contacts: 'contacts', bots: 'bots' };

/** @param client () → the open client; @param text a message as drivers tell it */
export function channelOperations(client, text) {
  return {
    async createChannel({ title, about, broadcast }) {
      const made = broadcast ? await client().createChannel({ title, description: about }) : await client().createSupergroup({ title, description: about });
      return { id: made.id };
    },
    members: async ({ chat, filter = 'recent', query }) => (await client().getChatMembers(chat, { type: FILTERS[filter], query })).map(({ user, status }) => ({ id: user.id, status })),
    async member({ chat, user }) {
      const found = await client().getChatMember({ chatId: chat, userId: user });
      return { status: found?.status ?? 'left', rank: found?.title ?? undefined };
    },
    async promote({ chat, user, rights, rank }) {
      await client().editAdminRights({ chatId: chat, userId: user, rights: fromJson(rights), rank });
    },
    async ban({ chat, user }) {
      await client().banChatMember({ chatId: chat, participantId: user });
    },
    async unban({ chat, user }) {
      await client().unbanChatMember({ chatId: chat, participantId: user });
    },
    async restrict({ chat, user, banned, until }) {
      await client().restrictChatMember({ chatId: chat, userId: user, restrictions: fromJson(banned), until: until && until * 1_000 });
    },
    async setUsername({ chat, username }) {
      await client().setChatUsername(chat, username || null);
    },
    joinPublic: async ({ username }) => ({ id: (await client().joinChat(username)).chat.id }),
    async setSlowMode({ chat, seconds }) {
      await client().setSlowMode(chat, seconds);
    },
    async chatlistPreview({ link }) {
      const preview = await client().getChatlistPreview(link);
      return { title: preview.title.text, joined: preview.isJoined, chats: preview.chats.map(({ id }) => id) };
    },
    joinChatlist: async ({ link }) => toJson(await client().joinChatlist(link)),
    requestLink: async ({ chat }) => toJson((await client().createInviteLink(chat, { withApproval: true })).raw),
    joinRequests: async ({ chat }) => (await client().getInviteLinkMembers(chat, { requested: true })).map(({ user }) => user.id),
    async answerRequest({ chat, user, approve }) {
      await client().hideJoinRequest({ chatId: chat, user, action: approve ? 'approve' : 'decline' });
    },
    linkMembers: async ({ chat, link }) => (await client().getInviteLinkMembers(chat, { link })).map(({ user }) => user.id),
    async deleteChannel({ chat }) {
      await client().deleteChannel(chat);
    },
    async removeAllOf({ chat, user }) {
      await client().deleteUserHistory({ chatId: chat, participantId: user });
    },
    async comment({ peer, id, text: body }) {
      return text(await client().sendText(peer, body, { commentTo: id }));
    },
  };
}
