import { int32, int64, tlBytes, VECTOR } from '../client/tl-bytes';
import { definitionOf, elementType, plainType, type Definition, type TlValue } from './definitions';

/** What stands at a place of an encoded request: where a mutation aims. */
export interface Mark {
  readonly kind: 'method' | 'constructor' | 'flags' | 'count' | 'int' | 'long' | 'double' | 'string' | 'bytes' | 'bool';
  readonly at: number;
  readonly length: number;
  /** Abstract type of a constructor. */
  readonly type?: string;
}

export interface Marked {
  readonly bytes: Buffer;
  readonly marks: readonly Mark[];
}

const BOOL = { true: 0x997275b5, false: 0xbc799737 };

/** Writes a method call by the newest layer and notes what stands where. Independent of the server's own writer. */
export function encodeMarked(value: TlValue): Marked {
  const parts: Buffer[] = [];
  const marks: Mark[] = [];
  let at = 0;
  const put = (bytes: Buffer, kind?: Mark['kind'], type?: string): void => {
    if (kind !== undefined) marks.push({ kind, at, length: bytes.length, type });
    parts.push(bytes);
    at += bytes.length;
  };
  const field = (type: string, content: unknown): void => {
    const element = elementType(type);
    if (element !== undefined) {
      const items = content as readonly unknown[];
      put(int32(VECTOR), 'constructor', type);
      put(int32(items.length), 'count');
      for (const item of items) field(element, item);
      return;
    }
    switch (plainType(type)) {
      case 'int': return put(int32(content as number), 'int');
      case 'long': return put(int64(BigInt(content as number | bigint)), 'long');
      case 'double': {
        const bytes = Buffer.alloc(8);
        bytes.writeDoubleLE(content as number);
        return put(bytes, 'double');
      }
      case 'string': return put(tlBytes(content as string), 'string');
      case 'bytes': return put(tlBytes(content as Uint8Array), 'bytes');
      case 'int128': case 'int256': return put(Buffer.from(content as Uint8Array));
      case 'Bool': return put(int32(content === true ? BOOL.true : BOOL.false), 'bool');
      default: return object(definitionOf((content as TlValue)._, false), content as TlValue);
    }
  };
  const object = (definition: Definition, content: TlValue): void => {
    put(int32(definition.id), definition.method ? 'method' : 'constructor', definition.result);
    for (const { name, type, flagField } of definition.fields) {
      if (type === '#') {
        let flags = 0;
        for (const other of definition.fields) if (other.flagField === name && content[other.name] !== undefined && content[other.name] !== false) flags |= 1 << (other.bit as number);
        put(int32(flags), 'flags');
      } else if (type !== 'true' && (flagField === undefined || content[name] !== undefined)) field(type, content[name]);
    }
  };
  object(definitionOf(value._, true), value);
  return { bytes: Buffer.concat(parts), marks };
}
