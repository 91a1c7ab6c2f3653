import { constructorsOf, elementType, isPlain, plainType, definitionOf, type Definition, type TlValue } from './definitions';
import { encodeMarked, type Mark } from './marked-encoder';
import type { SampleRequests } from './sample-requests';
import { tlBytes } from '../client/tl-bytes';

/** What is done to a valid request, one after the other. */
export const MUTATIONS = ['fill', 'count', 'constructor', 'sameType', 'flags', 'int', 'long', 'string', 'notUtf8', 'long string', 'double', 'flip', 'cut', 'insert', 'repeat'] as const;
export type Mutation = (typeof MUTATIONS)[number];

const INTS = [0, 1, -1, 2, 100, 101, 1_000, 65_536, 0x7fffffff, -0x80000000, 0x40000000];
const LONGS = [0n, 1n, -1n, 777_000n, 1n << 31n, 1n << 40n, 1n << 53n, (1n << 63n) - 1n, -(1n << 63n)];
const DOUBLES = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e308, 5e-324];
const TEXTS = ['', ' ', '\u0000', 'x'.repeat(5_000), '\u202e', '👩‍👩‍👧', '@someone', '../..', '%s%n', '<b>', '‮'.repeat(300), '1'.repeat(40), '+999662', 'Ａ', '\ud7ff'];

const FILL_DEPTH_MAX = 4;

/** The same entropy makes the same numbers (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Makes hostile queries out of valid ones, knowing what stands where. */
export class Mutator {
  constructor(private readonly samples: SampleRequests) {}

  /** The query of `method` after the mutations; what each of them hits follows from `entropy` alone, but for fresh random ids. */
  query(method: string, entropy: number, mutations: readonly Mutation[]): Buffer {
    const next = numbers(entropy);
    let value = this.samples.request(method);
    if (mutations.includes('fill')) value = this.fill(definitionOf(method, true), value, next, FILL_DEPTH_MAX);
    const { bytes, marks } = encodeMarked(value);
    let query: Buffer = bytes;
    for (const mutation of mutations) query = mutation === 'fill' ? query : mutate(query, marks, mutation, next);
    return Buffer.concat([query, Buffer.alloc((4 - (query.length % 4)) % 4)]);
  }

  /** Sets optional fields and other values at random, in the schema's shape. */
  private fill(definition: Definition, value: TlValue, next: () => number, depth: number): TlValue {
    const filled: Record<string, unknown> & { _: string } = { ...value };
    const taken = new Map<string, boolean>();
    for (const { name, type, flagField, bit } of definition.fields) {
      if (type === '#') continue;
      if (flagField !== undefined) {
        const flag = `${flagField}.${bit}`;
        if (!taken.has(flag)) taken.set(flag, next() % 3 === 0);
        if (taken.get(flag) === true) filled[name] = type === 'true' ? true : this.random(type, next, depth - 1);
        else delete filled[name];
      } else if (next() % 3 === 0) filled[name] = this.random(type, next, depth - 1);
    }
    return filled;
  }

  private random(type: string, next: () => number, depth: number): unknown {
    const element = elementType(type);
    if (element !== undefined) return depth <= 0 ? [] : Array.from({ length: next() % 4 }, () => this.random(element, next, depth - 1));
    const pick = <T>(values: readonly T[]): T => values[next() % values.length] as T;
    switch (plainType(type)) {
      case 'int': return next() % 2 === 0 ? pick(INTS) : next() | 0;
      case 'long': return next() % 2 === 0 ? pick(LONGS) : BigInt.asIntN(64, (BigInt(next()) << 32n) | BigInt(next()));
      case 'double': return pick(DOUBLES);
      case 'string': return pick(TEXTS);
      case 'bytes': return Buffer.alloc(next() % 300, next() & 255);
      case 'int128': return Buffer.alloc(16, next() & 255);
      case 'int256': return Buffer.alloc(32, next() & 255);
      case 'Bool': return next() % 2 === 0;
      default: {
        if (depth <= 0 || isPlain(type)) return this.samples.value(type);
        const chosen = pick(constructorsOf(type));
        const base: Record<string, unknown> & { _: string } = { _: chosen.name };
        for (const { name, type: inner, flagField } of chosen.fields) if (inner !== '#' && flagField === undefined) base[name] = this.random(inner, next, depth - 1);
        return this.fill(chosen, base, next, depth - 1);
      }
    }
  }
}

function mutate(query: Buffer, marks: readonly Mark[], mutation: Mutation, next: () => number): Buffer {
  const of = (...kinds: Mark['kind'][]): Mark | undefined => {
    const found = marks.filter(({ kind, at, length }) => kinds.includes(kind) && at + length <= query.length);
    return found[next() % Math.max(1, found.length)];
  };
  const pick = <T>(values: readonly T[]): T => values[next() % values.length] as T;
  const changed = Buffer.from(query);
  const replaced = (mark: Mark | undefined, bytes: Buffer): Buffer => (mark === undefined ? changed : Buffer.concat([query.subarray(0, mark.at), bytes, query.subarray(mark.at + mark.length)]));
  const word = (mark: Mark | undefined, value: number): Buffer => {
    if (mark !== undefined) changed.writeUInt32LE(value >>> 0, mark.at);
    return changed;
  };
  const anywhere = (step = 1): number => Math.floor((next() % Math.max(1, query.length)) / step) * step;
  switch (mutation) {
    case 'count': return word(of('count'), pick([0, 1, 2, 3, 100, 101, 8_193, 0x7fffffff, -1, -0x80000000]));
    case 'constructor': return word(of('constructor', 'bool'), pick([next(), 0, 0x1cb5c415, 0x997275b5, 0x3072cfa1, 0x73f1f8dc, 0xda9b0d0d]));
    case 'sameType': {
      const mark = of('constructor');
      const members = mark?.type === undefined ? [] : constructorsOf(mark.type);
      return members.length === 0 ? changed : word(mark, pick(members).id);
    }
    case 'flags': return word(of('flags'), pick([0, -1, next(), 1 << next() % 32]));
    case 'int': return word(of('int'), pick(INTS));
    case 'long': {
      const mark = of('long');
      if (mark !== undefined) changed.writeBigInt64LE(pick(LONGS), mark.at);
      return changed;
    }
    case 'double': {
      const mark = of('double');
      if (mark !== undefined) changed.writeDoubleLE(pick(DOUBLES), mark.at);
      return changed;
    }
    case 'string': return replaced(of('string', 'bytes'), tlBytes(pick(TEXTS)));
    case 'notUtf8': return replaced(of('string'), tlBytes(Buffer.from(pick([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]]))));
    case 'long string': return replaced(of('string', 'bytes'), tlBytes(Buffer.alloc(pick([253, 254, 255, 256, 40_000]), 0x61)));
    case 'flip': {
      const at = anywhere();
      changed[at] = (changed[at] as number) ^ (1 << next() % 8);
      return changed;
    }
    case 'cut': return query.subarray(0, anywhere(4));
    case 'insert': {
      const at = anywhere(4);
      return Buffer.concat([query.subarray(0, at), Buffer.alloc(4 * (1 + (next() % 4)), next() & 255), query.subarray(at)]);
    }
    case 'repeat': {
      const at = anywhere(4);
      return Buffer.concat([query.subarray(0, at), query.subarray(Math.max(0, at - 16), at), query.subarray(at)]);
    }
    default: return changed;
  }
}
