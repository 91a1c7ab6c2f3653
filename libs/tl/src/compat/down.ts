import type * as api from '../gen/api';
import type { TlObject } from '../compile';
import { TlError } from '../tl-error';

/**
 * What a client of an older layer is written instead of what its layer can't say. data/compat.txt tells which function serves what:
 * `lacks` functions answer an object of the same abstract type that every layer has, `field` functions the fields in the layer's shape,
 * `result` functions the result as the layer declares it. `undefined` where nothing can be said.
 */

/** What a message says that the client's layer has no words for. */
const UNSUPPORTED_TEXT = 'This message is not supported by your version of the app. Please update it.';

export const unsupportedMedia = (): TlObject => ({ _: 'messageMediaUnsupported' });
export const unsupportedAction = (): TlObject => ({ _: 'messageActionCustomAction', message: UNSUPPORTED_TEXT });
export const unknownEntity = ({ offset, length }: TlObject): TlObject => ({ _: 'messageEntityUnknown', offset, length });
export const emptyInputMedia = (): TlObject => ({ _: 'inputMediaEmpty' });
export const emptyInlineText = ({ reply_markup }: TlObject): TlObject => ({ _: 'botInlineMessageText', message: UNSUPPORTED_TEXT, reply_markup });
export const emptyStickerSet = (): TlObject => ({ _: 'inputStickerSetEmpty' });
export const noStars = (): TlObject => ({ _: 'starsAmount', amount: 0n, nanos: 0 });
export const defaultPeerColor = (): TlObject => ({ _: 'peerColor' });
export const discardedByHangup = (): TlObject => ({ _: 'phoneCallDiscardReasonHangup' });
export const emptyUpdates = (value: TlObject): TlObject => ({ _: 'updates', updates: [], users: [], chats: [], date: value['date'], seq: 0 });

/** Options of a poll that is being made have no bytes of their own in the newest layer. */
export const pollAnswerOfInput = (value: TlObject): TlObject => ({ _: 'pollAnswer', text: value['text'], option: new Uint8Array(0) });

/** A bot that streams its answer is seen typing. */
export const draftAction = (value: TlObject): TlObject => ({ _: value._ === 'sendMessageStopDraftAction' ? 'sendMessageCancelAction' : 'sendMessageTypingAction' });

/** Text without the formatting that the layer lacks. */
export function plainerText(value: TlObject): TlObject {
  const { text, alt, source } = value as unknown as { text?: TlObject; alt?: string; source?: string };
  return text ?? { _: 'textPlain', text: alt ?? source ?? '' };
}

export const unsupportedBlock = (): TlObject => ({ _: 'pageBlockUnsupported' });
export const headerBlock = (value: TlObject): TlObject => ({ _: 'pageBlockHeader', text: value['text'] });
export const subheaderBlock = (value: TlObject): TlObject => ({ _: 'pageBlockSubheader', text: value['text'] });

export function forbiddenChannel(value: TlObject): TlObject {
  const { id, access_hash, title } = value as unknown as api.Community | api.CommunityForbidden;
  return { _: 'channelForbidden', id, access_hash: access_hash ?? 0n, title };
}

/** The client was told of a channel that it isn't in. */
export function refuseCommunity(): never {
  throw new TlError('CHANNEL_PRIVATE');
}

/** Telegram's own answer to a client that is too old for what it asks. */
export function refuseOldClient(): never {
  throw new TlError('UPDATE_APP_TO_LOGIN');
}

/** Inline buttons as constructors of their own: `type` becomes part of the button. */
export function inlineRows(value: TlObject): object {
  const rows = (value as unknown as api.ReplyInlineMarkup).rows;
  return { rows: rows.map(({ buttons }) => ({ _: 'keyboardButtonRow', buttons: buttons.map(inlineButton) })) };
}

const INLINE_BUTTONS: Record<api.TypeInlineButtonType['_'], string> = {
  inlineButtonTypeUrl: 'keyboardButtonUrl',
  inlineButtonTypeUrlAuth: 'keyboardButtonUrlAuth',
  inputInlineButtonTypeUrlAuth: 'inputKeyboardButtonUrlAuth',
  inlineButtonTypeWebView: 'keyboardButtonWebView',
  inlineButtonTypeCallback: 'keyboardButtonCallback',
  inlineButtonTypeGame: 'keyboardButtonGame',
  inlineButtonTypeBuy: 'keyboardButtonBuy',
  inlineButtonTypeSwitchInline: 'keyboardButtonSwitchInline',
  inlineButtonTypeUserProfile: 'keyboardButtonUserProfile',
  inputInlineButtonTypeUserProfile: 'inputKeyboardButtonUserProfile',
  inlineButtonTypeCopy: 'keyboardButtonCopy',
  // A callback whose data nobody waits for: pressing it answers DATA_INVALID.
  inlineButtonTypeDisabled: 'keyboardButtonCallback',
};

function inlineButton({ style, text, type }: api.KeyboardInlineButton): TlObject {
  const button: TlObject = { ...type, _: INLINE_BUTTONS[type._], style, text };
  if (type._ === 'inlineButtonTypeDisabled') return { ...button, data: new Uint8Array(0) };
  if (type._ === 'inputInlineButtonTypeUrlAuth' && !type.bot) return { ...button, bot: { _: 'inputUserSelf' } };
  return button;
}

const REPLY_BUTTONS: Record<api.TypeButtonType['_'], string> = {
  buttonTypeDefault: 'keyboardButton',
  buttonTypeRequestPhone: 'keyboardButtonRequestPhone',
  buttonTypeRequestGeoLocation: 'keyboardButtonRequestGeoLocation',
  buttonTypeRequestPoll: 'keyboardButtonRequestPoll',
  buttonTypeRequestPeer: 'keyboardButtonRequestPeer',
  inputButtonTypeRequestPeer: 'inputKeyboardButtonRequestPeer',
  buttonTypeSimpleWebView: 'keyboardButtonSimpleWebView',
};

export function replyButton(value: TlObject): TlObject {
  const { style, text, type } = value as unknown as api.KeyboardButton;
  return { ...type, _: REPLY_BUTTONS[type._], style, text };
}

export function storiesMaxId(value: TlObject): object {
  const recent = (value as unknown as api.User).stories_max_id;
  return { stories_max_id: recent?.max_id };
}

export const storiesMaxIds = (value: unknown): number[] => (value as api.RecentStory[]).map(({ max_id }) => max_id ?? 0);

export function isAnonymous(value: TlObject): object {
  return { private: (value as unknown as api.UpdatePaidReactionPrivacy).private._ === 'paidReactionPrivacyAnonymous' };
}

/** Right answers by number, as the options of those answers. */
export function correctOptions(value: TlObject): object {
  const { poll, correct_answers } = value as unknown as api.InputMediaPoll;
  return {
    correct_answers: correct_answers?.map((index) => {
      const answer = poll.answers[index];
      return answer?._ === 'pollAnswer' ? answer.option : new Uint8Array(0);
    }),
  };
}

/** Layer 214 paged by number; ours are opaque strings, so such a client sees the first page only. */
export const noNumericOffset = (): object => ({ next_offset: undefined });

export function userOfPeer(value: TlObject): object {
  const by = (value as unknown as api.TodoCompletion).completed_by;
  return { completed_by: by._ === 'peerUser' ? by.user_id : by._ === 'peerChat' ? by.chat_id : by.channel_id };
}

export function groupCallText(value: TlObject): object {
  const { message } = value as unknown as api.UpdateGroupCallMessage;
  return { from_id: message.from_id, random_id: BigInt(message.id), message: message.message };
}

export const giftMonths = (value: TlObject): object => ({ months: Math.round((value['days'] as number) / 30) });

export function themeEmoticon(value: TlObject): object {
  const { theme } = value as unknown as api.MessageActionSetChatTheme;
  return { emoticon: theme._ === 'chatTheme' ? theme.emoticon : '' };
}

export function rarityPermille(value: TlObject): object {
  const { rarity } = value as unknown as api.StarGiftAttributeModel;
  return { rarity_permille: rarity._ === 'starGiftAttributeRarity' ? rarity.permille : 0 };
}

export const transactionStars = (value: TlObject): object => ({ stars: value['amount'] });
export const canReply = (value: TlObject): object => ({ can_reply: (value as unknown as api.ConnectedBot).rights.reply });

/** An ephemeral message without a peer belongs to the chat with its author. */
export const peerOrSelf = (value: TlObject): object => ({ peer_id: value['peer_id'] ?? value['from_id'] });

/** Nobody is promoted: layer 198 has no other way to say so than a peer that it doesn't know. */
export const promoPeer = (value: TlObject): object => ({ peer: value['peer'] ?? { _: 'peerUser', user_id: 0 } });

export function joinWebView(value: TlObject): object {
  return { webview: { _: 'webViewResultUrl', query_id: value['query_id'], url: '' } };
}

/** Joining answered its updates at once; where a bot has to be opened first, such a client can't join. */
export function joinedUpdates(value: unknown): TlObject {
  const result = value as api.TypeMessagesChatInviteJoinResult;
  if (result._ === 'messages.chatInviteJoinResultOk') return result.updates as unknown as TlObject;
  throw new TlError('INVITE_REQUEST_SENT');
}

export const yes = (): boolean => true;
