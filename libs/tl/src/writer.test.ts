import type { Message, Updates, TypeUpdates } from './gen/api';
import { LAYERS } from './layers';
import { readObject } from './reader';
import { TlWriteError } from './output';
import { TlError } from './tl-error';
import { writeInto, writeObject, writeResult } from './writer';

const message = (content: Partial<Message> = {}): Message => ({ _: 'message', id: 1, peer_id: { _: 'peerUser', user_id: 42 }, date: 1_700_000_000, message: 'hi', ...content });
const inUpdates = (...updates: Updates['updates']): Updates => ({ _: 'updates', updates, users: [], chats: [], date: 1, seq: 0 });
/** Written for a layer and read back: what its client is told, in the newest words. */
const told = (value: TypeUpdates, layer: number): Updates => readObject(writeObject(value, layer), 'Updates') as Updates;

test('the same object has each layer\'s own constructor ids', () => {
  const ids = new Set(LAYERS.map((layer) => Buffer.from(writeObject(message(), layer)).readUInt32LE(0).toString(16)));
  expect(ids).toContain('7600b9d3');
  expect(ids).toContain('9cb490e9');
  for (const layer of LAYERS) expect(readObject(writeObject(message(), layer), 'Message')).toEqual(message());
});

test('an optional vector may be empty, and is told apart from an absent one', () => {
  expect(readObject(writeObject(message({ entities: [] }), 229), 'Message')).toEqual(message({ entities: [] }));
});

describe('what a layer lacks', () => {
  test.each([
    ['media', { media: { _: 'messageMediaToDo', todo: { _: 'todoList', title: { _: 'textWithEntities', text: '', entities: [] }, list: [] } } }, { media: { _: 'messageMediaUnsupported' } }],
    ['an entity', { entities: [{ _: 'messageEntityFormattedDate', offset: 1, length: 2, date: 5 } as never] }, { entities: [{ _: 'messageEntityUnknown', offset: 1, length: 2 }] }],
  ] as [string, Partial<Message>, Partial<Message>][])('in a message is %s of the kind "unsupported"', (_, content, instead) => {
    expect(readObject(writeObject(message(content), 198), 'Message')).toEqual(message(instead));
    expect(readObject(writeObject(message(content), 229), 'Message')).toEqual(message(content));
  });

  test('is left out of a vector of updates', () => {
    const updates = inUpdates({ _: 'updateNewMessage', message: message(), pts: 1, pts_count: 1 }, { _: 'updateAiComposeTones' }, { _: 'updateReadHistoryInbox', peer: { _: 'peerUser', user_id: 1 }, max_id: 1, still_unread_count: 0, pts: 2, pts_count: 1 });
    expect(told(updates, 198).updates.map(({ _ }) => _)).toEqual(['updateNewMessage', 'updateReadHistoryInbox']);
    expect(told(updates, 229).updates).toHaveLength(3);
  });

  test('deep inside an update leaves out the whole update', () => {
    const settings = { _: 'updateNotifySettings', peer: { _: 'notifyCommunity', community_id: 5 }, notify_settings: { _: 'peerNotifySettings' } } as const;
    const typing = { _: 'updateUserTyping', user_id: 1, action: { _: 'sendMessageTypingAction' } } as const;
    expect(told(inUpdates(typing, settings, typing), 198).updates).toEqual([typing, typing]);
    expect(told(inUpdates(typing, settings, typing), 229).updates).toEqual([typing, settings, typing]);
  });

  test('alone in updateShort becomes no updates', () => {
    expect(told({ _: 'updateShort', update: { _: 'updateAiComposeTones' }, date: 9 }, 198)).toEqual({ ...inUpdates(), date: 9 });
  });

  test('in an optional field is left away', () => {
    const draft = { _: 'draftMessage', message: 'x', date: 1, reply_to: { _: 'inputReplyToEphemeralMessage', id: 4 } } as const;
    expect(readObject(writeObject(draft, 198), 'DraftMessage')).toEqual({ _: 'draftMessage', message: 'x', date: 1 });
    expect(readObject(writeObject(draft, 229), 'DraftMessage')).toEqual(draft);
  });

  test('and nothing can stand for is Telegram\'s error, and the next write is none the worse', () => {
    const payment = { _: 'auth.sentCodePaymentRequired', store_product: '', phone_code_hash: '', support_email_address: '', support_email_subject: '', premium_days: 1, currency: '', amount: 1n } as const;
    expect(() => writeObject(payment, 198)).toThrow(new TlError('UPDATE_APP_TO_LOGIN'));
    expect(readObject(writeObject(message(), 198), 'Message')).toEqual(message());
  });
});

test('keyboards of the newest layer are those of the older ones', () => {
  const markup = {
    _: 'replyInlineMarkup', rows: [{ _: 'keyboardInlineButtonRow', buttons: [
      { _: 'keyboardInlineButton', text: 'a', type: { _: 'inlineButtonTypeUrl', url: 'u' } },
      { _: 'keyboardInlineButton', text: 'b', type: { _: 'inlineButtonTypeCallback', data: new Uint8Array([1]) } },
    ] }],
  } as const;
  const reply = { _: 'replyKeyboardMarkup', rows: [{ _: 'keyboardButtonRow', buttons: [{ _: 'keyboardButton', text: 'c', type: { _: 'buttonTypeRequestPhone' } }, { _: 'keyboardButton', text: 'd', type: { _: 'buttonTypeDefault' } }] }] } as const;
  for (const layer of LAYERS) {
    expect(readObject(writeObject(markup as never, layer), 'ReplyMarkup')).toEqual(markup);
    expect(readObject(writeObject(reply as never, layer), 'ReplyMarkup')).toEqual(reply);
  }
  expect(Buffer.from(writeObject(markup as never, 198)).includes(Buffer.from('05ff8a25', 'hex'))).toBe(true);
});

test('a method\'s result has the type that the layer declares', () => {
  const joined = { _: 'messages.chatInviteJoinResultOk', updates: inUpdates() } as const;
  expect(readObject(writeResult('channels.joinChannel', joined, 198), 'Updates')).toEqual(inUpdates());
  expect(readObject(writeResult('channels.joinChannel', joined, 229), 'messages.ChatInviteJoinResult')).toEqual(joined);
  expect(Buffer.from(writeResult('stories.getPeerMaxIDs', [{ _: 'recentStory', max_id: 7 }], 198)).toString('hex')).toBe('15c4b51c0100000007000000');
});

test('a defect says which field it is', () => {
  const broken = inUpdates({ _: 'updateNewMessage', message: { ...message(), date: undefined as never }, pts: 1, pts_count: 1 });
  expect(() => writeObject(broken, 'newest')).toThrow(/updates\.updates\.\[0\]\.updateNewMessage\.message\.message\.date: int expected, got undefined/);
  expect(() => writeObject({ ...message(), peer_id: { _: 'userEmpty', id: 1 } as never }, 'newest')).toThrow(TlWriteError);
  expect(() => writeObject({ ...message(), id: 1.5 }, 'newest')).toThrow('message.id: int expected, got 1.5');
  expect(() => writeObject({ ...message(), peer_id: { _: 'peerUser', user_id: 2 ** 60 } }, 'newest')).toThrow(TlWriteError);
});

test('fields that share a flag come together', () => {
  expect(() => writeObject(message({ views: 1 }), 'newest')).toThrow('message.forwards: int expected, got undefined');
});

test('a layer that isn\'t served is refused', () => {
  expect(() => writeObject(message(), 199)).toThrow(RangeError);
});

test('no client\'s layer has our own constructors', () => {
  const content = { _: 'heliograph.messageContent', message: 'secret' } as const;
  expect(readObject(writeObject(content, 'newest'), 'heliograph.MessageContent')).toEqual(content);
  expect(() => writeObject(content, 229)).toThrow('this layer has no constructor heliograph.messageContent');
});

test('an object is written into a buffer, where it fits', () => {
  const buffer = Buffer.alloc(200);
  const end = writeInto(buffer, 10, message(), 229);
  expect(readObject(buffer.subarray(10, end), 'Message')).toEqual(message());
  expect(() => writeInto(Buffer.alloc(20), 0, message(), 229)).toThrow(RangeError);
});

test('strings of every length and script survive', () => {
  for (const unit of ['a', 'ß', '字', '👍']) {
    for (const length of [0, 1, 2, 3, 31, 32, 33, 63, 64, 84, 85, 126, 127, 253, 254, 255, 5000, 40_000]) {
      const text = unit.repeat(length);
      expect((readObject(writeObject(message({ message: text }), 229), 'Message') as Message).message === text).toBe(true);
    }
  }
});
