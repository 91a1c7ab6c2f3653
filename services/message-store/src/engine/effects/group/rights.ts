import { BANNED } from '@heliograph/box/group-rights';
import { MediaClass } from '@heliograph/box/media-class';
import type { Content } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Group } from './group';

/** Creator and admins may do everything in a basic group; the others what its default rights leave. */
export function mayAct(group: Group, banned: number): boolean {
  return isAdmin(group, group.actor) || ((group.record?.defaultBanned ?? 0) & banned) === 0;
}

export function isAdmin(group: Group, user: number): boolean {
  return isCreator(group, user) || (group.has(user) && group.member(user)?.admin === true);
}

export function isCreator(group: Group, user: number): boolean {
  return Number(group.record?.creator ?? 0n) === user && group.has(user);
}

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

/** Why the actor may not send this; undefined: he may. */
export function contentRefusal(group: Group, content: Content | undefined): string | undefined {
  if (!mayAct(group, BANNED.send_messages)) return 'CHAT_WRITE_FORBIDDEN';
  const classes = content?.mediaClass ?? 0;
  if ((classes & MEDIA) === 0) return mayAct(group, BANNED.send_plain) ? undefined : 'CHAT_SEND_PLAIN_FORBIDDEN';
  if (!mayAct(group, BANNED.send_media)) return 'CHAT_SEND_MEDIA_FORBIDDEN';
  return OF_CLASS.find(([media, banned]) => (classes & media) !== 0 && !mayAct(group, banned))?.[2];
}
