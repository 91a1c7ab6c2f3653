// Groups through teleproto's own methods, and by raw calls through GramJS, which has none of them but the list of members; and what channels share with them.
import { isChannel, markedChannel } from './names.mjs';

/** @param library teleproto or telegram; @param client () → the open client; @param tl the conversions of gram.mjs: {toJson, call, entity} */
export function groupOperations(library, client, { toJson, call, entity }) {
  const chatId = (chat) => ({ chat_id: -chat });
  const peerOf = async (chat) => ({ peer: isChannel(chat) ? toJson(await client().getInputEntity(entity(chat))) : { _: 'inputPeerChat', chat_id: -chat } });
  const inputUser = async (id) => {
    const { user_id, access_hash } = toJson(await client().getInputEntity(entity(id)));
    return { _: 'inputUser', user_id, access_hash };
  };
  const missing = (invitees) => [...invitees].map(({ userId }) => Number(userId));
  const hashOf = (link) => /(?:joinchat\/|\+)([\w-]+)$/.exec(link)?.[1] ?? link;
  const joined = (answer) => {
    const [{ id, className }] = answer.updates?.chats ?? answer.chats;
    return { id: className === 'Channel' ? markedChannel(id) : -Number(id) };
  };
  const removeMember = async (chat, user) => void (await call('messages.deleteChatUser', { ...chatId(chat), user_id: user }));
  const statusOf = ({ className }) => (className.endsWith('Creator') ? 'creator' : className.endsWith('Admin') ? 'admin' : 'member');
  const both = {
    // The library's own kickParticipant sends the user's bare id where InputUser is due.
    removeMember: async ({ chat, user }) => removeMember(chat, await inputUser(user)),
    leave: async ({ chat }) => removeMember(chat, { _: 'inputUserSelf' }),
    addMember: async ({ chat, user }) => missing((await call('messages.addChatUser', { ...chatId(chat), user_id: await inputUser(user), fwd_limit: 0 })).missingInvitees),
    members: async ({ chat }) => [...await client().getParticipants(entity(chat))].map(({ id, participant }) => ({ id: Number(id), status: statusOf(participant) })),
    chat: async ({ chat }) => toJson(await client().getEntity(entity(chat))),
    async unpinAll({ peer }) {
      // teleproto's own unpinMessage without a message sends a peer that it never resolved.
      await call('messages.unpinAllMessages', await peerOf(peer));
    },
    async protect({ chat, enabled }) {
      await call('messages.toggleNoForwards', { ...(await peerOf(chat)), enabled });
    },
    async setTtl({ chat, period }) {
      await call('messages.setHistoryTTL', { ...(await peerOf(chat)), period });
    },
  };
  const own = {
    async createGroup({ title, users }) {
      const { chat, missingInvitees } = await client().createChat({ title, users: users.map(entity) });
      return { id: -Number(chat.id), missing: missing(missingInvitees) };
    },
    async setTitle({ chat, title }) {
      await client().editTitle(entity(chat), title);
    },
    async setAbout({ chat, about }) {
      await client().editChatAbout(entity(chat), about);
    },
    async setAdmin({ chat, user, admin }) {
      await client().editAdmin(entity(chat), entity(user), admin ? { changeInfo: true } : {});
    },
    async setPermissions({ chat, banned }) {
      await client().editChatDefaultBannedRights(entity(chat), Object.fromEntries(Object.entries(banned).map(([right, off]) => [right.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()), off])));
    },
    createLink: async ({ chat, limit, expires }) => toJson(await client().exportChatInvite(entity(chat), { usageLimit: limit, expireDate: expires })),
    primaryLink: async ({ chat }) => toJson(await client().exportChatInvite(entity(chat), { legacyRevokePermanent: true })),
    editLink: async ({ chat, link, limit, expires }) => toJson((await client().editExportedChatInvite(entity(chat), link, { usageLimit: limit, expireDate: expires })).invite),
    revokeLink: async ({ chat, link }) => toJson((await client().editExportedChatInvite(entity(chat), link, { revoked: true })).invite),
    links: async ({ chat, revoked }) => [...await client().getExportedChatInvites(entity(chat), { revoked })].map(toJson),
    previewLink: async ({ link }) => toJson(await client().checkChatInvite(link)),
    join: async ({ link }) => joined(await client().importChatInvite(link)),
  };
  const raw = {
    async createGroup({ title, users }) {
      const { updates, missingInvitees } = await call('messages.createChat', { title, users: await Promise.all(users.map(inputUser)) });
      return { id: -Number(updates.chats[0].id), missing: missing(missingInvitees) };
    },
    async setTitle({ chat, title }) {
      await call('messages.editChatTitle', { ...chatId(chat), title });
    },
    async setAbout({ chat, about }) {
      await call('messages.editChatAbout', { ...(await peerOf(chat)), about });
    },
    async setAdmin({ chat, user, admin }) {
      await call('messages.editChatAdmin', { ...chatId(chat), user_id: await inputUser(user), is_admin: admin });
    },
    async setPermissions({ chat, banned }) {
      await call('messages.editChatDefaultBannedRights', { ...(await peerOf(chat)), banned_rights: { _: 'chatBannedRights', until_date: 0, ...banned } });
    },
    createLink: async ({ chat, limit, expires }) => toJson(await call('messages.exportChatInvite', { ...(await peerOf(chat)), usage_limit: limit, expire_date: expires })),
    primaryLink: async ({ chat }) => toJson(await call('messages.exportChatInvite', { ...(await peerOf(chat)), legacy_revoke_permanent: true })),
    editLink: async ({ chat, link, limit, expires }) => toJson((await call('messages.editExportedChatInvite', { ...(await peerOf(chat)), link, usage_limit: limit, expire_date: expires })).invite),
    revokeLink: async ({ chat, link }) => toJson((await call('messages.editExportedChatInvite', { ...(await peerOf(chat)), link, revoked: true })).invite),
    links: async ({ chat, revoked }) => [...(await call('messages.getExportedChatInvites', { ...(await peerOf(chat)), admin_id: { _: 'inputUserSelf' }, revoked, limit: 50 })).invites].map(toJson),
    previewLink: async ({ link }) => toJson(await call('messages.checkChatInvite', { hash: hashOf(link) })),
    join: async ({ link }) => joined(await call('messages.importChatInvite', { hash: hashOf(link) })),
  };
  return { ...both, ...(library === 'teleproto' ? own : raw) };
}
