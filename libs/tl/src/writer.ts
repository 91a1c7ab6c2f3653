import { compileWrite, compileWriteType, type ObjectWriter, type TlObject, type WriteFunction } from './compile';
import type { Api, MethodName, Types } from './gen/api';
import { DOWN_CHANGES, DOWN_FALLBACK, DOWN_LACKS, DOWN_RESULTS, LEAVE_OUT_TYPES } from './gen/compat';
import { apiSchema, layerBit, NEWEST_BIT, type Layer } from './layers';
import { WRITE_BUFFER_KEPT_BYTES } from './limits';
import { Output, TlWriteError } from './output';
import { applyChanges, differing, type Definition } from './schema';
import { TlError } from './tl-error';

/** Any object that can be written on its own. */
export type TypeAny = Types[keyof Types];

interface Writable {
  readonly type: string;
  readonly write: WriteFunction;
  /** The layer has neither the constructor nor anything to say instead. */
  readonly unsayable: boolean;
}

/** Thrown inside, caught by a vector that may leave the element out or by a constructor with a fallback; else the caller's error. One object: it carries nothing. */
const UNSAYABLE = new TlError('CONNECTION_LAYER_INVALID');

const compiled = new Map<Definition, WriteFunction>();

function writeFunction(definition: Definition): WriteFunction {
  let write = compiled.get(definition);
  if (!write) compiled.set(definition, (write = compileWrite(definition)));
  return write;
}

/** Writes objects by constructor name as one layer has them, by the rules of data/compat.txt where it differs from the newest. */
class LayerWriter implements ObjectWriter {
  private readonly writables = new Map<string, Writable>();

  constructor(readonly bit: number) {}

  object(output: Output, value: unknown, type: string): void {
    const name = (value as TlObject | undefined)?._;
    if (name === undefined) throw new TlWriteError(`${type} expected, got ${value === null ? 'null' : typeof value}`);
    const writable = this.writables.get(name) ?? this.find(name);
    if (writable.type !== type) throw new TlWriteError(`${type} expected, got ${name}`);
    writable.write(output, value as TlObject, this);
  }

  objects(output: Output, values: unknown, type: string): void {
    const items = values as readonly unknown[];
    output.vector(items);
    if (this.bit === NEWEST_BIT || !LEAVE_OUT_TYPES.has(type)) {
      for (const item of items) this.object(output, item, type);
      return;
    }
    const countAt = output.offset - 4;
    let count = 0;
    for (const item of items) {
      const start = output.offset;
      try {
        this.object(output, item, type);
        count++;
      } catch (error) {
        if (error !== UNSAYABLE) throw error;
        output.offset = start;
      }
    }
    output.patch(countAt, count);
  }

  says(value: unknown): boolean {
    const name = (value as TlObject)._;
    return !(this.writables.get(name) ?? this.find(name)).unsayable;
  }

  /** Writes an object, whatever its type: a constructor or a method call. */
  anyObject(output: Output, value: TlObject): void {
    (this.writables.get(value._) ?? this.find(value._)).write(output, value, this);
  }

  /** The shape in which this layer has the name. */
  definition(name: string): Definition | undefined {
    return apiSchema().named(name, false, this.bit) ?? apiSchema().named(name, true, this.bit);
  }

  private find(name: string): Writable {
    const newest = apiSchema().named(name, false, NEWEST_BIT) ?? apiSchema().named(name, true, NEWEST_BIT);
    const definition = this.definition(name);
    let writable: Writable;
    if (definition && definition.result === (newest?.result ?? definition.result)) {
      writable = { type: typeOf(definition), write: this.converting(definition, newest), unsayable: false };
    } else if (newest && name in DOWN_LACKS) {
      const { result: type } = newest;
      const instead = DOWN_LACKS[name];
      writable = instead
        ? { type, write: (output, value, writer) => writer.object(output, instead(value), type), unsayable: false }
        : { type, write: () => { throw UNSAYABLE; }, unsayable: true };
    } else throw new TlWriteError(`this layer has no constructor ${name}`);
    this.writables.set(name, writable);
    return writable;
  }

  /** Writes the layer's definition from a value in the shape of the newest. */
  private converting(definition: Definition, newest: Definition | undefined): WriteFunction {
    const write = writeFunction(definition);
    const changes = !newest || newest === definition ? [] : (DOWN_CHANGES[definition.name] ?? []).filter((change) => differing(newest, definition, change.fields));
    const fallback = this.bit === NEWEST_BIT ? undefined : DOWN_FALLBACK[definition.name];
    const converted: WriteFunction = changes.length === 0 ? write : (output, value, writer) => {
      const changed = applyChanges(value, changes);
      if (changed._ === definition.name) write(output, changed, writer);
      else writer.object(output, changed, definition.result);
    };
    return fallback === undefined ? converted : (output, value, writer) => {
      const start = output.offset;
      try {
        converted(output, value, writer);
      } catch (error) {
        if (error !== UNSAYABLE) throw error;
        output.offset = start;
        writer.object(output, fallback(value), definition.result);
      }
    };
  }
}

const typeOf = (definition: Definition): string => (definition.method ? '' : definition.result);

const layerWriters = new Map<Layer, LayerWriter>();

function layerWriter(layer: Layer): LayerWriter {
  let writer = layerWriters.get(layer);
  if (!writer) layerWriters.set(layer, (writer = new LayerWriter(layerBit(layer))));
  return writer;
}

/** The buffer of the last write, kept for the next. */
let spare: Output | undefined;

function written(write: (output: Output) => void): Uint8Array {
  const output = spare ?? new Output();
  spare = undefined;
  output.offset = 0;
  write(output);
  const bytes = new Uint8Array(output.offset);
  bytes.set(output.bytes.subarray(0, output.offset));
  if (output.bytes.length <= WRITE_BUFFER_KEPT_BYTES) spare = output;
  return bytes;
}

/** Runs a write; a TlWriteError gets the path to the field that was wrong. */
function located<T>(write: () => T, value: unknown, layer: Layer): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof TlWriteError) error.message = `${wrongPath(value, layerWriter(layer))}: ${error.message}`;
    throw error;
  }
}

/** Which field of which object can't be written, found by writing each on its own: for a defect's message, never on a hot path. */
function wrongPath(value: unknown, writer: LayerWriter): string {
  if (Array.isArray(value)) {
    const index = value.findIndex((item) => !isWritable(() => writer.anyObject(new Output(), item as TlObject)));
    return index < 0 ? '[]' : `[${index}].${wrongPath(value[index], writer)}`;
  }
  const object = value as TlObject | null | undefined;
  const definition = object?._ === undefined ? undefined : writer.definition(object._);
  if (!object || !definition) return String(object?._ ?? typeof value);
  for (const field of definition.fields) {
    const content = object[field.name];
    const present = field.flagField === undefined || definition.fields.some((other) => other.flagField === field.flagField && other.bit === field.bit && object[other.name] != null);
    if (field.type === '#' || field.type === 'true' || !present) continue;
    if (isWritable(() => compileWriteType(field.type)(new Output(), content, writer))) continue;
    const inner = typeof content === 'object' && content !== null && !(content instanceof Uint8Array) ? `.${wrongPath(content, writer)}` : '';
    return `${definition.name}.${field.name}${inner}`;
  }
  return definition.name;
}

function isWritable(write: () => void): boolean {
  try {
    write();
    return true;
  } catch {
    return false;
  }
}

/**
 * The TL bytes of an object or of a method call, by constructor name as `layer` has it.
 * Throws TlWriteError for a value that hasn't its declared shape, TlError when the layer can't be told such a thing at all
 * (its client has to be updated), RangeError for a layer that isn't served.
 */
export function writeObject(value: TypeAny | Api[MethodName]['request'], layer: Layer): Uint8Array {
  return located(() => written((output) => layerWriter(layer).anyObject(output, value as unknown as TlObject)), value, layer);
}

/** Writes an object into `buffer` at `offset`; answers the offset after it. Throws RangeError when it doesn't fit, and as writeObject does. */
export function writeInto(buffer: Buffer, offset: number, value: TypeAny, layer: Layer): number {
  const output = new Output(buffer, true);
  output.offset = offset;
  located(() => layerWriter(layer).anyObject(output, value as unknown as TlObject), value, layer);
  return output.offset;
}

type ResultWriter = (output: Output, value: unknown, writer: ObjectWriter) => void;
const resultWriters = new Map<string, ResultWriter>();

function resultWriter(method: string, bit: number): ResultWriter {
  const key = `${method} ${bit}`;
  let write = resultWriters.get(key);
  if (!write) {
    const newest = apiSchema().named(method, true, NEWEST_BIT);
    if (!newest) throw new RangeError(`the newest layer has no method ${method}`);
    const { result } = apiSchema().named(method, true, bit) ?? newest;
    const writeType = compileWriteType(result);
    const convert = result === newest.result ? undefined : (DOWN_RESULTS[method] as ((value: unknown) => unknown) | undefined);
    write = convert ? (output, value, writer) => writeType(output, convert(value), writer) : writeType;
    resultWriters.set(key, write);
  }
  return write;
}

/** The TL bytes of what `method` answers, an object or a bare result such as Bool or Vector<long>, as `layer` declares it. Throws as writeObject does. */
export function writeResult<M extends MethodName>(method: M, value: Api[M]['result'], layer: Layer): Uint8Array {
  const writer = layerWriter(layer);
  return located(() => written((output) => resultWriter(method, writer.bit)(output, value, writer)), value, layer);
}
