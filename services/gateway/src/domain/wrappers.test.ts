import { CONSTRUCTOR } from './constructors';
import { MalformedError } from './tl-cursor';
import { bytesFieldSize, TlBytes } from './tl-bytes';
import { unwrap, type Wrapping } from './wrappers';

const u32 = (...values: number[]): Buffer => values.reduce((out, value) => out.uint32(value), new TlBytes(values.length * 4)).done();
const long = (value: bigint): Buffer => new TlBytes(8).long(value).done();
const str = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return new TlBytes(bytesFieldSize(bytes.length)).bytesField(bytes).done();
};
const cat = (...parts: Buffer[]): Buffer => Buffer.concat(parts);
const QUERY = u32(0xc4f9186b);
const layer = (inner: Buffer, number = 227): Buffer => cat(u32(CONSTRUCTOR.invokeWithLayer, number), inner);
const texts = cat(str('Desktop'), str('6.1'), str('1.0'), str('en-US'), str('tdesktop'), str('en'));
const json = cat(
  u32(CONSTRUCTOR.jsonObject, CONSTRUCTOR.vector, 2),
  u32(CONSTRUCTOR.jsonObjectValue), str('tz_offset'), u32(CONSTRUCTOR.jsonNumber), long(1n),
  u32(CONSTRUCTOR.jsonObjectValue), str('list'), u32(CONSTRUCTOR.jsonArray, CONSTRUCTOR.vector, 2, CONSTRUCTOR.jsonNull, CONSTRUCTOR.jsonBool, 0x997275b5),
);
const init = (inner: Buffer, flags = 0, middle: Buffer = Buffer.alloc(0)): Buffer => cat(u32(CONSTRUCTOR.initConnection, flags, 12345), texts, middle, inner);

function run(body: Uint8Array): { rest: Buffer; wrapping: Wrapping } {
  const wrapping: Wrapping = { depth: 0 };
  return { rest: Buffer.from(unwrap(body, wrapping)), wrapping };
}

test('takes wrappers off in any order', () => {
  const one = run(layer(init(cat(u32(CONSTRUCTOR.invokeAfterMsg), long(8n), u32(CONSTRUCTOR.invokeWithoutUpdates), QUERY))));
  const other = run(cat(u32(CONSTRUCTOR.invokeWithoutUpdates, CONSTRUCTOR.invokeAfterMsg), long(8n), init(layer(QUERY))));
  for (const { rest, wrapping } of [one, other]) {
    expect(rest).toEqual(QUERY);
    expect(wrapping).toMatchObject({ layer: 227, withoutUpdates: true, after: [8n], depth: 4, client: { apiId: 12345, deviceModel: 'Desktop', langCode: 'en' } });
  }
});

test('passes over the proxy and the JSON parameters of initConnection', () => {
  const proxy = cat(u32(CONSTRUCTOR.inputClientProxy), str('127.0.0.1'), u32(443));
  expect(run(init(QUERY, 3, cat(proxy, json))).rest).toEqual(QUERY);
});

test('stops at a packed query, and goes on behind it', () => {
  const packed = cat(u32(CONSTRUCTOR.gzip_packed), str('…'));
  const first = run(layer(packed));
  expect(first.rest).toEqual(packed);
  expect(Buffer.from(unwrap(init(QUERY), first.wrapping))).toEqual(QUERY);
  expect(first.wrapping.client?.appVersion).toBe('1.0');
});

test.each([
  [cat(u32(CONSTRUCTOR.invokeWithTakeout), long(1n), QUERY), 'TAKEOUT_INVALID'],
  [cat(u32(CONSTRUCTOR.invokeWithBusinessConnection), str('x'), QUERY), 'CONNECTION_ID_INVALID'],
  [cat(u32(CONSTRUCTOR.invokeWithMessagesRange, CONSTRUCTOR.messageRange, 1, 100), QUERY), 'TAKEOUT_REQUIRED'],
  [cat(u32(CONSTRUCTOR.invokeWithMessagesRange, CONSTRUCTOR.messageRange, 1, 0x7fffffff), QUERY), undefined],
])('refuses what refers to nothing here', (body, refusal) => {
  expect(run(body).wrapping.refusal).toBe(refusal);
});

test('keeps only the first part of long texts', () => {
  const long = cat(u32(CONSTRUCTOR.initConnection, 0, 1), str('m'.repeat(5_000)), str(''), str(''), str(''), str(''), str(''), QUERY);
  expect(run(long).wrapping.client?.deviceModel).toHaveLength(128);
});

const deepJson = cat(...Array.from({ length: 40 }, () => u32(CONSTRUCTOR.jsonArray, CONSTRUCTOR.vector, 1)), u32(CONSTRUCTOR.jsonNull));
test.each([
  ['nothing inside', u32(CONSTRUCTOR.invokeWithoutUpdates)],
  ['no query at all', Buffer.alloc(0)],
  ['seventeen wrappers', Array.from({ length: 17 }).reduce<Buffer>((inner) => layer(inner), QUERY)],
  ['a range that is none', cat(u32(CONSTRUCTOR.invokeWithMessagesRange, CONSTRUCTOR.vector, 1, 100), QUERY)],
  ['two billion ids', cat(u32(CONSTRUCTOR.invokeAfterMsgs, CONSTRUCTOR.vector, 0x7fffffff), QUERY)],
  ['65 ids', cat(u32(CONSTRUCTOR.invokeAfterMsgs, CONSTRUCTOR.vector, 65), Buffer.alloc(65 * 8), QUERY)],
  ['JSON that nests too deep', init(QUERY, 2, deepJson)],
  ['JSON of two billion values', init(QUERY, 2, u32(CONSTRUCTOR.jsonArray, CONSTRUCTOR.vector, 0x7fffffff))],
  ['a string that runs over the end', cat(u32(CONSTRUCTOR.invokeWithBusinessConnection), Buffer.from([200, 1, 2, 3]))],
  ['a text that is no UTF-8', cat(u32(CONSTRUCTOR.initConnection, 0, 1), Buffer.from([2, 0xff, 0xfe, 0]), texts, QUERY)],
])('is malformed with %s', (_, body) => {
  expect(() => run(body)).toThrow(MalformedError);
});
