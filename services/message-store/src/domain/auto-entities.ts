import type { TypeMessageEntity } from '@heliograph/tl/api';

/** Whether anything below could match; most messages end here. */
const TRIGGER = /[@#$/+.:]/;
/** A dot or a scheme that a link could have: the full stop of a sentence is none. */
const LINK_TRIGGER = /\.[^\s.]|:\/\//;
/** A hashtag has more than digits. */
const LETTER = /[\p{L}_]/u;

const MENTION = /(?<![\p{L}\p{N}_@/.])@[A-Za-z0-9_]{3,32}(?![A-Za-z0-9_])/gu;
const HASHTAG = /(?<![\p{L}\p{N}_#\u00b7\u200c])#[\p{L}\p{M}\p{N}_\u00b7\u200c]{1,256}(?![\p{L}\p{M}\p{N}_#])/gu;
const CASHTAG = /(?<![\p{L}\p{N}_$])\$[A-Z]{1,8}(?![\p{L}\p{N}_$])/gu;
const BOT_COMMAND = /(?<![\p{L}\p{N}_/<>@:.])\/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\p{L}\p{N}_/@])/gu;
const EMAIL = /(?<![\p{L}\p{N}_.+-])[A-Za-z0-9][A-Za-z0-9_.+%-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z]{2,24}(?![\p{L}\p{N}_-])/gu;
const PHONE = /(?<![\p{L}\p{N}_+])\+\d(?:[ ()-]{0,2}\d){6,14}(?![\p{L}\p{N}_])/gu;
/** A scheme is optional; what follows the host ends at white space, quotes or brackets. */
const URL = /(?<![\p{L}\p{N}_@.-])(?:(https?|ftp|tg|ton):\/\/)?((?:[\p{L}\p{N}](?:[\p{L}\p{N}_-]{0,62})\.)+(?:xn--[a-z0-9-]{2,59}|\p{L}{2,24})|localhost|\d{1,3}(?:\.\d{1,3}){3}|[A-Za-z][A-Za-z0-9_-]{0,62})(:\d{1,5})?((?:[/?#][^\s<>"«»“”]*)?)/gu;

/** Generic top-level domains under which a bare host counts as a link; any two-letter one does as well. */
const GENERIC_DOMAINS: ReadonlySet<string> = new Set((
  'com net org info biz name pro mobi tel travel jobs museum aero coop asia cat post edu gov mil int arpa app dev page web site online store shop tech cloud club live news blog '
  + 'wiki world today life email media agency digital network systems software solutions services group team company center chat video audio photo games game fun art design studio '
  + 'space link click work works zone top xyz icu vip win bid loan date download stream social tube finance money bank capital fund law health care fitness academy school university '
  + 'education science energy eco green earth city house land estate rent restaurant cafe bar pub beer wine pizza food recipes fashion style clothing shoes jewelry auto cars bike taxi '
  + 'golf football tennis run fit family kids baby pet dog guru ninja rocks expert support tips guide help how plus one zip moscow london berlin paris nyc tokyo telegram google'
).split(' '));

/** Entities in which nothing is found: what their author marked stands as it is. */
const OPAQUE: ReadonlySet<TypeMessageEntity['_']> = new Set<TypeMessageEntity['_']>(['messageEntityCode', 'messageEntityPre', 'messageEntityTextUrl', 'messageEntityMentionName', 'messageEntityCustomEmoji', 'messageEntityFormattedDate']);

interface Found {
  entity: TypeMessageEntity;
  end: number;
}

/**
 * Links, mentions, hashtags, cashtags, e-mail addresses, phone numbers and bot commands in a text, as the server marks them
 * (docs: core.telegram.org/api/entities). None overlaps another, nor an opaque entity in `given`. Offsets in UTF-16 units.
 */
export function findEntities(text: string, given: readonly TypeMessageEntity[]): TypeMessageEntity[] {
  if (!TRIGGER.test(text)) return [];
  const taken = given.filter((entity) => OPAQUE.has(entity._)).map((entity) => ({ start: entity.offset, end: entity.offset + entity.length }));
  const found: Found[] = [];
  const claim = (match: RegExpExecArray, make: (offset: number, length: number) => TypeMessageEntity, length = match[0].length): void => {
    const offset = match.index;
    const end = offset + length;
    if (taken.some((range) => offset < range.end && range.start < end)) return;
    taken.push({ start: offset, end });
    found.push({ entity: make(offset, length), end });
  };
  if (text.includes('@')) eachMatch(EMAIL, text, (match) => claim(match, (offset, length) => ({ _: 'messageEntityEmail', offset, length })));
  if (LINK_TRIGGER.test(text)) {
    eachMatch(URL, text, (match) => {
      const length = urlLength(match);
      if (length > 0) claim(match, (offset) => ({ _: 'messageEntityUrl', offset, length }), length);
    });
  }
  if (text.includes('@')) eachMatch(MENTION, text, (match) => claim(match, (offset, length) => ({ _: 'messageEntityMention', offset, length })));
  if (text.includes('#')) eachMatch(HASHTAG, text, (match) => LETTER.test(match[0]) && claim(match, (offset, length) => ({ _: 'messageEntityHashtag', offset, length })));
  if (text.includes('$')) eachMatch(CASHTAG, text, (match) => claim(match, (offset, length) => ({ _: 'messageEntityCashtag', offset, length })));
  if (text.includes('/')) eachMatch(BOT_COMMAND, text, (match) => claim(match, (offset, length) => ({ _: 'messageEntityBotCommand', offset, length })));
  if (text.includes('+')) eachMatch(PHONE, text, (match) => claim(match, (offset, length) => ({ _: 'messageEntityPhone', offset, length })));
  return found.map(({ entity }) => entity);
}

/** As matchAll, which makes a new expression at every call. No match of those here is empty. */
function eachMatch(expression: RegExp, text: string, visit: (match: RegExpExecArray) => unknown): void {
  expression.lastIndex = 0;
  for (let match = expression.exec(text); match !== null; match = expression.exec(text)) visit(match);
}

/** Length of the link in a match of URL, without punctuation that belongs to the sentence; 0: not a link. */
function urlLength(match: RegExpExecArray): number {
  const [whole, scheme, host = '', port = '', tail = ''] = match;
  const lowered = scheme?.toLowerCase();
  if (lowered === undefined ? !isBareHost(host) : !isHostOf(lowered, host)) return 0;
  // A bare host that goes on as another word ("file.txt_old") is not a link.
  if (tail === '' && port === '' && lowered === undefined && /^[\p{L}\p{N}_-]/u.test((match.input ?? '').slice((match.index ?? 0) + whole.length))) return 0;
  return whole.length - tail.length + trimmedTail(tail).length;
}

function isHostOf(scheme: string, host: string): boolean {
  if (scheme === 'tg' || scheme === 'ton') return true;
  return host.includes('.') || host === 'localhost';
}

function isBareHost(host: string): boolean {
  const dot = host.lastIndexOf('.');
  if (dot < 0) return false;
  const top = host.slice(dot + 1).toLowerCase();
  if (/^\d+$/.test(top)) return host.split('.').every((part) => Number(part) <= 255);
  return /^[a-z]{2}$/.test(top) || top.startsWith('xn--') || GENERIC_DOMAINS.has(top) || /^(?:рф|укр|бел|срб|қаз|москва|онлайн|сайт|中国|한국)$/u.test(top);
}

const OPENERS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** Without punctuation at its end, and without closing brackets that it does not open. */
function trimmedTail(tail: string): string {
  const counts = new Map<string, number>();
  for (const character of tail) counts.set(character, (counts.get(character) ?? 0) + 1);
  let end = tail.length;
  for (;;) {
    const last = tail[end - 1];
    if (last === undefined) break;
    const opener = OPENERS[last];
    const stray = opener !== undefined && (counts.get(opener) ?? 0) < (counts.get(last) ?? 0);
    if (!stray && !/[.,;:!?'"…»«`]/.test(last)) break;
    counts.set(last, (counts.get(last) ?? 0) - 1);
    end -= 1;
  }
  return tail.slice(0, end);
}
