import type * as api from '../gen/api';
import type { TlObject } from '../compile';
import { TlError } from '../tl-error';

/**
 * What a client of an older layer wrote, in the shape of the newest. data/compat.txt tells which function serves what: `gone` functions answer
 * the whole object, `field` functions the fields that changed, `check` functions only throw.
 */

const inline = (type: string) => (value: TlObject): TlObject => ({ _: 'keyboardInlineButton', style: value['style'], text: value['text'], type: typeOf(value, type) });
const reply = (type: string) => (value: TlObject): TlObject => ({ _: 'keyboardButton', style: value['style'], text: value['text'], type: typeOf(value, type) });

/** A button's own fields belong to its type now. */
function typeOf({ _, style, text, ...own }: TlObject, type: string): TlObject {
  return { _: type, ...own };
}

export const inlineUrl = inline('inlineButtonTypeUrl');
export const inlineCallback = inline('inlineButtonTypeCallback');
export const inlineSwitch = inline('inlineButtonTypeSwitchInline');
export const inlineGame = inline('inlineButtonTypeGame');
export const inlineBuy = inline('inlineButtonTypeBuy');
export const inlineUrlAuth = inline('inlineButtonTypeUrlAuth');
export const inlineInputUrlAuth = inline('inputInlineButtonTypeUrlAuth');
export const inlineUserProfile = inline('inlineButtonTypeUserProfile');
export const inlineInputUserProfile = inline('inputInlineButtonTypeUserProfile');
export const inlineWebView = inline('inlineButtonTypeWebView');
export const inlineCopy = inline('inlineButtonTypeCopy');
export const replyRequestPhone = reply('buttonTypeRequestPhone');
export const replyRequestGeoLocation = reply('buttonTypeRequestGeoLocation');
export const replyRequestPoll = reply('buttonTypeRequestPoll');
export const replyRequestPeer = reply('buttonTypeRequestPeer');
export const replyInputRequestPeer = reply('inputButtonTypeRequestPeer');
export const replySimpleWebView = reply('buttonTypeSimpleWebView');

interface Rows {
  rows: { buttons: { _: string }[] }[];
}

/** Until 228 both keyboards had the same rows; a button that only the other kind of keyboard can have is refused as Telegram does. */
export function inlineRows(value: TlObject): object {
  const { rows } = value as unknown as Rows;
  return {
    rows: rows.map(({ buttons }) => {
      if (buttons.some((button) => button._ !== 'keyboardInlineButton')) throw new TlError('BUTTON_TYPE_INVALID');
      return { _: 'keyboardInlineButtonRow', buttons };
    }),
  };
}

export function onlyReplyButtons(value: TlObject): void {
  const { rows } = value as unknown as Rows;
  for (const { buttons } of rows) for (const button of buttons) if (button._ !== 'keyboardButton') throw new TlError('BUTTON_TYPE_INVALID');
}

export const emojiStatusUntil = (value: TlObject): TlObject => ({ _: 'emojiStatus', document_id: value['document_id'], until: value['until'] });
export const discardedByHangup = (): TlObject => ({ _: 'phoneCallDiscardReasonHangup' });
export const textOffset = (value: TlObject): object => ({ offset: value['offset'] === 0 ? '' : String(value['offset']) });

export function peerColor(value: TlObject): object {
  const { color, background_emoji_id } = value as unknown as { color?: number; background_emoji_id?: bigint };
  if (color === undefined && background_emoji_id === undefined) return { color: undefined };
  return { color: { _: 'peerColor', color, background_emoji_id } };
}

export const botRights = (value: TlObject): object => ({ rights: { _: 'businessBotRights', reply: value['can_reply'] } });

/** Right answers by their option, as the numbers of those answers. */
export function correctIndexes(value: TlObject): object {
  const { poll, correct_answers } = value as unknown as { poll: api.Poll; correct_answers?: Uint8Array[] };
  return {
    correct_answers: correct_answers?.map((option) => {
      const index = poll.answers.findIndex((answer) => answer._ === 'pollAnswer' && Buffer.compare(answer.option, option) === 0);
      if (index < 0) throw new TlError('QUIZ_CORRECT_ANSWER_INVALID');
      return index;
    }),
  };
}

export const reactionPrivacy = (value: TlObject): object => ({
  private: value['private'] === undefined ? undefined : { _: value['private'] ? 'paidReactionPrivacyAnonymous' : 'paidReactionPrivacyDefault' },
});

export const chatTheme = (value: TlObject): object => ({
  theme: value['emoticon'] === '' ? { _: 'inputChatThemeEmpty' } : { _: 'inputChatTheme', emoticon: value['emoticon'] },
});

export const withdrawnStars = (value: TlObject): object => ({ amount: value['stars'] });
export const resellAmount = (value: TlObject): object => ({ resell_amount: { _: 'starsAmount', amount: value['resell_stars'], nanos: 0 } });
