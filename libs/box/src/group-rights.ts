import type { MemberRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChatAdminRights, ChatBannedRights } from '@heliograph/tl/api';
import { MediaClass } from './media-class';

/** What default rights of a group can take from its members, by the flags of chatBannedRights (stored for ever). */
export const BANNED = {
  view_messages: 1 << 0,
  send_messages: 1 << 1,
  send_media: 1 << 2,
  send_stickers: 1 << 3,
  send_gifs: 1 << 4,
  send_games: 1 << 5,
  send_inline: 1 << 6,
  embed_links: 1 << 7,
  send_polls: 1 << 8,
  change_info: 1 << 10,
  invite_users: 1 << 15,
  pin_messages: 1 << 17,
  manage_topics: 1 << 18,
  send_photos: 1 << 19,
  send_videos: 1 << 20,
  send_roundvideos: 1 << 21,
  send_audios: 1 << 22,
  send_voices: 1 << 23,
  send_docs: 1 << 24,
  send_plain: 1 << 25,
  edit_rank: 1 << 26,
  send_reactions: 1 << 27,
  manage_linked_peers: 1 << 28,
} as const;

/** Longest time that clients can say; default rights hold until then. Unix seconds. */
export const FOREVER = 0x7fffffff;

type Flags<R> = Readonly<Partial<Record<keyof R, number>>>;

/** The bits of the flags that a rights object has. */
function toBits<R extends object>(flags: Flags<R>, rights: R): number {
  let bits = 0;
  for (const [name, bit] of Object.entries<number | undefined>(flags)) if (rights[name as keyof R] === true) bits |= bit ?? 0;
  return bits;
}

/** Sets in a rights object the flags of these bits. */
function withFlags<R extends object>(flags: Flags<R>, bits: number, rights: R): R {
  const set = Object.entries<number | undefined>(flags).flatMap(([name, bit]) => (bits & (bit ?? 0) ? [[name, true]] : []));
  return Object.assign(rights, Object.fromEntries(set));
}

export const bannedBits = (rights: ChatBannedRights): number => toBits<ChatBannedRights>(BANNED, rights);
export const bannedRights = (bits: number, untilDate = FOREVER): ChatBannedRights => withFlags<ChatBannedRights>(BANNED, bits, { _: 'chatBannedRights', until_date: untilDate });

/** What an admin of a basic group may do: all that basic groups know. */
export const GROUP_ADMIN_RIGHTS: ChatAdminRights = {
  _: 'chatAdminRights', change_info: true, delete_messages: true, ban_users: true, invite_users: true, pin_messages: true, manage_call: true, other: true, manage_ranks: true,
};

/** Whether somebody whom a basic group knows is in it. */
export const isPresent = (member: MemberRecord | undefined): boolean => member !== undefined && !member.left && !member.kicked;

/** What an admin of a channel may, by the flags of chatAdminRights (stored for ever). */
export const ADMIN = {
  change_info: 1 << 0,
  post_messages: 1 << 1,
  edit_messages: 1 << 2,
  delete_messages: 1 << 3,
  ban_users: 1 << 4,
  invite_users: 1 << 5,
  pin_messages: 1 << 7,
  add_admins: 1 << 9,
  anonymous: 1 << 10,
  manage_call: 1 << 11,
  other: 1 << 12,
  manage_topics: 1 << 13,
  post_stories: 1 << 14,
  edit_stories: 1 << 15,
  delete_stories: 1 << 16,
  manage_direct_messages: 1 << 17,
  manage_ranks: 1 << 18,
  manage_linked_peers: 1 << 19,
  manage_welcome_messages: 1 << 20,
} as const;

/** All rights but that to stay unnamed, which nobody has unasked. */
export const ADMIN_ALL = Object.values(ADMIN).reduce<number>((bits, bit) => bits | bit, 0) & ~ADMIN.anonymous;

export const adminBits = (rights: ChatAdminRights): number => toBits<ChatAdminRights>(ADMIN, rights);
/** What an admin has, as clients are told it: whoever has any right has what all admins have, `other`, whether it was named or not. */
export const chatAdminRights = (bits: number): ChatAdminRights => withFlags<ChatAdminRights>(ADMIN, bits === 0 ? 0 : bits | ADMIN.other, { _: 'chatAdminRights' });

/** The right that each class of media takes beside that to send media at all, and what its lack is called. */
const OF_CLASS: readonly (readonly [media: number, banned: number, error: string])[] = [
  [MediaClass.photo, BANNED.send_photos, 'CHAT_SEND_PHOTOS_FORBIDDEN'],
  [MediaClass.video, BANNED.send_videos, 'CHAT_SEND_VIDEOS_FORBIDDEN'],
  [MediaClass.document, BANNED.send_docs, 'CHAT_SEND_DOCS_FORBIDDEN'],
  [MediaClass.gif, BANNED.send_gifs, 'CHAT_SEND_GIFS_FORBIDDEN'],
  [MediaClass.voice, BANNED.send_voices, 'CHAT_SEND_VOICES_FORBIDDEN'],
  [MediaClass.roundVideo, BANNED.send_roundvideos, 'CHAT_SEND_ROUNDVIDEOS_FORBIDDEN'],
  [MediaClass.music, BANNED.send_audios, 'CHAT_SEND_AUDIOS_FORBIDDEN'],
  [MediaClass.poll, BANNED.send_polls, 'CHAT_SEND_POLL_FORBIDDEN'],
];
const MEDIA = OF_CLASS.reduce((bits, [media]) => bits | media, 0);

/** Why somebody from whom these rights (flags of BANNED) are taken may not send something of these classes of media (flags of MediaClass); undefined: he may. */
export function contentRefusal(taken: number, mediaClass: number): string | undefined {
  if (taken & BANNED.send_messages) return 'CHAT_WRITE_FORBIDDEN';
  if ((mediaClass & MEDIA) === 0) return taken & BANNED.send_plain ? 'CHAT_SEND_PLAIN_FORBIDDEN' : undefined;
  if (taken & BANNED.send_media) return 'CHAT_SEND_MEDIA_FORBIDDEN';
  return OF_CLASS.find(([media, banned]) => (mediaClass & media) !== 0 && (taken & banned) !== 0)?.[2];
}
