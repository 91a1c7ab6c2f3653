// mtcute (layer 227) as a driver.
import { MemoryStorage, TcpTransport, TelegramClient } from '@mtcute/node';
import { addPublicKey } from '@mtcute/core/utils.js';
import * as core from '@mtcute/core';
import { IntermediatePacketCodec, ObfuscatedPacketCodec, PaddedIntermediatePacketCodec } from '@mtcute/core';
import { channelOperations } from './mtcute-channels.mjs';
import { groupOperations } from './mtcute-groups.mjs';
import { byKind, markedChannel } from './names.mjs';
import { emit, serveDriver } from './serve.mjs';
import { fromJson, toJson } from './tl-json.mjs';

let client;
let options;
const storage = new MemoryStorage();

const text = (message) => ({ id: message.id, text: message.text, out: message.isOutgoing, from: message.sender?.id, date: Math.floor(message.date.getTime() / 1000), edited: message.editDate ? Math.floor(message.editDate.getTime() / 1000) : 0, reply_to: message.replyToMessage?.id ?? 0, raw: toJson(message.raw) });

function transport(kind) {
  if (kind === 'intermediate' || !kind) return new TcpTransport();
  const codec = { padded: () => new PaddedIntermediatePacketCodec(), obfuscated: () => new ObfuscatedPacketCodec(new IntermediatePacketCodec()) }[kind];
  const tcp = new TcpTransport();
  return { connect: (...args) => tcp.connect(...args), packetCodec: codec };
}

async function open({ dc, dcs = [dc], transport: kind, pfs }) {
  client = new TelegramClient({
    apiId: 1, apiHash: '00000000000000000000000000000000', storage, logLevel: Number(process.env.DRIVER_LOG ?? 1),
    defaultDcs: { main: { id: dc.id, ipAddress: dc.host, port: dc.port }, media: { id: dc.id, ipAddress: dc.host, port: dc.port, mediaOnly: true } },
    transport: transport(kind), network: { usePfs: Boolean(pfs) }, updates: { catchUp: true }, disableUpdates: false,
  });
  const crypto = client.mt?.crypto ?? client._client?.crypto;
  await crypto.initialize?.();
  for (const { publicKey } of dcs) addPublicKey(crypto, publicKey);
  client.onError.add((error) => console.error('client error', error));
  client.onRawUpdate.add(({ update }) => emit({ update: toJson(update) }));
}

/** Starts the updates loop and waits until it has its first state: what comes before belongs to the past. */
async function followUpdates() {
  await client.startUpdatesLoop();
  await client.call({ _: 'updates.getState' });
}

const peer = (id) => (id === 'me' ? 'me' : id);

serveDriver({
  async connect(args) {
    options = args;
    await open(args);
    await client.connect();
  },
  async disconnect() {
    await client.destroy();
  },
  async reconnect() {
    await open(options);
    await client.connect();
    await client.startUpdatesLoop();
  },
  async start({ phone, code, firstName, lastName }) {
    const sent = await client.sendCode({ phone });
    let user;
    try {
      user = await client.signIn({ phone, phoneCodeHash: sent.phoneCodeHash, phoneCode: code });
    } catch (error) {
      if (!/sign.?up/i.test(error.message)) throw error;
      const authorization = await client.call({ _: 'auth.signUp', phoneNumber: phone, phoneCodeHash: sent.phoneCodeHash, firstName, lastName: lastName ?? '' });
      await client.notifyLoggedIn(authorization);
      user = await client.getMe();
    }
    await followUpdates();
    return { id: user.id };
  },
  async me() {
    return toJson((await client.getMe()).raw);
  },
  async logOut() {
    await client.logOut();
  },
  async call({ method, params }) {
    const result = await client.call({ _: method, ...fromJson(params ?? {}) });
    // A login by raw calls is told to the library, as its own start() does.
    if (result?._ === 'auth.authorization' && method !== 'auth.importAuthorization') {
      await client.notifyLoggedIn(result);
      await followUpdates();
    }
    return toJson(result);
  },
  async importContact({ phone, firstName, lastName }) {
    const result = await client.importContacts([{ phone, firstName, lastName: lastName ?? '' }]);
    return { id: result.users[0]?.id ?? 0 };
  },
  async resolve({ username }) {
    const { userId, channelId } = await client.resolvePeer(username, true);
    return { id: userId ?? markedChannel(channelId) };
  },
  async inputPeer({ peer: id }) {
    return toJson(await client.resolvePeer(id === 'me' ? 'me' : id));
  },
  async send({ peer: to, text: body, replyTo, silent, entities }) {
    const content = entities ? { text: body, entities: fromJson(entities) } : body;
    return text(await client.sendText(peer(to), content, { replyTo, silent }));
  },
  async edit({ peer: chatId, id, text: body }) {
    return text(await client.editMessage({ chatId: peer(chatId), message: id, text: body }));
  },
  async react({ peer: chatId, id, emoji }) {
    await client.sendReaction({ chatId: peer(chatId), message: id, emoji: emoji || null });
  },
  async sendPoll({ peer: to, question, answers, multiple, open, correct, solution, period }) {
    const poll = { question, answers, multiple, public: open, closePeriod: period };
    if (correct === undefined) return text(await client.sendMedia(peer(to), { type: 'poll', ...poll }));
    // The library can't write a solution without markup.
    const explained = solution && { text: solution, entities: [{ _: 'messageEntityBold', offset: 0, length: solution.length }] };
    return text(await client.sendMedia(peer(to), { type: 'quiz', ...poll, correct, solution: explained }));
  },
  async vote({ peer: chatId, id, options: chosen }) {
    await client.sendVote({ chatId: peer(chatId), message: id, options: chosen.length === 0 ? null : chosen });
  },
  async closePoll({ peer: chatId, id }) {
    await client.closePoll({ chatId: peer(chatId), message: id });
  },
  async remove({ peer: chatId, ids, revoke }) {
    await client.deleteMessagesById(peer(chatId), ids, { revoke });
  },
  async forward({ from, ids, to }) {
    return (await client.forwardMessagesById({ fromChatId: peer(from), messages: ids, toChatId: peer(to) })).map(text);
  },
  async history({ peer: chat, limit, offsetId, addOffset, minId, maxId }) {
    return (await client.getHistory(peer(chat), { limit, offset: offsetId ? { id: offsetId, date: 0 } : undefined, addOffset, minId, maxId })).map(text);
  },
  async dialogs({ folder }) {
    const found = [];
    for await (const dialog of client.iterDialogs({ pinned: 'include', archived: ['exclude', 'only'][folder] ?? 'keep' })) {
      found.push({ peer: dialog.peer.id, top: dialog.lastMessage?.id ?? 0, unread: dialog.unreadCount, pinned: dialog.isPinned, readIn: dialog.lastReadIngoing, readOut: dialog.lastReadOutgoing, draft: dialog.draftMessage?.raw?.message ?? '', mark: dialog.isManuallyUnread });
    }
    return found;
  },
  async read({ peer: chat, maxId }) {
    await client.readHistory(peer(chat), { maxId });
  },
  async pin({ peer: chatId, id, unpin }) {
    if (unpin) await client.unpinMessage({ chatId: peer(chatId), message: id });
    else await client.pinMessage({ chatId: peer(chatId), message: id, notify: true, bothSides: true });
  },
  async search({ peer: chatId, query, fromUser }) {
    return (await client.searchMessages({ chatId: peer(chatId), query, fromUser })).map(text);
  },
  async searchGlobal({ query }) {
    return (await client.searchGlobal({ query })).map(text);
  },
  async typing({ peer: chat }) {
    await client.sendTyping(peer(chat), 'typing');
  },
  ...byKind(groupOperations(() => client), channelOperations(() => client, text)),
  async dcId() {
    return client.getPrimaryDcId();
  },
  async session() {
    return client.exportSession();
  },
}, (error) => (core.tl.RpcError.is(error) ? { code: error.code, type: error.text.replace(/%d/g, () => String(error.seconds ?? error.newDc ?? '')) } : {}));
