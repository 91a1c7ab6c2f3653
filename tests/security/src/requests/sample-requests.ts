import { randomBytes } from 'node:crypto';
import { constructorsOf, definitionOf, elementType, isPlain, plainType, type Definition, type Field, type TlValue } from './definitions';

/** A user as one viewer may name it. */
export interface KnownUser {
  readonly user_id: number;
  readonly access_hash: bigint;
}

/** A channel as one viewer may name it. */
export interface KnownChannel {
  readonly channel_id: number;
  readonly access_hash: bigint;
}

/** What requests speak about. */
export interface RequestFacts {
  /** A user whom the caller knows. */
  readonly contact: KnownUser;
  /** A message in the dialog with them, sent by the caller. */
  readonly ownMessage: number;
  /** A basic group of the caller's, and an invite link of it; 0 and '' where there is none. */
  readonly chat?: { readonly id: number; readonly link: string };
  /** A folder of the caller's that is shared, and the slug of a link to it. */
  readonly chatlist?: { readonly id: number; readonly slug: string };
  /** A supergroup of the caller's with a message of the caller's in it, and another for requests that end one. */
  readonly channel?: { readonly name: KnownChannel; readonly message: number; readonly spare: KnownChannel };
}

/** Where, inside a request, an Input* peer stands. */
export interface PeerPlace {
  readonly method: string;
  /** `peer`, `reply_to.reply_to_peer_id`, `id[]` … */
  readonly path: string;
  readonly type: PeerType;
  /** Of the method itself, not of an object inside. */
  readonly direct: boolean;
  /** The request with this peer there. */
  build(peer: TlValue): TlValue;
}

export type PeerType = 'InputUser' | 'InputPeer' | 'InputChannel' | 'InputDialogPeer';
const PEER_TYPES: ReadonlySet<string> = new Set<PeerType>(['InputUser', 'InputPeer', 'InputChannel', 'InputDialogPeer']);

/** Objects that a place may lie in: deeper nesting repeats what is above. */
const PLACE_DEPTH_MAX = 3;

/** Constructors that say least, where a request needs an object that its test is not about. */
const PLAINEST: Record<string, string> = {
  InputMedia: 'inputMediaEmpty', InputChatPhoto: 'inputChatPhotoEmpty', MessagesFilter: 'inputMessagesFilterEmpty', InputStickerSet: 'inputStickerSetEmpty', InputPhoto: 'inputPhotoEmpty',
  InputGeoPoint: 'inputGeoPointEmpty', InputDocument: 'inputDocumentEmpty', InputMessage: 'inputMessageID', InputReplyTo: 'inputReplyToMessage', InputPrivacyKey: 'inputPrivacyKeyStatusTimestamp',
  InputNotifyPeer: 'inputNotifyPeer', SendMessageAction: 'sendMessageTypingAction', InputCheckPasswordSRP: 'inputCheckPasswordEmpty', ChannelMessagesFilter: 'channelMessagesFilterEmpty', ReactionNotificationsFrom: 'reactionNotificationsFromAll',
  ChannelParticipantsFilter: 'channelParticipantsRecent', ReplyMarkup: 'replyKeyboardHide', MessageEntity: 'messageEntityBold', EmojiStatus: 'emojiStatusEmpty', JSONValue: 'jsonNull', KeyboardButton: 'keyboardButton', Reaction: 'reactionEmoji',
};

/** Fields that need a certain value for the request to mean something. */
const FIELDS: Record<string, (facts: RequestFacts) => unknown> = {
  random_id: () => randomBytes(8).readBigInt64LE(0),
  limit: () => 10,
  offset_date: () => 0,
  phone: () => '999660000', phone_number: () => '9996620000',
  phone_code: () => '00000', phone_code_hash: () => '0'.repeat(18),
  api_id: () => 1, api_hash: () => '0'.repeat(32), bot_auth_token: () => '1:x',
  first_name: () => 'Sample', last_name: () => '', username: () => 'nobody_has_this',
  message: () => 'sample', q: () => 'sample',
  msg_id: ({ ownMessage }) => ownMessage, reply_to_msg_id: ({ ownMessage }) => ownMessage,
  lang_pack: () => 'android', lang_code: () => 'en',
  pts: () => 1, date: () => Math.floor(Date.now() / 1_000), qts: () => 0,
  chat_id: ({ chat }) => chat?.id ?? 0, link: ({ chat }) => chat?.link ?? '', title: () => `sample ${randomBytes(4).toString('hex')}`, about: () => `sample ${randomBytes(4).toString('hex')}`,
  slug: ({ chatlist }) => chatlist?.slug ?? '',
  authorization_ttl_days: () => 180, dc_id: () => 2, expires_at: () => Math.floor(Date.now() / 1_000) + 3_600,
};

/** Fields of one method that mean something else there. */
const METHOD_FIELDS: Record<string, Record<string, (facts: RequestFacts) => unknown>> = {
  'messages.forwardMessages': { id: ({ ownMessage }) => [ownMessage], random_id: () => [randomBytes(8).readBigInt64LE(0)] },
  'messages.getMessages': { id: ({ ownMessage }) => [{ _: 'inputMessageID', id: ownMessage }] },
  'messages.editMessage': { id: ({ ownMessage }) => ownMessage, message: () => `edited ${randomBytes(4).toString('hex')}` },
  'messages.getMessageEditData': { id: ({ ownMessage }) => ownMessage },
  'messages.updatePinnedMessage': { id: ({ ownMessage }) => ownMessage },
  'messages.getMessagesReactions': { id: ({ ownMessage }) => [ownMessage] },
  'messages.getMessagesViews': { id: ({ ownMessage }) => [ownMessage], increment: () => false },
  'messages.getSearchCounters': { filters: () => [{ _: 'inputMessagesFilterPhotos' }] },
  'messages.getSearchResultsPositions': { filter: () => ({ _: 'inputMessagesFilterUrl' }) },
  'messages.getSearchResultsCalendar': { filter: () => ({ _: 'inputMessagesFilterUrl' }) },
  'messages.getExtendedMedia': { id: ({ ownMessage }) => [ownMessage] },
  'messages.readMessageContents': { id: () => [] },
  'messages.deleteMessages': { id: () => [] },
  'messages.getScheduledMessages': { id: () => [] },
  'messages.sendScheduledMessages': { id: () => [] },
  'messages.deleteScheduledMessages': { id: () => [] },
  'messages.setDefaultHistoryTTL': { period: () => 0 },
  'channels.getMessages': { id: ({ channel }) => [{ _: 'inputMessageID', id: channel?.message ?? 1 }] },
  'channels.deleteMessages': { id: () => [] },
  'channels.readMessageContents': { id: () => [] },
  'channels.updateUsername': { username: () => '' },
  'channels.exportMessageLink': { id: ({ channel }) => channel?.message ?? 1 },
  'channels.getMessageAuthor': { id: ({ channel }) => channel?.message ?? 1 },
  'contacts.importContacts': { contacts: () => [] },
  'contacts.deleteByPhones': { phones: () => [] },
};

/** Methods after which a channel is gone, or empty, or not the caller's any more. */
const ENDS_CHANNELS: ReadonlySet<string> = new Set(['deleteChannel', 'leaveChannel', 'deleteHistory'].map((name) => `channels.${name}`));

/** Methods whose `peer` is a group, whatever else their type lets it be. */
const OF_GROUPS: ReadonlySet<string> = new Set([
  'editChatAbout', 'editChatDefaultBannedRights', 'exportChatInvite', 'editExportedChatInvite', 'getExportedChatInvites', 'getExportedChatInvite', 'deleteExportedChatInvite',
  'deleteRevokedExportedChatInvites', 'getAdminsWithInvites', 'getChatInviteImporters', 'getMessageReadParticipants', 'getOnlines', 'toggleNoForwards',
].map((name) => `messages.${name}`));

const depths = new Map<string, number>();

/** How many objects deep the shallowest value of a type is; constructors inside themselves count as endless. */
function depthOf(type: string, inside: ReadonlySet<string> = new Set()): number {
  const element = elementType(type);
  if (isPlain(type) || element !== undefined) return 0;
  const known = depths.get(type);
  if (known !== undefined) return known;
  if (inside.has(type)) return Number.POSITIVE_INFINITY;
  const within = new Set([...inside, type]);
  let least = Number.POSITIVE_INFINITY;
  for (const { fields } of constructorsOf(type)) least = Math.min(least, 1 + Math.max(0, ...fields.filter(({ flagField }) => flagField === undefined).map((field) => depthOf(field.type, within))));
  if (least < Number.POSITIVE_INFINITY) depths.set(type, least);
  return least;
}

/** Requests that a well-meaning client could send, made from the schema. */
export class SampleRequests {
  constructor(private readonly facts: RequestFacts) {}

  request(method: string): TlValue {
    return this.object(definitionOf(method, true));
  }

  /** Every place of a method where a client names a peer, those inside optional fields and objects too. */
  places(method: string): PeerPlace[] {
    const places: PeerPlace[] = [];
    this.collect(definitionOf(method, true), [], (peer) => peer, 0, (path, type, build) => {
      places.push({ method, path: path.join('.'), type, direct: path.length === 1, build: (peer) => build(peer) });
    });
    return places;
  }

  /** The contact, as a field of that type names it; the own group or channel where a method is about those alone. */
  peer(type: PeerType, method = ''): TlValue {
    const { contact, chat, channel } = this.facts;
    if (type === 'InputPeer' && channel !== undefined && method.startsWith('chatlists.')) return { _: 'inputPeerChannel', ...channel.name };
    if (type === 'InputPeer' && chat !== undefined && OF_GROUPS.has(method)) return { _: 'inputPeerChat', chat_id: chat.id };
    if (type === 'InputUser') return { _: 'inputUser', ...contact };
    if (type === 'InputChannel') return { _: 'inputChannel', ...(channel === undefined ? { channel_id: 1, access_hash: 1n } : ENDS_CHANNELS.has(method) ? channel.spare : channel.name) };
    const peer = { _: 'inputPeerUser', ...contact };
    return type === 'InputPeer' ? peer : { _: 'inputDialogPeer', peer };
  }

  private collect(
    definition: Definition, path: string[], wrap: (value: TlValue) => TlValue, depth: number, found: (path: string[], type: PeerType, build: (peer: TlValue) => TlValue) => void,
  ): void {
    for (const field of definition.fields) {
      if (isPlain(field.type)) continue;
      const element = elementType(field.type);
      const type = element ?? field.type;
      const put = (content: TlValue): TlValue => wrap({ ...this.object(definition, field), [field.name]: element === undefined ? content : [content] });
      const here = [...path, element === undefined ? field.name : `${field.name}[]`];
      if (PEER_TYPES.has(type)) found(here, type as PeerType, put);
      else if (depth < PLACE_DEPTH_MAX && !isPlain(type)) {
        for (const inner of constructorsOf(type)) if (mentionsPeer(inner, PLACE_DEPTH_MAX - depth)) this.collect(inner, [...here.slice(0, -1), `${here.at(-1)}<${inner.name}>`], put, depth + 1, found);
      }
    }
  }

  /** An object with its required fields, and those that share a flag with `also`. */
  private object(definition: Definition, also?: Field): TlValue {
    const value: Record<string, unknown> & { _: string } = { _: definition.name };
    for (const field of definition.fields) {
      if (field.type === '#') continue;
      const wanted = field.flagField === undefined || (also?.flagField === field.flagField && also.bit === field.bit && field.type !== 'true');
      if (wanted) value[field.name] = this.field(definition, field);
    }
    return value;
  }

  private field(definition: Definition, field: Field): unknown {
    const fixed = METHOD_FIELDS[definition.name]?.[field.name] ?? (definition.method ? FIELDS[field.name] : undefined) ?? (field.name === 'reply_to_msg_id' ? FIELDS['reply_to_msg_id'] : undefined);
    if (fixed !== undefined && (isPlain(field.type) || METHOD_FIELDS[definition.name]?.[field.name] !== undefined)) return fixed(this.facts);
    return field.type === 'InputPeer' || field.type === 'InputChannel' ? this.peer(field.type, definition.name) : this.value(field.type);
  }

  value(type: string): unknown {
    const element = elementType(type);
    if (element !== undefined) return PEER_TYPES.has(element) ? [this.peer(element as PeerType)] : [];
    switch (plainType(type)) {
      case 'int': return 0;
      case 'long': return 0n;
      case 'double': return 0;
      case 'string': return '';
      case 'bytes': return Buffer.alloc(0);
      case 'int128': return randomBytes(16);
      case 'int256': return randomBytes(32);
      case 'Bool': return false;
      case 'InputChatlist': return { _: 'inputChatlistDialogFilter', filter_id: this.facts.chatlist?.id ?? 0 };
      default: return PEER_TYPES.has(type) ? this.peer(type as PeerType) : this.plainest(type);
    }
  }

  private plainest(type: string): TlValue {
    const named = PLAINEST[type];
    const members = constructorsOf(type);
    const chosen = members.find(({ name }) => name === named)
      ?? members.reduce((best, member) => (weight(member) < weight(best) ? member : best), members[0] as Definition);
    if (chosen === undefined) throw new RangeError(`no constructor of ${type}`);
    const value = this.object(chosen);
    return chosen.name === 'inputMessageID' ? { ...value, id: this.facts.ownMessage } : value;
  }
}

const weight = ({ fields }: Definition): number => Math.max(0, ...fields.filter(({ flagField }) => flagField === undefined).map(({ type }) => depthOf(type))) * 100 + fields.length;

/** Does an object of this constructor hold a peer within so many levels? */
function mentionsPeer({ fields }: Definition, levels: number): boolean {
  return fields.some(({ type }) => {
    const inner = elementType(type) ?? type;
    return PEER_TYPES.has(inner) || (levels > 1 && !isPlain(inner) && constructorsOf(inner).some((member) => mentionsPeer(member, levels - 1)));
  });
}
