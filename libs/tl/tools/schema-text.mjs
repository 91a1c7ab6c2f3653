// The text form of a TL schema: parsing, formatting and constructor ids.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/**
 * One constructor or method.
 * @typedef {{name: string, id: number, kind: 'constructor' | 'method', fields: Field[], result: string}} Definition
 * `result` is the abstract type of a constructor or the result type of a method.
 * @typedef {{name: string, type: string, flag?: {field: string, bit: number}}} Field
 * `type` is '#', 'true', a bare type, an abstract type, 'Vector<T>', 'vector<T>' (without its constructor id) or '!X'.
 */

const LINE = /^([\w.]+)(?:#([0-9a-f]{1,8}))? ?(.*?) ?= ([\w.<>]+);$/;

/** Parses one line; throws on anything that isn't a definition. @returns {Definition} */
export function parseLine(line, kind) {
  const match = LINE.exec(line);
  if (!match) throw new Error(`not a TL definition: ${line}`);
  const [, name, id, args, result] = match;
  const fields = [];
  for (const arg of args.split(' ')) {
    if (arg === '' || arg.startsWith('{')) continue;
    const colon = arg.indexOf(':');
    if (colon < 0) throw new Error(`a field without a type in: ${line}`);
    const [fieldName, declared] = [arg.slice(0, colon), arg.slice(colon + 1)];
    const conditional = /^(\w+)\.(\d+)\?(.+)$/.exec(declared);
    fields.push(conditional
      ? { name: fieldName, type: conditional[3], flag: { field: conditional[1], bit: Number(conditional[2]) } }
      : { name: fieldName, type: declared });
  }
  const definition = { name, id: 0, kind, fields, result };
  definition.id = id === undefined ? computeId(definition) : parseInt(id, 16);
  return definition;
}

/** The line of a definition, without a line end. */
export function formatLine(definition) {
  const { name, id, fields, result } = definition;
  const generic = fields.some((field) => field.type === '!X') ? ['{X:Type}'] : [];
  const args = fields.map(({ name: field, type, flag }) => `${field}:${flag ? `${flag.field}.${flag.bit}?` : ''}${type}`);
  return [`${name}#${id.toString(16).padStart(8, '0')}`, ...generic, ...args, '=', `${result};`].join(' ');
}

/** The id that TL's rule gives a definition: CRC32 of its text without punctuation and without `true` flags. */
export function computeId(definition) {
  const generic = definition.fields.some((field) => field.type === '!X') ? ['X:Type'] : [];
  const args = definition.fields
    .filter(({ type, flag }) => !(flag && type === 'true'))
    .map(({ name, type, flag }) => `${name}:${flag ? `${flag.field}.${flag.bit}?` : ''}${type === 'bytes' ? 'string' : type}`);
  const text = [definition.name, ...generic, ...args, '=', definition.result].join(' ').replaceAll('<', ' ').replaceAll('>', '');
  return crc32(Buffer.from(text)) >>> 0;
}

/** Parses a whole schema; `---functions---` and `---types---` switch the kind, `//` starts a comment. @returns {Definition[]} */
export function parseSchema(text) {
  const definitions = [];
  let kind = 'constructor';
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('//')) continue;
    if (line === '---functions---') kind = 'method';
    else if (line === '---types---') kind = 'constructor';
    else definitions.push(parseLine(line, kind));
  }
  return definitions;
}

/** A key under which definitions of one name are compared: kind, id, fields and result. */
export const sameDefinition = (a, b) => a.kind === b.kind && formatLine(a) === formatLine(b);

/**
 * Layers as committed: the oldest in full, each later one as what changed against the one before.
 * In a change file, `- name` takes a definition away and `+ line` adds one or replaces the one of that name.
 * @returns {Map<number, Map<string, Definition>>} by layer, then by name; methods are keyed `name()`.
 */
export function loadLayers(directory) {
  const layers = readdirSync(directory).map((file) => /^(\d+)\.tl$/.exec(file)?.[1]).filter(Boolean).map(Number).sort((a, b) => a - b);
  const schemas = new Map();
  let previous = new Map();
  layers.forEach((layer, index) => {
    const text = readFileSync(join(directory, `${layer}.tl`), 'utf8');
    const schema = new Map(previous);
    if (index === 0) for (const definition of parseSchema(text)) schema.set(keyOf(definition), definition);
    else {
      let kind = 'constructor';
      for (const line of text.split('\n')) {
        if (line === '---functions---') kind = 'method';
        else if (line.startsWith('+ ')) {
          const definition = parseLine(line.slice(2), kind);
          schema.set(keyOf(definition), definition);
        } else if (line.startsWith('- ')) {
          const key = kind === 'method' ? `${line.slice(2)}()` : line.slice(2);
          if (!schema.delete(key)) throw new Error(`${layer}.tl takes ${key} away, which the layer before doesn't have`);
        } else if (line !== '' && !line.startsWith('//')) throw new Error(`${layer}.tl: not a change: ${line}`);
      }
    }
    schemas.set(layer, schema);
    previous = schema;
  });
  return schemas;
}

/** Constructors and methods share no namespace on the wire, but may share a name in text. */
export const keyOf = (definition) => (definition.kind === 'method' ? `${definition.name}()` : definition.name);
