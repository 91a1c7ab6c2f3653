import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ScalarType, create, fromBinary, toBinary, type DescField, type DescFile, type DescMessage, type Message, type MessageInitShape } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { decode, encode, isMade } from './codec';
import { BoxUpdateSchema, CommandSchema, MessageRecordSchema } from './gen/heliograph/box/v1/box_pb';

/** Every message type of the project. */
let types: DescMessage[];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? filesOf(join(folder, entry.name)) : [join(folder, entry.name)]));
}

function messagesOf(exported: Record<string, unknown>): DescMessage[] {
  const files = Object.entries(exported).filter(([name]) => name.startsWith('file_')).map(([, file]) => file as DescFile);
  const nested = (message: DescMessage): DescMessage[] => [message, ...message.nestedMessages.flatMap(nested)];
  return files.flatMap(({ messages }) => messages.flatMap(nested));
}

const int32 = fc.oneof(fc.constant(0), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.nat(300));
const uint32 = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.nat(300));
const int64 = fc.oneof(fc.constant(0n), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 53n }), fc.bigInt({ min: -300n, max: 300n }));
const uint64 = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 50n }), fc.bigInt({ min: 0n, max: 300n }));
const text = fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 60 }), fc.constant('\ufeffmark \ufffd'));

function scalar(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING: return text;
    case ScalarType.BYTES: return fc.uint8Array({ maxLength: 200 });
    case ScalarType.BOOL: return fc.boolean();
    case ScalarType.DOUBLE: return fc.double();
    case ScalarType.FLOAT: return fc.float();
    case ScalarType.UINT32: case ScalarType.FIXED32: return uint32;
    case ScalarType.INT64: case ScalarType.SINT64: case ScalarType.SFIXED64: return int64;
    case ScalarType.UINT64: case ScalarType.FIXED64: return uint64;
    default: return int32;
  }
}

function value(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if (field.message !== undefined) return fc.oneof(init(field.message, depth - 1), message(field.message, depth - 1));
  return field.enum === undefined ? scalar(field.scalar as ScalarType) : fc.oneof(fc.constantFrom(...field.enum.values.map(({ number }) => number)), fc.nat(200));
}

const message = (desc: DescMessage, depth: number): fc.Arbitrary<Message> => init(desc, depth).map((of) => create(desc, of));

/** What initialises a message, in itself and in what is within it; few fields of large ones, so that all of them come to be. */
function init(desc: DescMessage, depth: number): fc.Arbitrary<MessageInitShape<DescMessage>> {
  const members = desc.members.filter((member) => depth > 0 || (member.kind === 'field' && member.message === undefined));
  const parts = members.map((member) => {
    const given = member.kind === 'oneof'
      ? fc.oneof(...member.fields.map((field) => value(field, depth).map((of) => ({ case: field.localName, value: of }))))
      : member.fieldKind === 'list' ? fc.array(value(member, depth), { maxLength: 4 }) : value(member, depth);
    return fc.option(given.map((of) => [member.localName, of] as const), { nil: undefined, freq: 2 });
  });
  return fc.tuple(...parts).map((entries) => Object.fromEntries(entries.filter((entry) => entry !== undefined)) as MessageInitShape<DescMessage>);
}

/** What it gives or how it fails. */
function outcome<T>(run: () => T): { gives: T } | { fails: string } {
  try {
    return { gives: run() };
  } catch (error) {
    return { fails: String(error) };
  }
}

beforeAll(async () => {
  const files = await Promise.all(filesOf(join(__dirname, 'gen')).map((path) => import(path) as Promise<Record<string, unknown>>));
  types = files.flatMap(messagesOf);
});

describe('made codecs', () => {
  test('every type of the project has one', () => {
    expect(types.length).toBeGreaterThan(300);
    expect(types.filter((type) => !isMade(type)).map(String)).toEqual([]);
  });

  test('they write the bytes that the general one writes, and read what it reads', () => {
    for (const type of types) {
      fc.assert(fc.property(message(type, 3), (of) => {
        const bytes = toBinary(type, of);
        expect(hex(encode(type, of))).toBe(hex(bytes));
        expect(decode(type, bytes)).toEqual(fromBinary(type, bytes));
      }), { numRuns: 25 });
    }
  });

  test('what initialises a message is written as the message', () => {
    for (const type of types) {
      fc.assert(fc.property(init(type, 3), (of) => {
        expect(hex(encode(type, of))).toBe(hex(toBinary(type, create(type, of))));
      }), { numRuns: 25 });
    }
    expect(hex(encode(MessageRecordSchema, { id: 7, content: undefined, mentions: undefined as never }))).toBe('0807');
  });

  test('bytes that are not what was written are read, or refused, as the general one does it', () => {
    const changed = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.boolean(), doubled: fc.boolean() });
    for (const type of types) {
      fc.assert(fc.property(message(type, 3), changed, (of, { at, byte, cut, doubled }) => {
        let bytes = Buffer.from(toBinary(type, of));
        if (doubled) bytes = Buffer.concat([bytes, bytes]);
        if (bytes.length > 0) bytes[at % bytes.length] = byte;
        if (cut) bytes = bytes.subarray(0, at % (bytes.length + 1));
        expect(outcome(() => decode(type, bytes))).toEqual(outcome(() => fromBinary(type, bytes)));
      }), { numRuns: 40 });
    }
  });

  test('any bytes at all', () => {
    fc.assert(fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 40 }), (type, bytes) => {
      expect(outcome(() => decode(type, bytes))).toEqual(outcome(() => fromBinary(type, bytes)));
    }), { numRuns: 3000 });
  });

  test('fields of a newer release survive', () => {
    const bytes = Uint8Array.from([0x08, 0x05, 0xf8, 0x7f, 0x07]);
    expect(hex(encode(MessageRecordSchema, decode(MessageRecordSchema, bytes)))).toBe('0805f87f07');
    const update = decode(BoxUpdateSchema, Buffer.concat([Buffer.from([0x42, bytes.length]), bytes]));
    expect(hex(encode(BoxUpdateSchema, update))).toBe('4205' + hex(bytes));
  });

  test('what is longer than the writer is at first, and what comes after it', () => {
    const long = create(MessageRecordSchema, { id: 7, content: { sealed: new Uint8Array(9_000_000).fill(3), tokens: new Uint8Array(300) }, mentions: new Array<bigint>(5000).fill(-1n) });
    expect(Buffer.compare(encode(MessageRecordSchema, long), toBinary(MessageRecordSchema, long))).toBe(0);
    expect(hex(encode(MessageRecordSchema, create(MessageRecordSchema, { id: 7 })))).toBe('0807');
  });

  test.each([
    ['a number that is no integer', { effect: 1.5 }],
    ['a number beyond 32 bits', { effect: 2 ** 40 }],
    ['a number for a bigint', { box: 5 }],
    ['a bigint beyond 64 bits', { box: 2n ** 63n }],
    ['a string for bytes', { origin: { $typeName: 'another', box: 1n } }],
    ['half a character', { traceparent: 'a\ud800b' }],
  ])('%s is written, or refused, as the general one does it', (_, wrong) => {
    const command = Object.assign(create(CommandSchema, { effect: 1 }), wrong);
    expect(outcome(() => hex(encode(CommandSchema, command)))).toEqual(outcome(() => hex(toBinary(CommandSchema, command))));
  });

  test('what was written is not written over', () => {
    const first = encode(MessageRecordSchema, create(MessageRecordSchema, { id: 1 }));
    encode(MessageRecordSchema, create(MessageRecordSchema, { id: 2 }));
    expect(hex(first)).toBe('0801');
  });
});
