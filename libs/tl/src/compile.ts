import { UNSAYABLE_TYPES } from './gen/compat';
import type { Input } from './input';
import type { Output } from './output';
import type { Definition, Field } from './schema';

/**
 * Turns a definition into straight-line code at its first use: property access and calls that the engine can optimise, which
 * a loop over field descriptions isn't (docs/adr/0003-tl-runtime.md has the measurements). The source is made from the
 * committed schemas alone; nothing that a client sends reaches it.
 */

export interface TlObject {
  readonly _: string;
  [field: string]: unknown;
}

/** What compiled readers call for objects. */
export interface ObjectReader {
  object(input: Input, type: string): unknown;
  objects(input: Input, type: string): unknown[];
}

/** What compiled writers call for objects, in the layer that is being written. */
export interface ObjectWriter {
  object(output: Output, value: unknown, type: string): void;
  objects(output: Output, values: unknown, type: string): void;
  /** Whether the layer can say the object at all. Asked for optional fields, which are left out otherwise. */
  says(value: unknown): boolean;
}

export type ReadFunction = (input: Input, reader: ObjectReader) => TlObject;
export type WriteFunction = (output: Output, value: TlObject, writer: ObjectWriter) => void;

const BARE_BYTES: Record<string, number> = { int: 4, long: 8, int53: 8, double: 8, int128: 16, int256: 32, string: 4, bytes: 4, Bool: 4 };

const bare = (type: string): string => (type.startsWith('int53') ? 'int53' : type);
const elementOf = (type: string): string | undefined => /^Vector<(.+)>$/.exec(type)?.[1];
const quote = (text: string): string => JSON.stringify(text);

/** An expression that reads a value of `type` from `input`. */
function readExpression(type: string): string {
  const element = elementOf(type);
  if (element !== undefined) {
    if (BARE_BYTES[bare(element)] === undefined && elementOf(element) === undefined) return `reader.objects(input, ${quote(element)})`;
    const bytes = BARE_BYTES[bare(element)] ?? 8;
    return `(() => { const count = input.vector(${bytes}); const values = []; for (let i = 0; i < count; i++) values.push(${readExpression(element)}); return values; })()`;
  }
  switch (bare(type)) {
    case 'int': return 'input.int()';
    case 'long': return 'input.long()';
    case 'int53': return 'input.number()';
    case 'double': return 'input.double()';
    case 'string': return 'input.string()';
    case 'bytes': return 'input.byteString()';
    case 'int128': return 'input.raw(16)';
    case 'int256': return 'input.raw(32)';
    case 'Bool': return 'input.bool()';
    case '!X': return 'input.rest()';
    default: return `reader.object(input, ${quote(type)})`;
  }
}

/** Reads the fields of `definition`; its id was read. */
export function compileRead(definition: Definition): ReadFunction {
  const lines: string[] = [];
  const properties = [`_: ${quote(definition.name)}`];
  definition.fields.forEach((field, index) => {
    if (field.type === '#') {
      lines.push(`const ${field.name} = input.int();`);
      return;
    }
    const set = field.flagField === undefined ? undefined : `(${field.flagField} & ${1 << field.bit!}) !== 0`;
    if (field.type === 'true') {
      properties.push(`${field.name}: ${set} || undefined`);
      return;
    }
    lines.push(`const v${index} = ${set === undefined ? '' : `${set} ? `}${readExpression(field.type)}${set === undefined ? '' : ' : undefined'};`);
    properties.push(`${field.name}: v${index}`);
  });
  lines.push(`return { ${properties.join(', ')} };`);
  return new Function('input', 'reader', lines.join('\n')) as ReadFunction;
}

/** A statement that writes the value of expression `value` as `type`. */
function writeStatement(type: string, value: string): string {
  const element = elementOf(type);
  if (element !== undefined) {
    if (BARE_BYTES[bare(element)] === undefined && elementOf(element) === undefined) return `writer.objects(output, ${value}, ${quote(element)});`;
    return `{ const values = ${value}; output.vector(values); for (const value of values) ${writeStatement(element, 'value')} }`;
  }
  switch (bare(type)) {
    case 'int': return `output.int(${value});`;
    case 'long': return `output.long(${value});`;
    case 'int53': return `output.number(${value});`;
    case 'double': return `output.double(${value});`;
    case 'string': return `output.string(${value});`;
    case 'bytes': return `output.byteString(${value});`;
    case 'int128': return `output.raw(${value}, 16);`;
    case 'int256': return `output.raw(${value}, 32);`;
    case 'Bool': return `output.bool(${value});`;
    case '!X': return `output.append(${value});`;
    default: return `writer.object(output, ${value}, ${quote(type)});`;
  }
}

/** The bits of one flags word: a true flag by truth, another field by presence, which alone counts where both share a bit. */
function flagsExpression(definition: Definition, word: string): string {
  const flagged = definition.fields.filter((field): field is Field & { bit: number } => field.flagField === word);
  const bits = flagged
    .filter((field) => field.type !== 'true' || !flagged.some((other) => other.bit === field.bit && other.type !== 'true'))
    .map((field) => {
      const present = `value.${field.name}${field.type === 'true' ? '' : ' != null'}`;
      return `(${present}${UNSAYABLE_TYPES.has(field.type) ? ` && writer.says(value.${field.name})` : ''} ? ${1 << field.bit} : 0)`;
    });
  return bits.length === 0 ? '0' : bits.join(' | ');
}

/** Writes id and fields of a value that has this definition's shape. Throws TlWriteError for a field that hasn't its type. */
export function compileWrite(definition: Definition): WriteFunction {
  const lines = [`output.word(${definition.id | 0});`];
  for (const field of definition.fields) {
    if (field.type === '#') lines.push(`const ${field.name} = ${flagsExpression(definition, field.name)};`, `output.word(${field.name});`);
    else if (field.type !== 'true') {
      const statement = writeStatement(field.type, `value.${field.name}`);
      lines.push(field.flagField === undefined ? statement : `if (${field.flagField} & ${1 << field.bit!}) ${statement}`);
    }
  }
  return new Function('output', 'value', 'writer', lines.join('\n')) as WriteFunction;
}

/** Reads a value of any declared type: results of methods. */
export function compileReadType(type: string): (input: Input, reader: ObjectReader) => unknown {
  return new Function('input', 'reader', `return ${readExpression(type)};`) as (input: Input, reader: ObjectReader) => unknown;
}

/** Writes a value of any declared type. */
export function compileWriteType(type: string): (output: Output, value: unknown, writer: ObjectWriter) => void {
  return new Function('output', 'value', 'writer', writeStatement(type, 'value')) as (output: Output, value: unknown, writer: ObjectWriter) => void;
}
