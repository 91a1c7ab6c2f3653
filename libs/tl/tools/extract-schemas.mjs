// Writes schema/<layer>.tl and data/catalogue.json from the pinned packages that publish them.
//
//   mkdir -p /tmp/schemas && cd /tmp/schemas && npm init -y && npm install --no-save --ignore-scripts <the packages below>
//   node libs/tl/tools/extract-schemas.mjs /tmp/schemas/node_modules
//
// Run by hand when a layer is added; its output is committed, so a build needs none of these packages.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { computeId, formatLine, keyOf, parseLine, parseSchema, sameDefinition } from './schema-text.mjs';

/** Where each layer comes from: an alias and the package behind it. */
const SOURCES = [
  { layer: 198, alias: 'tl-198', package: 'telegram@2.26.22', read: readText('tl/apiTl.js') },
  { layer: 204, alias: 'tl-204', package: '@mtcute/tl@204.0.0', read: readJson('api-schema.json') },
  { layer: 214, alias: 'tl-214', package: 'teleproto@214.1.7', read: readText('tl/apiTl.js') },
  { layer: 216, alias: 'tl-216', package: '@mtcute/tl@216.0.0', read: readJson('api-schema.json') },
  { layer: 218, alias: 'tl-218', package: '@mtcute/tl@218.0.1', read: readJson('api-schema.json') },
  { layer: 220, alias: 'tl-220', package: '@mtcute/tl@220.0.0', read: readJson('api-schema.json') },
  { layer: 221, alias: 'tl-221', package: '@mtcute/tl@221.0.0', read: readJson('api-schema.json') },
  { layer: 223, alias: 'tl-223', package: '@mtcute/tl@223.0.0', read: readJson('api-schema.json') },
  { layer: 225, alias: 'tl-225', package: '@mtcute/core@0.29.7', read: readJson('tl/api-schema.json') },
  { layer: 227, alias: 'tl-227', package: '@mtcute/core@0.30.3', read: readJson('tl/api-schema.json') },
  { layer: 228, alias: 'tl-228', package: 'teleproto@1.228.5', read: readDefinitions('tl/generated/api-definitions.js') },
  { layer: 229, alias: 'tl-229', package: 'teleproto@1.229.0', read: readDefinitions('tl/generated/api-definitions.js') },
];
const CATALOGUE_SOURCE = { alias: 'tl-227', file: 'tl/raw-errors.json' };

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

/** Not part of an API layer: primitives, MTProto's own constructors, test methods, and names that a library made up. */
function isForeign(definition) {
  return /^(boolFalse|boolTrue|true|vector|null|error)$/.test(definition.name)
    || definition.name.endsWith('Prefix') || /^(mtcute\.|test\.|tls[A-Z])/.test(definition.name)
    || MTPROTO_IDS.has(definition.id) || ['ipPort', 'ipPortSecret', 'accessPointRule', 'help.configSimple'].includes(definition.name);
}
const MTPROTO_IDS = new Set(parseSchema(readFileSync(join(here, '../schema/mtproto.tl'), 'utf8')).map(({ id }) => id));
/** Field names with capitals of their own. */
const VERBATIM = new Set(['srp_B', 'A', 'M1']);

/** A package that carries the schema as TL text in a JavaScript module. */
function readText(file) {
  return (folder) => parseSchema(require(join(folder, file)).split('\n').filter((line) => !line.startsWith('vector#')).join('\n'));
}

/** mtcute's JSON: `int53` is its name for a long that fits a number. */
function readJson(file) {
  return (folder) => JSON.parse(readFileSync(join(folder, file), 'utf8')).e.map((entry) => ({
    name: entry.name,
    id: entry.id >>> 0,
    kind: entry.kind === 'method' ? 'method' : 'constructor',
    result: withVector(entry.type, entry.typeModifiers),
    fields: entry.arguments.map(({ name, type, typeModifiers }) => {
      const predicate = typeModifiers?.predicate?.split('.');
      const bare = withVector(type === 'int53' ? 'long' : type, typeModifiers);
      return predicate ? { name, type: bare, flag: { field: predicate[0], bit: Number(predicate[1]) } } : { name, type: bare };
    }),
  }));
}

function withVector(type, modifiers) {
  if (modifiers?.isVector) return `Vector<${type}>`;
  if (modifiers?.isBareVector) return `vector<${type}>`;
  return type;
}

/** teleproto's generated definitions: names in camel case, so the ids prove that they were turned back rightly. */
function readDefinitions(file) {
  return (folder) => require(join(folder, file)).map((entry) => {
    const local = entry.name[0].toLowerCase() + entry.name.slice(1);
    const name = entry.namespace ? `${entry.namespace}.${local}` : local;
    const fields = Object.entries(entry.argsConfig).map(([field, config]) => {
      const type = config.flagIndicator ? '#' : config.type === 'X' ? '!X'
        : config.isVector ? `${config.useVectorId ? 'Vector' : 'vector'}<${config.type}>` : config.type;
      const snake = VERBATIM.has(field) ? field : field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return config.isFlag ? { name: snake, type, flag: { field: config.flagName, bit: config.flagIndex } } : { name: snake, type };
    });
    return { name, id: entry.constructorId >>> 0, kind: entry.isFunction ? 'method' : 'constructor', fields, result: entry.result };
  });
}

/** Definitions whose id doesn't follow from their text: a library's mistake or ours, unless Telegram numbered them by hand. */
function checkIds(schemas) {
  const unproved = [];
  for (const { layer, definitions } of schemas) {
    for (const definition of definitions.values()) {
      if (computeId(definition) === definition.id) continue;
      unproved.push(`${layer} ${formatLine(definition)}`);
    }
  }
  return unproved;
}

function changesText(source, before, after) {
  const lines = { constructor: [], method: [] };
  for (const [key, definition] of before.definitions) if (!after.definitions.has(key)) lines[definition.kind].push(`- ${definition.name}`);
  for (const [key, definition] of after.definitions) {
    const old = before.definitions.get(key);
    if (!old || !sameDefinition(old, definition)) lines[definition.kind].push(`+ ${formatLine(definition)}`);
  }
  return [`// Layer ${source.layer} as changes to layer ${before.layer}. Extracted from ${source.package}.`, ...lines.constructor, '---functions---', ...lines.method, ''].join('\n');
}

function fullText(source, { definitions }) {
  const all = [...definitions.values()];
  const lines = (kind) => all.filter((definition) => definition.kind === kind).map(formatLine);
  return [`// Layer ${source.layer}. Extracted from ${source.package}.`, ...lines('constructor'), '---functions---', ...lines('method'), ''].join('\n');
}

/** Errors with code and text, and which methods are for users only, for bots only, or answer which errors. */
function catalogue(modules) {
  const raw = JSON.parse(readFileSync(join(modules, CATALOGUE_SOURCE.alias, CATALOGUE_SOURCE.file), 'utf8'));
  // Some keys are constructor ids or MTProto's own messages.
  const methods = (names) => names.filter((name) => name.includes('.')).sort();
  return {
    errors: Object.fromEntries(Object.values(raw.errors).map(({ code, name, description }) => [name, [code, description]]).sort(([a], [b]) => (a < b ? -1 : 1))),
    throws: Object.fromEntries(methods(Object.keys(raw.throws)).map((method) => [method, raw.throws[method].sort().join(' ')])),
    userOnly: methods(Object.keys(raw.userOnly)),
    botOnly: methods(Object.keys(raw.botOnly)),
  };
}

const modules = resolve(process.argv[2] ?? 'node_modules');
const schemas = SOURCES.map((source) => {
  const definitions = new Map();
  for (const definition of source.read(join(modules, source.alias))) {
    if (!isForeign(definition)) definitions.set(keyOf(definition), parseLine(formatLine(definition), definition.kind));
  }
  return { layer: source.layer, definitions };
});
schemas.forEach((schema, index) => {
  const source = SOURCES[index];
  const text = index === 0 ? fullText(source, schema) : changesText(source, schemas[index - 1], schema);
  writeFileSync(join(here, `../schema/${source.layer}.tl`), text);
  console.log(`${source.layer}: ${schema.definitions.size} definitions, ${text.split('\n').length} lines`);
});
const unproved = checkIds(schemas);
console.log(`${unproved.length} definitions whose id isn't the checksum of their text:\n${[...new Set(unproved.map((line) => line.slice(4)))].join('\n')}`);
writeFileSync(join(here, '../data/catalogue.json'), `${JSON.stringify(catalogue(modules), null, 1)}\n`);
