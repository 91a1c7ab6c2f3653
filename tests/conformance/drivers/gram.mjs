// teleproto (layer 229) and GramJS (layer 198) as drivers: the second is the first's ancestor, their surfaces are nearly one.
// node gram.mjs teleproto|telegram
import { createPublicKey } from 'node:crypto';
import { createRequire } from 'node:module';
import { channelOperations } from './gram-channels.mjs';
import { groupOperations } from './gram-groups.mjs';
import { byKind, isLongText, long, markedChannel, toCamel, toSnake } from './names.mjs';
import { emit, serveDriver } from './serve.mjs';

const library = process.argv[2];
const require = createRequire(import.meta.url);
const { Api, TelegramClient } = require(library);
const { StringSession } = require(`${library}/sessions`);
const { Raw } = require(`${library}/events`);
const { Logger, LogLevel } = require(`${library}/extensions/Logger`);
const RSA = require(`${library}/crypto/RSA`);
const network = require(`${library}/network`);
const bigInt = require('big-integer');

let client;
let options;
const session = new StringSession('');
let self = 0;

const BIG_FIELDS = new Set(['user_id', 'chat_id', 'channel_id', 'access_hash', 'hash', 'random_id', 'query_id', 'client_id', 'ping_id', 'id_long']);

function toJson(value) {
  if (value === null || value === undefined) return undefined;
  if (bigInt.isInstance(value)) return long(BigInt(value.toString()));
  if (typeof value === 'bigint') return long(value);
  if (Buffer.isBuffer(value) || value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return [...value].map(toJson);
  if (typeof value === 'object') {
    const name = value.className?.split('.').map((part, index, all) => (index === all.length - 1 ? part[0].toLowerCase() + part.slice(1) : part)).join('.');
    const fields = value.originalArgs ?? value;
    return { ...(name ? { _: name } : {}), ...Object.fromEntries(Object.entries(fields).filter(([, item]) => typeof item !== 'function').map(([key, item]) => [toSnake(key), toJson(item)])) };
  }
  return value;
}
function classOf(name) {
  const parts = name.split('.');
  const last = parts.pop();
  let scope = Api;
  for (const part of parts) scope = scope[part];
  const found = scope?.[last[0].toUpperCase() + last.slice(1)];
  if (!found) throw new Error(`${library} has no ${name}`);
  return found;
}
function fromJson(value, key) {
  if (isLongText(value)) return bigInt(value.slice(0, -1));
  if (typeof value === 'number' && BIG_FIELDS.has(key)) return bigInt(value);
  if (Array.isArray(value)) return value.map((item) => fromJson(item, key));
  if (value && typeof value === 'object') {
    if (value.$bytes !== undefined) return Buffer.from(value.$bytes, 'base64');
    if (value.$long !== undefined) return bigInt(String(value.$long));
    const { _: name, ...fields } = value;
    return new (classOf(name))(Object.fromEntries(Object.entries(fields).map(([field, item]) => [toCamel(field), fromJson(item, field)])));
  }
  return value;
}
const call = (name, params = {}) => client.invoke(fromJson({ _: name, ...params }));
const text = (message) => {
  const raw = toJson(message);
  return { id: raw.id, text: raw.message, out: Boolean(raw.out), from: raw.from_id?.user_id ?? (raw.out ? self : raw.peer_id?.user_id), date: raw.date, edited: raw.edit_date ?? 0, reply_to: raw.reply_to?.reply_to_msg_id ?? 0, raw };
};
const entity = (id) => (id === 'me' ? 'me' : bigInt(id));
/** GramJS ignores the session's port and dials 80 or 443: its own hook for that is the connection class. */
function connectionClass(base, dc, dcs) {
  return library === 'telegram' ? class extends base {
    constructor(args) {
      super({ ...args, port: args.dcId === dc.id ? dc.port : dcs.find((other) => other.id === args.dcId)?.port });
    }
  } : base;
}

/** Every data center has a key of its own. */
function trust(dc) {
  const { n, e } = createPublicKey({ key: dc.publicKey, format: 'pem' }).export({ format: 'jwk' });
  const fingerprint = String(BigInt.asIntN(64, BigInt(dc.fingerprint.startsWith?.('-') || /^\d+$/.test(dc.fingerprint) ? dc.fingerprint : `0x${dc.fingerprint}`)));
  const key = { n: bigInt(Buffer.from(n, 'base64url').toString('hex'), 16), e: bigInt(Buffer.from(e, 'base64url').toString('hex'), 16).toJSNumber() };
  RSA._serverKeys.set(fingerprint, { ...key, fingerprint: bigInt(fingerprint) });
}

async function open({ dc, dcs = [dc], transport }) {
  for (const each of dcs) trust(each);
  session.setDC(dc.id, dc.host, dc.port);
  const base = { full: network.ConnectionTCPFull, abridged: network.ConnectionTCPAbridged, obfuscated: network.ConnectionTCPObfuscated, websocket: network.ConnectionTCPObfuscated }[transport ?? 'full'];
  const extra = {};
  if (transport === 'websocket') {
    const { PromisedWebSockets } = require(`${library}/extensions`);
    // The library builds wss://host:port/apiws; the laptop's gateway speaks plain ws.
    extra.networkSocket = class extends PromisedWebSockets {
      getWebSocketLink(ip, port) {
        return `ws://${dc.host}:${dc.port}/apiws`;
      }
    };
  }
  client = new TelegramClient(session, 1, '00000000000000000000000000000000', { connectionRetries: 10_000, reconnectRetries: 10_000, retryDelay: 300, connection: connectionClass(base, dc, dcs), baseLogger: new Logger(process.env.DRIVER_LOG ? LogLevel.DEBUG : LogLevel.ERROR), floodSleepThreshold: 0, ...extra });
  client.addEventHandler((update) => {
    // Besides updates the library reports its own connection state here.
    if (update.originalArgs) emit({ update: toJson(update) });
  }, new Raw({}));
  client._errorHandler = async (error) => console.error('client error', error);
  await client.connect();
}

serveDriver({
  async connect(args) {
    options = args;
    await open(args);
  },
  async disconnect() {
    await client.disconnect();
  },
  async reconnect() {
    await client.destroy();
    await open(options);
    await client.getMe();
  },
  async catchUp() {
    await client.catchUp();
  },
  async start({ phone, code, firstName, lastName }) {
    await client.start({
      phoneNumber: phone,
      phoneCode: async () => code,
      firstAndLastNames: async () => [firstName, lastName ?? ''],
      onError: (error) => {
        throw error;
      },
    });
    const me = await client.getMe();
    self = Number(me.id);
    // teleproto takes its update state when it first catches up.
    await client.catchUp?.();
    return { id: self };
  },
  me: async () => toJson(await client.getMe()),
  async logOut() {
    await call('auth.logOut');
    await client.disconnect();
  },
  call: async ({ method, params }) => toJson(await call(method, params)),
  async importContact({ phone, firstName, lastName }) {
    const result = await client.invoke(new Api.contacts.ImportContacts({ contacts: [new Api.InputPhoneContact({ clientId: bigInt(1), phone, firstName, lastName: lastName ?? '' })] }));
    return { id: Number(result.users[0]?.id ?? 0) };
  },
  async resolve({ username }) {
    const { id, className } = await client.getEntity(username);
    return { id: className === 'Channel' ? markedChannel(id) : Number(id) };
  },
  inputPeer: async ({ peer }) => toJson(await client.getInputEntity(entity(peer))),
  async send({ peer, text: body, replyTo, silent, entities }) {
    return text(await client.sendMessage(entity(peer), { message: body, replyTo, silent, formattingEntities: entities ? fromJson(entities) : undefined, parseMode: false }));
  },
  async edit({ peer, id, text: body }) {
    return text(await client.editMessage(entity(peer), { message: id, text: body, parseMode: undefined }));
  },
  async react({ peer, id, emoji }) {
    // The library has no method of its own for it.
    await client.invoke(new Api.messages.SendReaction({ peer: await client.getInputEntity(entity(peer)), msgId: id, reaction: emoji ? [new Api.ReactionEmoji({ emoticon: emoji })] : [] }));
  },
  async sendPoll({ peer, question, answers, multiple, open, correct, solution, period }) {
    const named = (value) => new Api.TextWithEntities({ text: value, entities: [] });
    const poll = new Api.Poll({
      id: bigInt(0), hash: bigInt(0), question: named(question), publicVoters: open, multipleChoice: multiple, quiz: correct === undefined ? undefined : true, closePeriod: period,
      answers: answers.map((each, number) => new Api.PollAnswer({ text: named(each), option: Buffer.from(String(number)) })),
    });
    // The layer says right answers by number, or by what names them.
    const right = correct === undefined ? undefined : [library === 'telegram' ? Buffer.from(String(correct)) : correct];
    const media = new Api.InputMediaPoll({ poll, correctAnswers: right, solution, solutionEntities: solution === undefined ? undefined : [] });
    return text(await client.sendFile(entity(peer), { file: media }));
  },
  async vote({ peer, id, options: chosen }) {
    const [message] = await client.getMessages(entity(peer), { ids: [id] });
    const { answers } = message.media.poll;
    // The library clicks on one answer at most.
    await client.invoke(new Api.messages.SendVote({ peer: await client.getInputEntity(entity(peer)), msgId: id, options: chosen.map((number) => answers[number].option) }));
  },
  async closePoll({ peer, id }) {
    // The library has no method of its own for it.
    const [message] = await client.getMessages(entity(peer), { ids: [id] });
    const poll = new Api.Poll({ ...message.media.poll.originalArgs, closed: true });
    await client.invoke(new Api.messages.EditMessage({ peer: await client.getInputEntity(entity(peer)), id, media: new Api.InputMediaPoll({ poll }) }));
  },
  async remove({ peer, ids, revoke }) {
    await client.deleteMessages(entity(peer), ids, { revoke });
  },
  async forward({ from, ids, to }) {
    return (await client.forwardMessages(entity(to), { messages: ids, fromPeer: entity(from) })).flat().map(text);
  },
  async history({ peer, limit, offsetId, addOffset, minId, maxId }) {
    return [...await client.getMessages(entity(peer), { limit, offsetId: offsetId ?? 0, addOffset: addOffset ?? 0, minId: minId ?? 0, maxId: maxId ?? 0 })].map(text);
  },
  async dialogs({ folder }) {
    return [...await client.getDialogs({ limit: 100, folder })].map(({ dialog }) => {
      const raw = toJson(dialog);
      return { peer: raw.peer.user_id ?? (raw.peer.chat_id === undefined ? markedChannel(raw.peer.channel_id) : -raw.peer.chat_id), top: raw.top_message, unread: raw.unread_count, pinned: Boolean(raw.pinned), readIn: raw.read_inbox_max_id, readOut: raw.read_outbox_max_id, draft: raw.draft?.message ?? '', mark: Boolean(raw.unread_mark) };
    });
  },
  async read({ peer, maxId }) {
    await client.markAsRead(entity(peer), undefined, { maxId });
  },
  async pin({ peer, id, unpin }) {
    if (unpin) await client.unpinMessage(entity(peer), id);
    else await client.pinMessage(entity(peer), id, { notify: true, pmOneSide: false });
  },
  async search({ peer, query, fromUser }) {
    return [...await client.getMessages(entity(peer), { search: query, limit: 50, fromUser: fromUser ? entity(fromUser) : undefined })].map(text);
  },
  async searchGlobal({ query }) {
    return [...await client.getMessages(undefined, { search: query, limit: 50 })].map(text);
  },
  async typing({ peer }) {
    await client.invoke(new Api.messages.SetTyping({ peer: await client.getInputEntity(entity(peer)), action: new Api.SendMessageTypingAction() }));
  },
  ...byKind(groupOperations(library, () => client, { toJson, call, entity }), channelOperations(library, () => client, { toJson, fromJson, call, entity, text })),
  session: async () => client.session.save(),
  dcId: async () => client.session.dcId,
}, (error) => (error?.errorMessage ? { code: error.code, type: error.seconds !== undefined && !/\d$/.test(error.errorMessage) ? `${error.errorMessage}_${error.seconds}` : error.errorMessage } : {}));
