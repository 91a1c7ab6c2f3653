import fc from 'fast-check';
import { apiSchema, LAYERS, methodName, NEWEST_BIT, NEWEST_LAYER } from './layers';
import { REQUEST_DEPTH_MAX } from './limits';
import { readMethod, readObject, readResult } from './reader';
import { RandomValues, randomNumbers } from './testing/random-value';
import { TlError } from './tl-error';
import { writeObject, writeResult } from './writer';

const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value >>> 0, index * 4));
  return bytes;
};
const GET_USERS = 0x0d91a548;
const VECTOR = 0x1cb5c415;
const INPUT_USER_SELF = 0xf7c1b13f;
const sendMessage = (): Uint8Array => writeObject({ _: 'messages.sendMessage', peer: { _: 'inputPeerSelf' }, message: 'hello', random_id: 7n }, 'newest');

const errorOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof TlError) return error.type;
    throw error;
  }
  return 'none';
};

test('the layers are those that clients use', () => {
  expect(LAYERS).toEqual([198, 204, 214, 216, 218, 220, 221, 223, 225, 227, 228, 229]);
  expect(NEWEST_LAYER).toBe(229);
});

test('a method is known by any layer\'s id', () => {
  expect(methodName(GET_USERS)).toBe('users.getUsers');
  expect(methodName(0xe63be13f)).toBe('messages.setChatTheme');
  expect(methodName(INPUT_USER_SELF)).toBeUndefined();
  expect(methodName(0x12345678)).toBeUndefined();
});

describe('a call', () => {
  test('is read in the shape of the newest layer', () => {
    expect(readMethod(words(GET_USERS, VECTOR, 1, INPUT_USER_SELF))).toEqual({ name: 'users.getUsers', request: { _: 'users.getUsers', id: [{ _: 'inputUserSelf' }] } });
  });

  test.each([
    ['no bytes', Buffer.alloc(0), 'INPUT_FETCH_ERROR'],
    ['less than an id', Buffer.alloc(3), 'INPUT_FETCH_ERROR'],
    ['an id that no method has', words(0x12345678), 'INPUT_METHOD_INVALID_305419896'],
    ['a constructor instead of a method', words(INPUT_USER_SELF), 'INPUT_METHOD_INVALID_4156666175'],
    ['an argument that is cut off', words(GET_USERS, VECTOR), 'INPUT_FETCH_ERROR'],
    ['an argument that isn\'t a vector', words(GET_USERS, INPUT_USER_SELF), 'INPUT_FETCH_ERROR'],
    ['more elements than bytes', words(GET_USERS, VECTOR, 0x10000, INPUT_USER_SELF), 'INPUT_FETCH_ERROR'],
    ['a negative count', words(GET_USERS, VECTOR, -1), 'INPUT_FETCH_ERROR'],
    ['an element of another type', words(GET_USERS, VECTOR, 1, 0x997275b5), 'INPUT_CONSTRUCTOR_INVALID_997275B5'],
    ['an element that no layer knows', words(GET_USERS, VECTOR, 1, 0x12345678), 'INPUT_CONSTRUCTOR_INVALID_12345678'],
    ['bytes after its end', Buffer.concat([words(GET_USERS, VECTOR, 0), Buffer.alloc(4)]), 'INPUT_FETCH_ERROR'],
  ])('with %s is refused', (_, bytes, type) => {
    expect(errorOf(() => readMethod(bytes))).toBe(type);
  });

  test('is refused when cut anywhere', () => {
    const whole = sendMessage();
    for (let length = 0; length < whole.length; length++) expect(errorOf(() => readMethod(whole.slice(0, length)))).not.toBe('none');
  });

  test('may nest no deeper than the limit', () => {
    const nested = (depth: number): object => (depth === 0 ? { _: 'textEmpty' } : { _: 'textBold', text: nested(depth - 1) });
    const call = (depth: number): Uint8Array => writeObject({
      _: 'messages.sendMessage', peer: { _: 'inputPeerSelf' }, message: '', random_id: 1n,
      rich_message: { _: 'inputRichMessage', blocks: [{ _: 'pageBlockParagraph', text: nested(depth) }], photos: undefined } as never,
    }, 'newest');
    // The rich message and the block are two; the innermost text is one.
    expect(errorOf(() => readMethod(call(REQUEST_DEPTH_MAX - 3)))).toBe('none');
    expect(errorOf(() => readMethod(call(REQUEST_DEPTH_MAX - 2)))).toBe('INPUT_FETCH_ERROR');
  });

  test('may hold no more objects than the limit', () => {
    const count = 70_000;
    const bytes = Buffer.concat([words(GET_USERS, VECTOR, count), Buffer.concat(Array.from({ length: count }, () => words(INPUT_USER_SELF)))]);
    expect(errorOf(() => readMethod(bytes))).toBe('INPUT_FETCH_ERROR');
  });

  test('has text in valid UTF-8 only', () => {
    const bytes = Buffer.from(sendMessage());
    const at = bytes.indexOf('hello');
    bytes[at] = 0xff;
    expect(errorOf(() => readMethod(bytes))).toBe('INPUT_FETCH_ERROR');
    // A replacement character that the client itself wrote is text like any other.
    const replaced = writeObject({ _: 'messages.sendMessage', peer: { _: 'inputPeerSelf' }, message: 'a\ufffd', random_id: 7n }, 'newest');
    expect(readMethod(replaced).request).toMatchObject({ message: 'a\ufffd' });
    const long = Buffer.from(writeObject({ _: 'messages.sendMessage', peer: { _: 'inputPeerSelf' }, message: 'x'.repeat(300), random_id: 7n }, 'newest'));
    long[long.length - 20] = 0x80;
    expect(errorOf(() => readMethod(long))).toBe('INPUT_FETCH_ERROR');
  });

  test('keeps nothing of the bytes that it was read from', () => {
    const part = { _: 'upload.saveFilePart', file_id: 1n, file_part: 0, bytes: Buffer.from('some bytes that are long enough to be worth a view') } as const;
    const bytes = Buffer.from(writeObject(part, 'newest'));
    const { request } = readMethod(bytes);
    const read = (request as { bytes: Uint8Array }).bytes;
    bytes.fill(0);
    expect(Buffer.from(read).toString()).toBe(part.bytes.toString());
    expect(read.buffer.byteLength).toBe(part.bytes.length);
  });

  test('that wraps another one has its query as bytes', () => {
    const query = words(GET_USERS, VECTOR, 0);
    const { name, request } = readMethod(Buffer.concat([words(0xda9b0d0d, 229), query]));
    expect(name).toBe('invokeWithLayer');
    expect(request).toMatchObject({ layer: 229, query: new Uint8Array(query) });
  });

  test('may name a user or a channel by its InputPeer', () => {
    const channel = Buffer.concat([words(0x7f6a1e22, 0x27bcbbfc), Buffer.from('0100000000000000', 'hex'), Buffer.from('0200000000000000', 'hex')]);
    expect(readMethod(channel).request).toEqual({ _: 'channels.joinChannel', channel: { _: 'inputChannel', channel_id: 1, access_hash: 2n } });
    expect(readMethod(words(GET_USERS, VECTOR, 1, 0x7da07ec9)).request).toEqual({ _: 'users.getUsers', id: [{ _: 'inputUserSelf' }] });
    expect(errorOf(() => readMethod(Buffer.concat([words(GET_USERS, VECTOR, 1, 0x27bcbbfc), Buffer.alloc(16)])))).toBe('INPUT_CONSTRUCTOR_INVALID_27BCBBFC');
  });

  test('with an id beyond every possible one names nobody', () => {
    const bytes = Buffer.concat([words(GET_USERS, VECTOR, 1, 0xf21158c6), Buffer.from('ffffffffffffff7f', 'hex'), Buffer.alloc(8)]);
    expect(readMethod(bytes).request).toMatchObject({ id: [{ user_id: Number.MAX_SAFE_INTEGER }] });
  });
});

describe('a call of an older layer', () => {
  test('gets the newest shape', () => {
    const bytes = Buffer.concat([words(0xe63be13f, 0x7da07ec9), Buffer.from([3, ...Buffer.from('abc')])]);
    expect(readMethod(bytes).request).toEqual({ _: 'messages.setChatTheme', peer: { _: 'inputPeerSelf' }, theme: { _: 'inputChatTheme', emoticon: 'abc' } });
  });

  test('has its inline buttons turned into the newest', () => {
    const button = Buffer.concat([words(0x258aff05), Buffer.from([2, ...Buffer.from('Go'), 0]), Buffer.from([3, ...Buffer.from('t.m')])]);
    const markup = (id: number, ...flags: number[]): Buffer => Buffer.concat([words(id, ...flags, VECTOR, 1, 0x77608b83, VECTOR, 1), button]);
    expect(readObject(markup(0x48a30254), 'ReplyMarkup')).toEqual({
      _: 'replyInlineMarkup', rows: [{ _: 'keyboardInlineButtonRow', buttons: [{ _: 'keyboardInlineButton', text: 'Go', type: { _: 'inlineButtonTypeUrl', url: 't.m' } }] }],
    });
    expect(errorOf(() => readObject(markup(0x85dd99d1, 0), 'ReplyMarkup'))).toBe('BUTTON_TYPE_INVALID');
  });
});

test('results are read as they were written', () => {
  expect(readResult('messages.readMessageContents', writeResult('messages.readMessageContents', { _: 'messages.affectedMessages', pts: 1, pts_count: 2 }, 'newest'))).toMatchObject({ pts: 1, pts_count: 2 });
  expect(readResult('contacts.getContactIDs', writeResult('contacts.getContactIDs', [1, -2], 'newest'))).toEqual([1, -2]);
  expect(readResult('account.updateStatus', writeResult('account.updateStatus', true, 'newest'))).toBe(true);
  expect(readResult('users.getUsers', writeResult('users.getUsers', [], 'newest'))).toEqual([]);
  expect(errorOf(() => readResult('account.updateStatus', Buffer.alloc(8)))).toBe('INPUT_FETCH_ERROR');
});

describe('hostile bytes', () => {
  const methods = apiSchema().all().filter((definition) => definition.method && definition.layers & NEWEST_BIT);

  /** Reads, and fails on anything but a refusal. */
  const survives = (bytes: Uint8Array): void => {
    errorOf(() => readMethod(bytes));
  };

  test('behind a known method are read or refused', () => {
    fc.assert(fc.property(fc.constantFrom(...methods), fc.uint8Array({ maxLength: 400 }), (method, tail) => survives(Buffer.concat([words(method.id), tail]))), { numRuns: 3000 });
  });

  test('made of known constructors are read or refused', () => {
    const ids = apiSchema().all().map((definition) => definition.id);
    const word = fc.oneof(fc.constantFrom(...ids), fc.constant(VECTOR), fc.integer({ min: 0, max: 5 }), fc.integer());
    fc.assert(fc.property(fc.constantFrom(...methods), fc.array(word, { maxLength: 60 }), (method, tail) => survives(words(method.id, ...tail))), { numRuns: 3000 });
  });

  test('made of a true call with a byte changed are read or refused', () => {
    const values = new RandomValues(apiSchema(), NEWEST_BIT, randomNumbers(5));
    fc.assert(fc.property(fc.constantFrom(...methods.filter(({ fields }) => !fields.some(({ type }) => type === '!X'))), fc.nat(), fc.integer({ min: 0, max: 255 }), (method, at, byte) => {
      const bytes = writeObject(values.of(method) as never, 'newest');
      bytes[at % bytes.length] = byte;
      survives(bytes);
    }), { numRuns: 2000 });
  });
});
