import { compileWrite, compileWriteType, type ObjectWriter, type TlObject, type WriteFunction } from './compile';
import type { Api, MethodName, Types } from './gen/api';
import { apiSchema, layerBit, type Layer } from './layers';
import { WRITE_BUFFER_KEPT_BYTES } from './limits';
import { Output, TlWriteError } from './output';
import type { Definition } from './schema';

/** Any object that can be written on its own. */
export type TypeAny = Types[keyof Types];

interface Writable {
  readonly type: string;
  readonly write: WriteFunction;
}

const compiled = new Map<Definition, WriteFunction>();

function writeFunction(definition: Definition): WriteFunction {
  let write = compiled.get(definition);
  if (!write) compiled.set(definition, (write = compileWrite(definition)));
  return write;
}

/** Writes objects by constructor name as one layer has them. */
class LayerWriter implements ObjectWriter {
  private readonly writables = new Map<string, Writable>();

  constructor(private readonly bit: number) {}

  object(output: Output, value: unknown, type: string): void {
    const name = (value as TlObject | undefined)?._;
    if (name === undefined) throw new TlWriteError(`${type} expected, got ${typeof value}`);
    const writable = this.writables.get(name) ?? this.find(name);
    if (writable.type !== type) throw new TlWriteError(`${type} expected, got ${name}`);
    writable.write(output, value as TlObject, this);
  }

  objects(output: Output, values: unknown, type: string): void {
    output.vector(values as unknown[]);
    for (const value of values as unknown[]) this.object(output, value, type);
  }

  /** Writes an object whose type the caller doesn't know. */
  anyObject(output: Output, value: TlObject): void {
    (this.writables.get(value._) ?? this.find(value._)).write(output, value, this);
  }

  private find(name: string): Writable {
    const definition = apiSchema().named(name, false, this.bit) ?? apiSchema().named(name, true, this.bit);
    if (!definition) throw new TlWriteError(`no constructor ${name}`);
    const writable = { type: definition.method ? '' : definition.result, write: writeFunction(definition) };
    this.writables.set(name, writable);
    return writable;
  }
}

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

/**
 * The TL bytes of an object or of a method call, by constructor name as `layer` has it.
 * Throws TlWriteError for a value that hasn't its declared shape, RangeError for a layer that isn't served.
 */
export function writeObject(value: TypeAny | Api[MethodName]['request'], layer: Layer): Uint8Array {
  return written((output) => layerWriter(layer).anyObject(output, value as unknown as TlObject));
}

/** Writes an object into `buffer` at `offset`; answers the offset after it. Throws RangeError when it doesn't fit. */
export function writeInto(buffer: Buffer, offset: number, value: TypeAny, layer: Layer): number {
  const output = new Output(buffer, true);
  output.offset = offset;
  layerWriter(layer).anyObject(output, value as unknown as TlObject);
  return output.offset;
}

const resultWriters = new Map<string, (output: Output, value: unknown, writer: ObjectWriter) => void>();

/** The TL bytes of what `method` answers: an object, or a bare result such as Bool or Vector<long>. Throws as writeObject does. */
export function writeResult<M extends MethodName>(method: M, value: Api[M]['result'], layer: Layer): Uint8Array {
  let write = resultWriters.get(method);
  if (!write) {
    const definition = apiSchema().named(method, true, layerBit('newest'));
    if (!definition) throw new RangeError(`the newest layer has no method ${method}`);
    resultWriters.set(method, (write = compileWriteType(definition.result)));
  }
  return written((output) => write(output, value, layerWriter(layer)));
}
