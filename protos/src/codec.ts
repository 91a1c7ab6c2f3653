import { create, fromBinary, toBinary, type DescField, type DescMessage, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import { readerSource, writerSource } from './codec-source';
import { ODD, Reader, Writer } from './wire';

/** The parts of one message type's codec. `read` leaves the reader at `end`; both throw ODD at what they don't cover. */
export interface Parts {
  read(reader: Reader, end: number): object;
  write(writer: Writer, message: object): void;
}

/** By type; undefined: the type has something that they don't cover, or code may not be made here. */
const known = new WeakMap<DescMessage, Parts | undefined>();
const writer = new Writer();

/**
 * The message that `bytes` say: the same as `fromBinary`, several times as fast. A type's first use makes a function for it out of its descriptor; what
 * that doesn't cover (unknown fields, fields in pieces, anything malformed) is read by `fromBinary`, whose errors are thrown. Fields of bytes are views of `bytes`.
 */
export function decode<S extends DescMessage>(schema: S, bytes: Uint8Array): MessageShape<S> {
  const parts = partsOf(schema);
  if (parts === undefined) return fromBinary(schema, bytes);
  try {
    return parts.read(new Reader(bytes), bytes.length) as MessageShape<S>;
  } catch (error) {
    if (error !== ODD) throw error;
    return fromBinary(schema, bytes);
  }
}

/**
 * The bytes of a message, or of what initialises one: those of `toBinary` and `create`, several times as fast. What it doesn't cover (unknown fields, values
 * that are not of their type) is written by them, and their errors are thrown.
 */
export function encode<S extends DescMessage>(schema: S, message: MessageInitShape<S>): Buffer {
  const parts = partsOf(schema);
  if (parts === undefined) return generally(schema, message);
  writer.at = 0;
  try {
    parts.write(writer, message);
    return writer.taken();
  } catch (error) {
    if (error !== ODD) throw error;
    return generally(schema, message);
  }
}

function generally<S extends DescMessage>(schema: S, message: MessageInitShape<S>): Buffer {
  const { buffer, byteOffset, byteLength } = toBinary(schema, create(schema, message));
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Whether functions are made for the type; else everything goes the general way. */
export function isMade(schema: DescMessage): boolean {
  return partsOf(schema) !== undefined;
}

function partsOf(desc: DescMessage): Parts | undefined {
  if (known.has(desc)) return known.get(desc);
  const covered = isCovered(desc, new Set());
  return make(desc, covered && mayMakeCode());
}

/** The parts of a type and of those within it. */
function make(desc: DescMessage, allowed: boolean): Parts | undefined {
  if (known.has(desc)) return known.get(desc);
  if (!allowed) {
    known.set(desc, undefined);
    return undefined;
  }
  // Types may contain each other, so what contains one holds its parts before they are there.
  const parts = {} as Parts;
  known.set(desc, parts);
  const within = desc.fields.filter((field) => field.message !== undefined).map((field) => make(field.message as DescMessage, true) as Parts);
  parts.read = compiled<Parts['read']>('reader, end', readerSource(desc), within);
  parts.write = compiled<Parts['write']>('writer, message', writerSource(desc), within);
  return parts;
}

/** `within`: by place among the fields that are messages, `within0`, `within1`, … in the source. */
function compiled<F>(parameters: string, source: string, within: readonly Parts[]): F {
  const names = within.map((_, place) => `within${place}`);
  const maker = new Function('ODD', ...names, `'use strict';\nreturn (${parameters}) => {\n${source}\n};`) as (...values: unknown[]) => F;
  return maker(ODD, ...within);
}

/** Types of proto3 without maps, wrappers and structs: all of this project's. */
function isCovered(desc: DescMessage, seen: Set<DescMessage>): boolean {
  if (seen.has(desc)) return true;
  seen.add(desc);
  return desc.file.proto.syntax === 'proto3' && !desc.typeName.startsWith('google.protobuf.') && desc.fields.every((field) => isCoveredField(field, seen));
}

function isCoveredField(field: DescField, seen: Set<DescMessage>): boolean {
  if (field.fieldKind === 'map') return false;
  if (field.message !== undefined) return !field.delimitedEncoding && isCovered(field.message, seen);
  if (field.enum !== undefined) return field.enum.open;
  return !('longAsString' in field && field.longAsString);
}

/** Not where Node was started with --disallow-code-generation-from-strings. */
function mayMakeCode(): boolean {
  try {
    return new Function('return true')() === true;
  } catch {
    return false;
  }
}
