// Which 64-bit fields are JavaScript numbers: data/numbers.txt.

const KINDS = new Set(['user', 'chat', 'channel', 'group', 'self-id', 'number', 'bigint']);

/**
 * @returns {{kindOf(definition, field): string | undefined, resolve(definition, field): string}}
 * `kindOf` answers what a long names; `resolve` the field's type with numbers as `int53`, or `int53:user` where it names a peer.
 */
export function readNumbers(text) {
  const rules = new Map();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('//')) continue;
    const [pattern, kind] = line.split(' ');
    if (!KINDS.has(kind)) throw new Error(`data/numbers.txt: unknown kind in: ${line}`);
    if (rules.has(pattern)) throw new Error(`data/numbers.txt: ${pattern} is named twice`);
    rules.set(pattern, kind);
  }
  const kindOf = (definition, field) => {
    if (field.type !== 'long' && field.type !== 'Vector<long>') return undefined;
    const kind = rules.get(`${definition.name}.${field.name}`) ?? rules.get(field.name);
    return kind === 'bigint' ? undefined : kind;
  };
  return {
    kindOf,
    resolve(definition, field) {
      const kind = kindOf(definition, field);
      if (!kind) return field.type;
      const number = kind === 'number' || kind === 'self-id' ? 'int53' : `int53:${kind}`;
      return field.type === 'long' ? number : `Vector<${number}>`;
    },
  };
}
