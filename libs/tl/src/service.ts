import { compileRead, compileWrite, type ObjectReader, type ObjectWriter, type ReadFunction, type TlObject, type WriteFunction } from './compile';
import type * as service from './gen/service-api';
import { SERVICE_TABLE } from './gen/tables';
import { Input } from './input';
import { Output, TlWriteError } from './output';
import { Schema } from './schema';
import { constructorInvalid, fetchError } from './tl-error';

/**
 * MTProto's own constructors and methods by name (libs/tl/schema/mtproto.tl), for what isn't on a hot path.
 * What frames arbitrary bytes (msg_container, rpc_result, gzip_packed) is cut by offsets: see the functions below.
 */

/** Every constructor and method of MTProto but those that frame others. */
export type ServiceObject = service.Types[keyof service.Types] | service.Api[service.MethodName]['request'];
export type { service };

let schema: Schema | undefined;
const serviceSchema = (): Schema => (schema ??= new Schema(SERVICE_TABLE));

const readers = new Map<number, ReadFunction>();
const writers = new Map<string, WriteFunction>();

/** future_salts has a bare vector of bare future_salt; no other service constructor nests. */
const nothingNested: ObjectReader & ObjectWriter = {
  object: () => { throw fetchError(); },
  objects: () => { throw fetchError(); },
  says: () => true,
};

const FUTURE_SALTS = 0xae500895;
const RPC_RESULT = 0xf35c6d01;
const MSG_CONTAINER = 0x73f1f8dc;
const SERVICE_OBJECTS_MAX = 8192;

/** Reads one service object with nothing after it. Throws TlError. */
export function readService(bytes: Uint8Array): ServiceObject {
  const input = new Input(bytes, 0, 1, SERVICE_OBJECTS_MAX);
  const id = input.uint();
  if (id === FUTURE_SALTS) return readFutureSalts(input);
  let read = readers.get(id);
  if (!read) {
    const definition = serviceSchema().byConstructorId(id);
    if (!definition) throw constructorInvalid(id);
    readers.set(id, (read = compileRead(definition)));
  }
  const value = read(input, nothingNested);
  if (input.offset !== input.end) throw fetchError();
  return value as unknown as ServiceObject;
}

function readFutureSalts(input: Input): ServiceObject {
  const req_msg_id = input.long();
  const now = input.int();
  const salts: service.FutureSalt[] = [];
  for (let count = input.bareVector(16); count > 0; count--) salts.push({ _: 'future_salt', valid_since: input.int(), valid_until: input.int(), salt: input.long() });
  if (input.offset !== input.end) throw fetchError();
  return { _: 'future_salts', req_msg_id, now, salts };
}

/** The bytes of one service object. Throws TlWriteError. */
export function writeService(value: ServiceObject): Uint8Array {
  const output = new Output(Buffer.allocUnsafe(1024));
  if (value._ === 'future_salts') {
    output.word(FUTURE_SALTS);
    output.long(value.req_msg_id);
    output.int(value.now);
    output.word(value.salts.length);
    for (const salt of value.salts) {
      output.int(salt.valid_since);
      output.int(salt.valid_until);
      output.long(salt.salt);
    }
  } else {
    let write = writers.get(value._);
    if (!write) {
      const definition = serviceSchema().named(value._, false, 1) ?? serviceSchema().named(value._, true, 1);
      if (!definition) throw new TlWriteError(`MTProto has no constructor ${value._}`);
      writers.set(value._, (write = compileWrite(definition)));
    }
    write(output, value as unknown as TlObject, nothingNested);
  }
  return new Uint8Array(output.bytes.subarray(0, output.offset));
}

/** `rpc_result` around an answer's bytes. */
export function writeRpcResult(requestMessageId: bigint, answer: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(12 + answer.length);
  bytes.writeUInt32LE(RPC_RESULT, 0);
  bytes.writeBigInt64LE(BigInt.asIntN(64, requestMessageId), 4);
  bytes.set(answer, 12);
  return bytes;
}

/** One message of a container. */
export interface ContainedMessage {
  readonly msgId: bigint;
  readonly seqNo: number;
  readonly body: Uint8Array;
}

/** `msg_container` around messages. */
export function writeContainer(messages: readonly ContainedMessage[]): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(messages.reduce((sum, { body }) => sum + 16 + body.length, 8));
  bytes.writeUInt32LE(MSG_CONTAINER, 0);
  bytes.writeUInt32LE(messages.length, 4);
  let offset = 8;
  for (const { msgId, seqNo, body } of messages) {
    bytes.writeBigInt64LE(BigInt.asIntN(64, msgId), offset);
    bytes.writeInt32LE(seqNo, offset + 8);
    bytes.writeUInt32LE(body.length, offset + 12);
    bytes.set(body, offset + 16);
    offset += 16 + body.length;
  }
  return bytes;
}

/** The messages of a `msg_container`, their bodies as views into `bytes`. Throws TlError when it isn't one, whole and with nothing after it. */
export function readContainer(bytes: Uint8Array): ContainedMessage[] {
  const input = new Input(bytes, 0, 1, SERVICE_OBJECTS_MAX);
  const id = input.uint();
  if (id !== MSG_CONTAINER) throw constructorInvalid(id);
  const messages: ContainedMessage[] = [];
  for (let count = input.bareVector(16); count > 0; count--) {
    const msgId = input.long();
    const seqNo = input.int();
    const length = input.uint();
    const start = input.offset;
    if (length % 4 !== 0 || start + length > input.end) throw fetchError();
    input.offset = start + length;
    messages.push({ msgId, seqNo, body: bytes.subarray(start, start + length) });
  }
  if (input.offset !== input.end) throw fetchError();
  return messages;
}
