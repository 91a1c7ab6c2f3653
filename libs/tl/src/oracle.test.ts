import { compileWrite, type ObjectWriter, type TlObject } from './compile';
import { LEAVE_OUT_TYPES, UNSAYABLE_TYPES } from './gen/compat';
import { apiSchema, layerBit, LAYERS, NEWEST_BIT } from './layers';
import { Output, TlWriteError } from './output';
import { readMethod, readObject } from './reader';
import type { Definition } from './schema';
import { oracles, type Oracle } from './testing/oracles';
import { RandomValues, randomNumbers } from './testing/random-value';
import { TlError } from './tl-error';
import { writeObject } from './writer';

/**
 * Random values of every constructor and method in every served layer, against decoders that others wrote:
 * they read what we write for their layer, and we read what they write. SEED repeats a run, ROUNDS makes it longer.
 */
const SEED = Number(process.env['SEED'] ?? 20260101);
const ROUNDS = Number(process.env['ROUNDS'] ?? 1);

const find = (layer: number) => (name: string, method: boolean): Definition | undefined => apiSchema().named(name, method, layerBit(layer));
const newest = (name: string): Definition | undefined => apiSchema().named(name, false, NEWEST_BIT) ?? apiSchema().named(name, true, NEWEST_BIT);
const isWrapper = (definition: Definition): boolean => definition.fields.some((field) => field.type === '!X');
const isOurs = (definition: Definition): boolean => definition.name.startsWith('heliograph.');

/** Where a value in the newest shape and one in a layer's shape say different things; undefined when they agree. */
function disagreement(ours: unknown, theirs: unknown, layer: number, path: string): string | undefined {
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    if (ours.length !== theirs.length) return `${path}: ${ours.length} and ${theirs.length} elements`;
    for (const [index, item] of ours.entries()) {
      const found = disagreement(item, theirs[index], layer, `${path}[${index}]`);
      if (found) return found;
    }
    return undefined;
  }
  if (ours instanceof Uint8Array && theirs instanceof Uint8Array) return Buffer.compare(ours, theirs) === 0 ? undefined : `${path}: other bytes`;
  if (typeof ours !== 'object' || typeof theirs !== 'object') return Object.is(ours, theirs) ? undefined : `${path}: ${String(ours)} and ${String(theirs)}`;
  const [a, b] = [ours as TlObject, theirs as TlObject];
  const [now, then] = [newest(a._), find(layer)(b._, false) ?? find(layer)(b._, true)];
  if (a._ !== b._) return find(layer)(a._, false) && newest(b._) && a._ !== 'keyboardButton' && a._ !== 'updateShort' ? `${path}: ${a._} and ${b._}` : undefined;
  // Gone from the newest layer, and nothing that a client sends: kept as it is.
  if (!now) return undefined;
  if (!then) return `${path}: ${a._} isn't in layer ${layer}`;
  for (const field of then.fields) {
    const same = now.fields.find((other) => other.name === field.name && other.type === field.type);
    // 198 and 204 moved this flag without a new constructor id.
    if (!same || field.type === '#' || (a._ === 'messageActionGiftCode' && field.name === 'unclaimed')) continue;
    const [left, right] = [a[field.name], b[field.name]];
    const at = `${path}.${field.name}`;
    if (left === undefined && right === undefined) continue;
    if (left === undefined || right === undefined) {
      const element = field.type.replace(/^Vector<(.+)>$/, '$1');
      if ((left === undefined && (field.flagField === undefined || a._ === 'connectedBot')) || (right === undefined && (same.flagField === undefined || UNSAYABLE_TYPES.has(element)))) continue;
      return `${at}: ${left === undefined ? 'only theirs' : 'only ours'}`;
    }
    const leftOut = Array.isArray(left) && LEAVE_OUT_TYPES.has(field.type.slice(7, -1)) && left.length !== (right as unknown[]).length;
    const found = leftOut ? undefined : disagreement(left, right, layer, at);
    if (found) return found;
  }
  return undefined;
}

/** mtcute writes an empty optional vector as absent; one is empty here when all its elements were left out. */
function hasEmptyVector(value: unknown, layer: number): boolean {
  if (Array.isArray(value)) return value.some((item) => hasEmptyVector(item, layer));
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return false;
  const object = value as TlObject;
  return find(layer)(object._, false)!.fields.some(({ name, flagField }) => {
    const content = object[name];
    return (flagField !== undefined && Array.isArray(content) && content.length === 0) || hasEmptyVector(content, layer);
  });
}

/** Writes a value in a layer's own shape, without conversions. */
function writeRaw(value: TlObject, layer: number): Uint8Array {
  const writer: ObjectWriter = {
    object(output, item) {
      const object = item as TlObject;
      compileWrite((find(layer)(object._, false) ?? find(layer)(object._, true))!)(output, object, writer);
    },
    objects(output, items) {
      output.vector(items as unknown[]);
      for (const item of items as unknown[]) writer.object(output, item, '');
    },
    says: () => true,
  };
  const output = new Output();
  writer.object(output, value, '');
  return new Uint8Array(output.bytes.subarray(0, output.offset));
}

const all: Oracle[] = oracles(find);

test(`every served layer has an oracle (SEED=${SEED})`, () => {
  expect(all.map(({ layer }) => layer)).toEqual([...LAYERS]);
});

describe.each(all.map((oracle) => ({ name: `${oracle.layer} (${oracle.source})`, oracle })))('layer $name', ({ oracle }) => {
  const { layer } = oracle;

  test('reads every object that we write for it, and says the same', () => {
    const values = new RandomValues(apiSchema(), NEWEST_BIT, randomNumbers(SEED));
    const failures: string[] = [];
    let written = 0;
    for (const definition of apiSchema().all()) {
      if (definition.method || !(definition.layers & NEWEST_BIT) || isOurs(definition)) continue;
      for (let round = 0; round < ROUNDS; round++) {
        const value = values.of(definition);
        let bytes: Uint8Array;
        try {
          bytes = writeObject(value as never, layer);
        } catch (error) {
          // Nothing can be said, or the constructor can't be in an answer to this layer (the generator proves that).
          if (error instanceof TlError || (error instanceof TlWriteError && error.message.includes('this layer has no constructor'))) continue;
          throw error;
        }
        written++;
        try {
          const { value: theirs, again } = oracle.decode(bytes);
          if (Buffer.compare(again, bytes) !== 0 && !(oracle.source === 'mtcute' && hasEmptyVector(theirs, layer))) failures.push(`${definition.name}: encoded differently`);
          const found = disagreement(value, theirs, layer, definition.name);
          if (found) failures.push(found);
        } catch (error) {
          failures.push(`${definition.name}: ${String(error)}`);
        }
      }
    }
    expect(failures).toEqual([]);
    expect(written).toBeGreaterThan(1000 * ROUNDS);
  });

  test('writes every object and call that we read, and means the same', () => {
    const values = new RandomValues(apiSchema(), layerBit(layer), randomNumbers(SEED));
    const failures: string[] = [];
    let read = 0;
    for (const definition of apiSchema().all()) {
      if (!(definition.layers & layerBit(layer)) || isWrapper(definition)) continue;
      for (let round = 0; round < ROUNDS; round++) {
        const value = values.of(definition);
        try {
          const bytes = oracle.encode(value);
          if (Buffer.compare(bytes, writeRaw(value, layer)) !== 0) failures.push(`${definition.name}: encoded differently`);
          const ours = definition.method ? readMethod(bytes).request : readObject(bytes, definition.result as never);
          read++;
          if (!newest(definition.name)) continue;
          const found = disagreement(ours, value, layer, definition.name);
          if (found) failures.push(found);
        } catch (error) {
          if (error instanceof TlError && /^(BUTTON_TYPE_INVALID|QUIZ_CORRECT_ANSWER_INVALID|INPUT_CONSTRUCTOR_INVALID_(27D69997|0DBAEAE9))$/.test(error.type)) continue;
          failures.push(`${definition.name}: ${String(error)}`);
        }
      }
    }
    expect(failures).toEqual([]);
    expect(read).toBeGreaterThan(1500 * ROUNDS);
  });
});
