import { badRequest } from '@heliograph/client-api/rpc-error';
import { CHAT_ABOUT_CHARACTERS_MAX, CHAT_TITLE_CHARACTERS_MAX } from '../limits';

/** A group's title as it is kept: on one line, without white space around it, cut at CHAT_TITLE_CHARACTERS_MAX. Throws CHAT_TITLE_EMPTY. */
export function chatTitle(given: string): string {
  const title = [...given.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim()].slice(0, CHAT_TITLE_CHARACTERS_MAX).join('').trim();
  if (title === '') throw badRequest('CHAT_TITLE_EMPTY');
  return title;
}

/** A group's description, without white space around it; it may be empty. Throws CHAT_ABOUT_TOO_LONG. */
export function chatAbout(given: string): string {
  const about = given.trim();
  if ([...about].length > CHAT_ABOUT_CHARACTERS_MAX) throw badRequest('CHAT_ABOUT_TOO_LONG');
  return about;
}
