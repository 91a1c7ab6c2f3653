// Groups through mtcute's own methods, and what channels share with them.
import { fromJson, toJson } from './tl-json.mjs';

/** @param client () → the open client */
export function groupOperations(client) {
  const raw = (method, params) => client().call({ _: method, ...params });
  return {
    async createGroup({ title, users }) {
      const { chat, missing } = await client().createGroup({ title, users });
      return { id: chat.id, missing: missing.map(({ userId }) => userId) };
    },
    addMember: async ({ chat, user }) => (await client().addChatMembers(chat, user, {})).map(({ userId }) => userId),
    async removeMember({ chat, user }) {
      await client().kickChatMember({ chatId: chat, userId: user });
    },
    async leave({ chat }) {
      await client().leaveChat(chat);
    },
    async setTitle({ chat, title }) {
      await client().setChatTitle(chat, title);
    },
    async setAbout({ chat, about }) {
      await client().setChatDescription(chat, about);
    },
    async setAdmin({ chat, user, admin }) {
      // The library's own names admins of channels only.
      await raw('messages.editChatAdmin', { chatId: -chat, userId: await client().resolveUser(user), isAdmin: admin });
    },
    async setPermissions({ chat, banned }) {
      await client().setChatDefaultPermissions(chat, fromJson(banned));
    },
    async members({ chat }) {
      return (await client().getChatMembers(chat)).map(({ user, status }) => ({ id: user.id, status }));
    },
    async chat({ chat }) {
      const [found] = await client().getChats([chat]);
      return toJson(found?.raw);
    },
    createLink: async ({ chat, limit, expires }) => toJson((await client().createInviteLink(chat, { usageLimit: limit, expires: expires && expires * 1_000 })).raw),
    primaryLink: async ({ chat }) => toJson((await client().exportInviteLink(chat)).raw),
    editLink: async ({ chat, link, limit, expires }) => toJson((await client().editInviteLink({ chatId: chat, link, usageLimit: limit, expires: expires && expires * 1_000 })).raw),
    revokeLink: async ({ chat, link }) => toJson((await client().revokeInviteLink(chat, link)).raw),
    links: async ({ chat, revoked }) => (await client().getInviteLinks(chat, { revoked, limit: 50 })).map((link) => toJson(link.raw)),
    previewLink: async ({ link }) => toJson((await client().getChatPreview(link)).invite),
    async join({ link }) {
      const { status, chat } = await client().joinChat(link);
      return { id: chat?.id, requested: status === 'request_sent' };
    },
    async unpinAll({ peer }) {
      await client().unpinAllMessages(peer);
    },
    async protect({ chat, enabled }) {
      await client().toggleContentProtection(chat, enabled);
    },
    async setTtl({ chat, period }) {
      await client().setChatTtl(chat, period);
    },
  };
}
