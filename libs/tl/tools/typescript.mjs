// The TypeScript types of a schema.

const pascal = (name) => name.split(/[._]/).map((part) => part[0].toUpperCase() + part.slice(1)).join('');
/** `messages.dialogsSlice` → `MessagesDialogsSlice` */
export const constructorType = (name) => pascal(name);
/** `messages.Dialogs` → `TypeMessagesDialogs` */
export const unionType = (name) => `Type${pascal(name)}`;
/** `messages.getDialogs` → `MessagesGetDialogsRequest` */
export const requestType = (name) => `${pascal(name)}Request`;

const BARE = { int: 'number', long: 'bigint', double: 'number', string: 'string', bytes: 'Uint8Array', int128: 'Uint8Array', int256: 'Uint8Array', Bool: 'boolean', true: 'boolean', '!X': 'Uint8Array', X: 'unknown' };

function typeOf(type) {
  if (type.startsWith('int53')) return 'number';
  const vector = /^Vector<(.+)>$/.exec(type);
  if (vector) return `${typeOf(vector[1])}[]`;
  const bareVector = /^vector<(.+)>$/.exec(type);
  if (bareVector) return `${constructorType(bareVector[1])}[]`;
  return BARE[type] ?? unionType(type);
}

function interfaceOf(name, definition, numbers) {
  const fields = definition.fields.filter((field) => field.type !== '#').map((field) => {
    const type = typeOf(numbers.resolve(definition, field));
    return `  ${field.name}${field.flag ? '?' : ''}: ${type}${field.flag ? ' | undefined' : ''};`;
  });
  return [`export interface ${name} {`, `  _: '${definition.name}';`, ...fields, '}'].join('\n');
}

/** Interfaces per constructor and method, unions per abstract type, and the map `Api`. */
export function apiTypes(definitions, numbers) {
  const taken = new Map();
  const claim = (name, what) => {
    if (taken.has(name)) throw new Error(`${what} and ${taken.get(name)} would both be called ${name}`);
    taken.set(name, what);
    return name;
  };
  const lines = [];
  const unions = new Map();
  const methods = [];
  for (const definition of definitions) {
    if (definition.kind === 'method') {
      lines.push(interfaceOf(claim(requestType(definition.name), `${definition.name}()`), definition, numbers));
      methods.push(`  '${definition.name}': { request: ${requestType(definition.name)}; result: ${typeOf(definition.result)} };`);
    } else {
      lines.push(interfaceOf(claim(constructorType(definition.name), definition.name), definition, numbers));
      unions.set(definition.result, [...(unions.get(definition.result) ?? []), constructorType(definition.name)]);
    }
  }
  const unionLines = [...unions].map(([type, members]) => `export type ${claim(unionType(type), `type ${type}`)} = ${members.join(' | ')};`);
  const names = [...unions].map(([type]) => `  '${type}': ${unionType(type)};`);
  return [
    ...lines,
    ...unionLines,
    '/** Abstract types by TL name. */', 'export interface Types {', ...names, '}',
    '/** Methods of the newest layer by TL name. `X` results are those of the wrapped query; a wrapper\'s `query` is raw TL bytes. */', 'export interface Api {', ...methods, '}',
    'export type MethodName = keyof Api;',
    '',
  ].join('\n');
}
