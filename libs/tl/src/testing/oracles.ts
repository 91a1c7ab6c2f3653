import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { TlObject } from '../compile';
import type { Definition, Field } from '../schema';

/**
 * Decoders and encoders of TL that others wrote, one per served layer. They judge ours: they read what we write and write what we read.
 * Values go in and out in the layer's own shape, with our names and our kinds of numbers.
 */
export interface Oracle {
  readonly layer: number;
  readonly source: string;
  /** Whether it can read objects of this definition at the top. */
  reads(definition: Definition): boolean;
  /** Decodes one object and encodes it again. */
  decode(bytes: Uint8Array): { value: TlObject; again: Uint8Array };
  encode(value: TlObject): Uint8Array;
}

type Find = (name: string, method: boolean) => Definition | undefined;
type Native = Record<string, unknown>;

const load = createRequire(__filename);

/** `access_hash` → `accessHash`, as every JavaScript library names it. */
const camel = (name: string): string => name.replace(/_([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());

interface MtcuteRuntime {
  TlBinaryReader: new (map: unknown, bytes: Uint8Array) => { object(): Native; pos: number };
  TlBinaryWriter: { serializeObject(map: unknown, value: Native): Uint8Array };
}

interface LongLibrary {
  fromBits(low: number, high: number): unknown;
}

/** mtcute's generated readers and writers of one layer, with its runtime. */
export function mtcuteOracle(layer: number, tlFolder: string, find: Find): Oracle {
  const core = createRequire(load.resolve('@mtcute/core/tl/api-schema.json'));
  // Silences the library's note that CommonJS will go.
  (globalThis as Record<string, unknown>)['_MTCUTE_CJS_DEPRECATION_WARNED'] = true;
  const { TlBinaryReader, TlBinaryWriter } = core('@mtcute/tl-runtime') as MtcuteRuntime;
  const Long = createRequire(core.resolve('@mtcute/tl-runtime'))('long') as LongLibrary;
  const extension = existsSync(join(tlFolder, 'binary/reader.cjs')) ? 'cjs' : 'js';
  const { __tlReaderMap } = load(join(tlFolder, `binary/reader.${extension}`)) as { __tlReaderMap: Record<number, unknown> };
  const { __tlWriterMap } = load(join(tlFolder, `binary/writer.${extension}`)) as { __tlWriterMap: Record<string, unknown> };

  const toNative = (type: string, value: unknown): unknown => {
    const element = /^Vector<(.+)>$/.exec(type)?.[1];
    if (element !== undefined) return (value as unknown[]).map((item) => toNative(element, item));
    if (type === 'long' || type.startsWith('int53')) {
      const bits = BigInt.asUintN(64, BigInt(value as number | bigint));
      return Long.fromBits(Number(bits & 0xffffffffn) | 0, Number(bits >> 32n) | 0);
    }
    return isObject(value) ? objectToNative(value) : value;
  };
  const objectToNative = (value: TlObject): Native => {
    const native: Native = { _: value._ };
    for (const field of definitionOf(find, value._).fields) {
      if (field.type !== '#' && value[field.name] !== undefined) native[camel(field.name)] = toNative(field.type, value[field.name]);
    }
    return native;
  };
  const fromNative = (type: string, value: unknown): unknown => {
    const element = /^Vector<(.+)>$/.exec(type)?.[1];
    if (element !== undefined) return (value as unknown[]).map((item) => fromNative(element, item));
    if (type === 'long' || type.startsWith('int53')) return ofBits(type, typeof value === 'number' ? BigInt(value) : longBits(value as { low: number; high: number }));
    if (type.startsWith('int128') || type.startsWith('int256') || type === 'bytes') return new Uint8Array(value as Uint8Array);
    return isNative(value) ? objectFromNative(value) : value;
  };
  const objectFromNative = (native: Native): TlObject => collect(find, native['_'] as string, (field) => {
    const name = camel(field.name);
    if (!(name in native)) throw new Error(`mtcute's ${String(native['_'])} has no ${name}`);
    return native[name] === undefined ? undefined : fromNative(field.type, native[name]);
  });

  return {
    layer,
    source: 'mtcute',
    reads: (definition) => !definition.method && definition.id in __tlReaderMap,
    decode(bytes) {
      const reader = new TlBinaryReader(__tlReaderMap, bytes);
      const native = reader.object();
      if (reader.pos !== bytes.length) throw new Error(`mtcute stops at ${reader.pos} of ${bytes.length} bytes`);
      return { value: objectFromNative(native), again: TlBinaryWriter.serializeObject(__tlWriterMap, native) };
    },
    encode: (value) => TlBinaryWriter.serializeObject(__tlWriterMap, withNumbers(objectToNative(value), value._, find, tlFolder)),
  };
}

const schemas = new Map<string, Set<string>>();

/** Turns the longs that mtcute declares int53 into numbers. */
function withNumbers(native: Native, name: string, find: Find, tlFolder: string): Native {
  let numbers = schemas.get(tlFolder);
  if (!numbers) {
    const { e } = load(join(tlFolder, 'api-schema.json')) as { e: { name: string; arguments: { name: string; type: string }[] }[] };
    schemas.set(tlFolder, (numbers = new Set(e.flatMap((entry) => entry.arguments.filter((argument) => argument.type === 'int53').map((argument) => `${entry.name}.${argument.name}`)))));
  }
  for (const field of definitionOf(find, name).fields) {
    const key = camel(field.name);
    const value = native[key];
    const convert = (item: unknown): unknown => {
      if (isNative(item)) return withNumbers(item, item['_'] as string, find, tlFolder);
      return numbers.has(`${name}.${field.name}`) ? Number(longBits(item as { low: number; high: number })) : item;
    };
    if (Array.isArray(value)) native[key] = value.map(convert);
    else if (value !== undefined && (isNative(value) || numbers.has(`${name}.${field.name}`))) native[key] = convert(value);
  }
  return native;
}

interface GramClass {
  new (args: Native): Native & { getBytes(): Buffer };
  CONSTRUCTOR_ID: number;
}

interface GramDefinition {
  constructorId: number;
  argsConfig: Record<string, unknown>;
}

/** GramJS and its fork: classes made at load from the schema that the package carries. */
export function gramOracle(layer: number, packageName: string, find: Find): Oracle {
  const root = dirname(load.resolve(`${packageName}/package.json`));
  const inside = createRequire(join(root, 'package.json'));
  inside('./tl');
  const bigInt = inside('big-integer') as (text: string) => unknown;
  const { BinaryReader } = inside('./extensions/BinaryReader') as { BinaryReader: new (bytes: Buffer) => { tgReadObject(): Native; tellPosition(): number } };
  const registry = (() => {
    try {
      return inside('./tl/runtime/registry') as { tlobjects: Record<number, GramClass> };
    } catch {
      return inside('./tl/AllTLObjects') as { tlobjects: Record<number, GramClass> };
    }
  })();
  /** Names of arguments in the order of the schema. */
  const argumentNames = new Map<number, string[]>();
  for (const { constructorId, argsConfig } of gramDefinitions(inside)) argumentNames.set(constructorId, Object.keys(argsConfig));

  const namesOf = (definition: Definition): string[] => {
    const names = argumentNames.get(definition.id);
    if (names?.length !== definition.fields.length) throw new Error(`${packageName}'s ${definition.name} has other fields than ours`);
    return names;
  };
  const toNative = (type: string, value: unknown): unknown => {
    const element = /^Vector<(.+)>$/.exec(type)?.[1];
    if (element !== undefined) return (value as unknown[]).map((item) => toNative(element, item));
    if (type === 'long' || type.startsWith('int53')) return bigInt(String(value));
    if (type === 'int128' || type === 'int256') return bigInt(String(littleEndian(value as Uint8Array)));
    if (type === 'bytes') return Buffer.from(value as Uint8Array);
    return isObject(value) ? objectToNative(value) : value;
  };
  const objectToNative = (value: TlObject): InstanceType<GramClass> => {
    const definition = definitionOf(find, value._);
    const GramObject = registry.tlobjects[definition.id];
    if (!GramObject) throw new Error(`${packageName} has no ${value._}`);
    const names = namesOf(definition);
    const args: Native = {};
    definition.fields.forEach((field, index) => {
      if (field.type !== '#' && value[field.name] !== undefined) args[names[index]!] = toNative(field.type, value[field.name]);
    });
    return new GramObject(args);
  };
  const fromNative = (type: string, value: unknown): unknown => {
    const element = /^Vector<(.+)>$/.exec(type)?.[1];
    if (element !== undefined) return (value as unknown[]).map((item) => fromNative(element, item));
    if (type === 'long' || type.startsWith('int53')) return ofBits(type, BigInt(String(value)));
    if (type === 'int128') return fromLittleEndian(BigInt(String(value)), 16);
    if (type === 'int256') return fromLittleEndian(BigInt(String(value)), 32);
    if (type === 'bytes') return new Uint8Array(value as Uint8Array);
    return value !== null && typeof value === 'object' && 'className' in value ? objectFromNative(value as Native) : value;
  };
  const objectFromNative = (native: Native): TlObject => {
    const parts = (native['className'] as string).split('.');
    const local = parts.pop()!;
    const name = [...parts, local[0]!.toLowerCase() + local.slice(1)].join('.');
    const definition = definitionOf(find, name);
    const names = namesOf(definition);
    return collect(find, name, (field) => {
      const value = native[names[definition.fields.indexOf(field)]!];
      if (value === null || value === undefined || (field.type === 'true' && value === false)) return undefined;
      return fromNative(field.type, value);
    });
  };

  return {
    layer,
    source: packageName.startsWith('tl-') ? 'teleproto' : packageName,
    reads: (definition) => definition.id in registry.tlobjects,
    decode(bytes) {
      const reader = new BinaryReader(Buffer.from(bytes));
      const native = reader.tgReadObject() as InstanceType<GramClass>;
      if (reader.tellPosition() !== bytes.length) throw new Error(`${packageName} stops at ${reader.tellPosition()} of ${bytes.length} bytes`);
      return { value: objectFromNative(native), again: native.getBytes() };
    },
    encode: (value) => objectToNative(value).getBytes(),
  };
}

function gramDefinitions(inside: NodeJS.Require): GramDefinition[] {
  try {
    return inside('./tl/generated/api-definitions') as GramDefinition[];
  } catch {
    const { parseTl } = inside('./tl/generationHelpers') as { parseTl(text: string, layer: number): Iterable<GramDefinition> };
    return [...parseTl(inside('./tl/apiTl.js') as string, 109)];
  }
}

const isObject = (value: unknown): value is TlObject => value !== null && typeof value === 'object' && '_' in value;
const isNative = (value: unknown): value is Native => isObject(value);
const longBits = ({ low, high }: { low: number; high: number }): bigint => BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0));
const ofBits = (type: string, bits: bigint): number | bigint => (type === 'long' ? BigInt.asIntN(64, bits) : Number(BigInt.asIntN(64, bits)));
const littleEndian = (bytes: Uint8Array): bigint => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
const fromLittleEndian = (value: bigint, length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => Number((BigInt.asUintN(length * 8, value) >> BigInt(index * 8)) & 0xffn));

function definitionOf(find: Find, name: string): Definition {
  const definition = find(name, false) ?? find(name, true);
  if (!definition) throw new Error(`the layer has no ${name}`);
  return definition;
}

function collect(find: Find, name: string, read: (field: Field) => unknown): TlObject {
  const value: Record<string, unknown> & TlObject = { _: name };
  for (const field of definitionOf(find, name).fields) {
    if (field.type === '#') continue;
    const content = read(field);
    if (content === undefined || (field.type === 'true' && content === false)) continue;
    value[field.name] = content;
  }
  return value;
}

/** The oracle of every served layer. */
export function oracles(find: (layer: number) => Find): Oracle[] {
  const folder = (specifier: string): string => dirname(load.resolve(specifier));
  const mtcute = (layer: number, specifier: string): Oracle => mtcuteOracle(layer, folder(specifier), find(layer));
  const gram = (layer: number, packageName: string): Oracle => gramOracle(layer, packageName, find(layer));
  return [
    gram(198, 'telegram'),
    mtcute(204, 'tl-204/api-schema.json'),
    gram(214, 'tl-214'),
    mtcute(216, 'tl-216/api-schema.json'),
    mtcute(218, 'tl-218/api-schema.json'),
    mtcute(220, 'tl-220/api-schema.json'),
    mtcute(221, 'tl-221/api-schema.json'),
    mtcute(223, 'tl-223/api-schema.json'),
    mtcute(225, 'tl-225/tl/api-schema.json'),
    mtcute(227, '@mtcute/core/tl/api-schema.json'),
    gram(228, 'tl-228'),
    gram(229, 'teleproto'),
  ];
}
