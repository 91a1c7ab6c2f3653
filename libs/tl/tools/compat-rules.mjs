// Finds where older layers differ from the newest in what we write to them and read from them, and holds data/compat.txt against it.
import { keyOf } from './schema-text.mjs';

const elementOf = (type) => type.replace(/^Vector<(.+)>$/, '$1');
/** A field's declared shape with the number policy left out: what makes two layers' fields the same. */
const comparable = (fields) => fields.filter(({ type }) => type !== '#');

/** @returns {{verb: string, direction: string, subject: string, fields: string[], value: string, line: string}[]} */
export function parseRules(text) {
  const rules = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('//')) continue;
    const [direction, verb, subject, ...rest] = line.split(' ');
    const fielded = ['field', 'default', 'lost'].includes(verb);
    const dot = subject.lastIndexOf('.');
    rules.push({
      line, direction, verb,
      subject: fielded ? subject.slice(0, dot) : subject,
      fields: fielded ? subject.slice(dot + 1).split(',') : [],
      value: rest.join(' '),
    });
  }
  return rules;
}

function constructorsByType(schema) {
  const types = new Map();
  for (const definition of schema.values()) {
    if (definition.kind !== 'constructor') continue;
    if (!types.has(definition.result)) types.set(definition.result, []);
    types.get(definition.result).push(definition);
  }
  return types;
}

/** What is needed to write every result and update of the newest layer for `schema`. Keys: `lacks X`, `field X.f`, `result m`. */
function writingNeeds(newest, schema) {
  const needs = new Map();
  const newestTypes = constructorsByType(newest);
  const types = constructorsByType(schema);
  const waiting = ['Updates', 'Update'];
  for (const definition of schema.values()) {
    const now = definition.kind === 'method' && newest.get(keyOf(definition));
    if (!now) continue;
    if (now.result !== definition.result) needs.set(`result ${now.name}`, {});
    else waiting.push(elementOf(now.result));
  }
  const seen = new Set();
  while (waiting.length > 0) {
    const type = waiting.pop();
    if (seen.has(type) || !types.has(type)) continue;
    seen.add(type);
    for (const now of newestTypes.get(type) ?? []) {
      const then = schema.get(now.name);
      if (then?.result !== type) {
        needs.set(`lacks ${now.name}`, { type });
        continue;
      }
      for (const field of comparable(then.fields)) {
        const source = now.fields.find(({ name }) => name === field.name);
        if (field.type !== 'true' && (source ? source.type !== field.type || (source.flag && !field.flag) : !field.flag)) needs.set(`field ${now.name}.${field.name}`, {});
        waiting.push(elementOf(field.type));
      }
      for (const field of comparable(now.fields)) {
        if (!field.flag && !then.fields.some(({ name }) => name === field.name)) needs.set(`field ${now.name}.${field.name}`, {});
      }
    }
  }
  return needs;
}

/** What is needed to read everything that a client of `schema` can send, or that was stored with `storedTypes`. Keys: `gone X`, `field X.f`. */
function readingNeeds(newest, schema, storedTypes) {
  const needs = new Map();
  const types = constructorsByType(schema);
  const waiting = [...storedTypes];
  const compare = (then, now) => {
    for (const field of comparable(then.fields)) {
      const target = now.fields.find(({ name }) => name === field.name);
      if (!target || target.type !== field.type) needs.set(`field ${keyOf(now)}.${field.name}`, {});
      waiting.push(elementOf(field.type));
    }
    for (const field of comparable(now.fields)) {
      if (field.flag) continue;
      const source = then.fields.find(({ name }) => name === field.name);
      if (!source || source.flag) needs.set(`field ${keyOf(now)}.${field.name}`, {});
    }
  };
  for (const definition of schema.values()) {
    const now = definition.kind === 'method' && newest.get(keyOf(definition));
    if (now) compare(definition, now);
  }
  const seen = new Set();
  while (waiting.length > 0) {
    const type = waiting.pop();
    if (seen.has(type)) continue;
    seen.add(type);
    for (const then of types.get(type) ?? []) {
      const now = newest.get(then.name);
      if (now?.result === type) compare(then, now);
      else {
        needs.set(`gone ${then.name}`, {});
        for (const field of then.fields) waiting.push(elementOf(field.type));
      }
    }
  }
  return needs;
}

/** Rows are written in the newest layer and read for ever, so since this layer what they hold must stay readable too. */
const FIRST_STORED_LAYER = 229;

/** Which rules answer a need: all of them are used, none is missing. */
function hold(direction, needs, rules, problems, used) {
  for (const [need, { type }] of needs) {
    const [verb, subject] = need.split(' ');
    const answers = rules.filter((rule) => {
      if (rule.direction !== direction) return false;
      if (verb === 'field') return rule.fields.some((field) => `${rule.subject}.${field}` === subject);
      return rule.verb === verb && rule.subject === subject;
    });
    const answer = answers[0] ?? rules.find((rule) => rule.direction === direction && rule.verb === verb && rule.subject === `type:${type}`);
    if (answer) used.add(answer);
    else problems.add(`${direction} ${need}${type ? ` (${type})` : ''}`);
  }
}

const literal = (value) => (/^\d+n$/.test(value) ? value : JSON.stringify(JSON.parse(value)));

/**
 * Checks `rules` against the layers. Throws with every difference that no rule names, every rule that nothing needs and every function
 * that `functions` (names exported by down.ts and up.ts) lacks. @returns {{text: string}} src/gen/compat.ts
 */
export function checkCompat({ layers, internal, rules: rulesText, functions }) {
  const rules = parseRules(rulesText);
  const newest = [...layers.values()].at(-1);
  const missing = new Set();
  const used = new Set();
  const storedTypes = internal.flatMap(({ fields }) => fields.map(({ type }) => elementOf(type)));
  for (const [layer, schema] of [...layers].slice(0, -1)) {
    hold('down', writingNeeds(newest, schema), rules, missing, used);
    hold('up', readingNeeds(newest, schema, layer >= FIRST_STORED_LAYER ? storedTypes : []), rules, missing, used);
  }
  const problems = [...missing].sort().map((need) => `no rule in data/compat.txt for: ${need}`);
  const newestTypes = constructorsByType(newest);
  for (const rule of rules) {
    if (['leave-out', 'fallback', 'check'].includes(rule.verb)) {
      if (!newestTypes.has(rule.subject) && !newest.has(rule.subject)) problems.push(`nothing is called so: ${rule.line}`);
    } else if (!used.has(rule)) problems.push(`nothing needs: ${rule.line}`);
    const isFunction = ['lacks', 'fallback', 'field', 'result', 'gone', 'check'].includes(rule.verb) && !['unsayable', 'refuse'].includes(rule.value);
    if (isFunction && !functions[rule.direction].has(rule.value)) problems.push(`src/compat/${rule.direction}.ts has no function for: ${rule.line}`);
  }
  if (problems.length > 0) throw new Error(`the layers can't be served:\n  ${problems.join('\n  ')}`);
  return { text: compatText(rules, newest) };
}

function compatText(rules, newest) {
  const pick = (direction, verb) => rules.filter((rule) => rule.direction === direction && rule.verb === verb);
  const quote = JSON.stringify;
  const reference = ({ direction, value }) => (value === 'unsayable' || value === 'refuse' ? 'undefined' : `${direction}.${value}`);
  const record = (name, type, entries) => `export const ${name}: ${type} = {\n${entries.map(([key, value]) => `  ${quote(key)}: ${value},`).join('\n')}\n};`;
  const byType = new Map(pick('down', 'lacks').filter(({ subject }) => subject.startsWith('type:')).map((rule) => [rule.subject.slice(5), rule]));
  const lacks = new Map();
  for (const definition of newest.values()) if (definition.kind === 'constructor' && byType.has(definition.result)) lacks.set(definition.name, reference(byType.get(definition.result)));
  for (const rule of pick('down', 'lacks')) if (!rule.subject.startsWith('type:')) lacks.set(rule.subject, reference(rule));
  const unsayableTypes = [...new Set([...lacks].filter(([, value]) => value === 'undefined').map(([name]) => newest.get(name).result))];
  const changes = (direction) => {
    const bySubject = new Map();
    for (const rule of rules) {
      if (rule.direction !== direction || !['field', 'default'].includes(rule.verb)) continue;
      if (!bySubject.has(rule.subject)) bySubject.set(rule.subject, []);
      const apply = rule.verb === 'field' ? `apply: ${direction}.${rule.value}` : `value: () => (${literal(rule.value)})`;
      bySubject.get(rule.subject).push(`{ fields: ${quote(rule.fields)}, ${apply} }`);
    }
    return [...bySubject].map(([subject, list]) => [subject, `[${list.join(', ')}]`]);
  };
  return [
    "import type { TlObject } from '../compile';",
    "import * as down from '../compat/down';",
    "import * as up from '../compat/up';",
    '',
    'export type Instead = (value: TlObject) => TlObject;',
    '/** Fields that differ between layers: a patch made from the whole value, or what an absent field becomes. */',
    'export type Change = { readonly fields: readonly string[]; readonly apply: (value: TlObject) => object } | { readonly fields: readonly string[]; readonly value: () => unknown };',
    '',
    '/** For constructors that a layer may lack: what is written instead; undefined: it can\'t be said. */',
    record('DOWN_LACKS', 'Readonly<Record<string, Instead | undefined>>', [...lacks]),
    record('DOWN_FALLBACK', 'Readonly<Record<string, Instead>>', pick('down', 'fallback').map((rule) => [rule.subject, reference(rule)])),
    record('DOWN_CHANGES', 'Readonly<Record<string, readonly Change[]>>', changes('down')),
    record('DOWN_RESULTS', 'Readonly<Record<string, (value: never) => unknown>>', pick('down', 'result').map((rule) => [rule.subject, reference(rule)])),
    '/** A vector of these types leaves out what a layer can\'t say. */',
    `export const LEAVE_OUT_TYPES: ReadonlySet<string> = new Set(${quote(pick('down', 'leave-out').map(({ subject }) => subject))});`,
    '/** Types of which some constructor can\'t be said in some layer. */',
    `export const UNSAYABLE_TYPES: ReadonlySet<string> = new Set(${quote(unsayableTypes)});`,
    '/** Constructors that the newest layer no longer has; undefined: refused. */',
    record('UP_GONE', 'Readonly<Record<string, Instead | undefined>>', pick('up', 'gone').map((rule) => [rule.subject, reference(rule)])),
    record('UP_CHANGES', 'Readonly<Record<string, readonly Change[]>>', changes('up')),
    record('UP_CHECKS', 'Readonly<Record<string, (value: TlObject) => void>>', pick('up', 'check').map((rule) => [rule.subject, reference(rule)])),
    '',
  ].join('\n');
}
