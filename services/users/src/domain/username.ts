import { USERNAME_CHARS_MAX, USERNAME_CHARS_MIN } from '../limits';

/** Names that would pass for the service itself. */
const RESERVED = new Set(['admin', 'administrator', 'botfather', 'heliograph', 'moderator', 'support', 'telegram', 'spambot']);

/** Letters, digits and underscores; begins with a letter, ends without an underscore, no two in a row (docs: core.telegram.org/method/account.checkUsername). */
export function isUsername(name: string): boolean {
  return name.length >= USERNAME_CHARS_MIN && name.length <= USERNAME_CHARS_MAX && /^[a-z]\w*$/i.test(name) && /^[\x21-\x7e]+$/.test(name)
    && !name.endsWith('_') && !name.includes('__') && !RESERVED.has(name.toLowerCase());
}
