import { compileRead, compileReadType, type ObjectReader, type ReadFunction, type TlObject } from './compile';
import type { Api, MethodName, Types } from './gen/api';
import { UP_CHANGES, UP_CHECKS, UP_GONE } from './gen/compat';
import { Input } from './input';
import { apiSchema, NEWEST_BIT } from './layers';
import { OBJECT_COUNT_MAX, OBJECT_DEPTH_MAX, REQUEST_DEPTH_MAX, REQUEST_OBJECTS_MAX } from './limits';
import { applyChanges, differing, type Definition } from './schema';
import { constructorInvalid, fetchError, methodInvalid } from './tl-error';

/** One constructor as it is read, in whatever layer it was written. */
interface Readable {
  readonly definition: Definition;
  /** The abstract type. */
  readonly type: string;
  read: ReadFunction;
}

const readables = new Map<number, Readable>();

function readable(id: number): Readable | undefined {
  const known = readables.get(id);
  if (known) return known;
  const definition = apiSchema().byConstructorId(id);
  const read = definition && readToNewest(definition);
  if (!definition || !read) return undefined;
  const entry: Readable = { definition, type: definition.method ? '' : definition.result, read };
  readables.set(id, entry);
  return entry;
}

/** Reads a definition of any layer to the newest shape of its name; undefined for one that the newest layer refuses. */
function readToNewest(definition: Definition): ReadFunction | undefined {
  const read = compileRead(definition);
  const { name, method } = definition;
  const key = method ? `${name}()` : name;
  const newest = apiSchema().named(name, method, NEWEST_BIT);
  if (!newest) {
    if (!(key in UP_GONE)) return read;
    const instead = UP_GONE[key];
    return instead && ((input, objects) => instead(read(input, objects)));
  }
  const check = UP_CHECKS[key];
  const changes = (UP_CHANGES[key] ?? []).filter((change) => differing(definition, newest, change.fields));
  const names = new Set(newest.fields.map((field) => field.name));
  const leaves = definition.fields.filter((field) => field.type !== '#' && !names.has(field.name)).map((field) => field.name);
  if (changes.length === 0 && leaves.length === 0 && !check) return read;
  return (input, objects) => {
    const value: Record<string, unknown> & TlObject = applyChanges(read(input, objects), changes);
    for (const field of leaves) delete value[field];
    check?.(value);
    return value;
  };
}

/**
 * Where InputUser or InputChannel is declared, clients send the InputPeer of the same peer (kurigram always does);
 * Telegram takes it, and so do we.
 */
const LENIENT: Record<string, Record<string, string>> = {
  InputUser: { inputPeerUser: 'inputUser', inputPeerSelf: 'inputUserSelf', inputPeerUserFromMessage: 'inputUserFromMessage', inputPeerEmpty: 'inputUserEmpty' },
  InputChannel: { inputPeerChannel: 'inputChannel', inputPeerChannelFromMessage: 'inputChannelFromMessage', inputPeerEmpty: 'inputChannelEmpty', inputPeerChat: 'inputChannelEmpty' },
};

const reader: ObjectReader = {
  object(input, type) {
    const id = input.uint();
    const entry = readable(id);
    if (entry === undefined) throw constructorInvalid(id);
    let renamed: string | undefined;
    if (entry.type !== type) {
      renamed = LENIENT[type]?.[entry.definition.name];
      if (renamed === undefined || entry.definition.method) throw constructorInvalid(id);
    }
    if (input.depthLeft === 0 || input.objectsLeft === 0) throw fetchError();
    input.depthLeft--;
    input.objectsLeft--;
    const value = entry.read(input, reader);
    input.depthLeft++;
    return renamed === undefined ? value : renamed.endsWith('Empty') ? { _: renamed } : { ...value, _: renamed };
  },
  objects(input, type) {
    const count = input.vector(4);
    const values: unknown[] = [];
    for (let i = 0; i < count; i++) values.push(reader.object(input, type));
    return values;
  },
};

/** A method call as a client sent it, in the shape of the newest layer. */
export interface MethodCall {
  /** TL name. A method that the newest layer no longer has keeps its old name and shape. */
  readonly name: MethodName;
  readonly request: Api[MethodName]['request'];
}

/**
 * Reads a client's call: one method of any served layer, and nothing after it. Nothing read refers to `bytes`.
 * A wrapper (invokeWithLayer, initConnection, …) has its `query` as the raw bytes of the inner call.
 * Throws TlError: INPUT_METHOD_INVALID_…, INPUT_CONSTRUCTOR_INVALID_… or INPUT_FETCH_ERROR.
 */
export function readMethod(bytes: Uint8Array): MethodCall {
  const input = new Input(bytes, 0, REQUEST_DEPTH_MAX, REQUEST_OBJECTS_MAX);
  const id = input.uint();
  const entry = readable(id);
  if (!entry?.definition.method) throw methodInvalid(id);
  const request = entry.read(input, reader);
  if (input.offset !== input.end) throw fetchError();
  return { name: entry.definition.name as MethodName, request: request as unknown as Api[MethodName]['request'] };
}

/**
 * Reads one object of an abstract type (`Updates`, `heliograph.MessageContent`), written in any layer, in the shape of the newest.
 * For bytes that Heliograph wrote: limits are wider than for a request. Throws TlError.
 */
export function readObject<T extends keyof Types>(bytes: Uint8Array, type: T): Types[T] {
  const input = new Input(bytes, 0, OBJECT_DEPTH_MAX, OBJECT_COUNT_MAX);
  const value = reader.object(input, type);
  if (input.offset !== input.end) throw fetchError();
  return value as Types[T];
}

const resultReaders = new Map<string, (input: Input, objects: ObjectReader) => unknown>();

/** Reads what `method` answers, as writeResult wrote it. Throws TlError. */
export function readResult<M extends MethodName>(method: M, bytes: Uint8Array): Api[M]['result'] {
  let read = resultReaders.get(method);
  if (!read) {
    const definition = apiSchema().named(method, true, NEWEST_BIT);
    if (!definition) throw new RangeError(`the newest layer has no method ${method}`);
    read = compileReadType(definition.result);
    resultReaders.set(method, read);
  }
  const input = new Input(bytes, 0, OBJECT_DEPTH_MAX, OBJECT_COUNT_MAX);
  const value = read(input, reader);
  if (input.offset !== input.end) throw fetchError();
  return value as Api[M]['result'];
}

export type { TlObject };
