import { ScalarType, type DescField, type DescMessage } from '@bufbuild/protobuf';

const VARINT = 0;
const BITS_64 = 1;
const DELIMITED = 2;
const BITS_32 = 5;

/** By scalar type: the methods of Reader and Writer, the wire type, and what stands for "not set" where a field has no presence. */
const SCALARS: Readonly<Record<ScalarType, { method: string; wire: number; zero: string; isZero: (value: string) => string }>> = {
  [ScalarType.DOUBLE]: { method: 'double', wire: BITS_64, zero: '0', isZero: (value) => `Object.is(${value}, 0)` },
  [ScalarType.FLOAT]: { method: 'float', wire: BITS_32, zero: '0', isZero: (value) => `Object.is(${value}, 0)` },
  [ScalarType.INT64]: { method: 'int64', wire: VARINT, zero: '0n', isZero: (value) => `${value} === 0n` },
  [ScalarType.UINT64]: { method: 'uint64', wire: VARINT, zero: '0n', isZero: (value) => `${value} === 0n` },
  [ScalarType.INT32]: { method: 'int32', wire: VARINT, zero: '0', isZero: (value) => `${value} === 0` },
  [ScalarType.FIXED64]: { method: 'fixed64', wire: BITS_64, zero: '0n', isZero: (value) => `${value} === 0n` },
  [ScalarType.FIXED32]: { method: 'fixed32', wire: BITS_32, zero: '0', isZero: (value) => `${value} === 0` },
  [ScalarType.BOOL]: { method: 'bool', wire: VARINT, zero: 'false', isZero: (value) => `${value} === false` },
  [ScalarType.STRING]: { method: 'string', wire: DELIMITED, zero: "''", isZero: (value) => `${value} === ''` },
  [ScalarType.BYTES]: { method: 'view', wire: DELIMITED, zero: 'new Uint8Array(0)', isZero: (value) => `(${value} instanceof Uint8Array && ${value}.length === 0)` },
  [ScalarType.UINT32]: { method: 'uint32', wire: VARINT, zero: '0', isZero: (value) => `${value} === 0` },
  [ScalarType.SFIXED32]: { method: 'sfixed32', wire: BITS_32, zero: '0', isZero: (value) => `${value} === 0` },
  [ScalarType.SFIXED64]: { method: 'sfixed64', wire: BITS_64, zero: '0n', isZero: (value) => `${value} === 0n` },
  [ScalarType.SINT32]: { method: 'sint32', wire: VARINT, zero: '0', isZero: (value) => `${value} === 0` },
  [ScalarType.SINT64]: { method: 'sint64', wire: VARINT, zero: '0n', isZero: (value) => `${value} === 0n` },
};

const scalarOf = (field: DescField) => SCALARS[field.enum !== undefined ? ScalarType.INT32 : (field.scalar as ScalarType)];
const isPackable = (field: DescField): boolean => field.message === undefined && scalarOf(field).wire !== DELIMITED;
/** The tag of the field as it is written, or as one of a list's values that stand by themselves. */
const tagOf = (field: DescField, packed: boolean): number => ((field.number << 3) | (packed || field.message !== undefined ? DELIMITED : scalarOf(field).wire)) >>> 0;
const property = (name: string): string => `.${name}`;

/** By place among the fields that are messages. */
function withinOf(desc: DescMessage): Map<DescField, string> {
  return new Map(desc.fields.filter(({ message }) => message !== undefined).map((field, place) => [field, `within${place}`]));
}

/**
 * The body of `(reader, end) => message`: fields into variables, by their tags, and the message out of them at the end, so that all of a type have one shape.
 * A message within that comes twice, which would have to be merged, is odd; so is every tag that isn't expected.
 */
export function readerSource(desc: DescMessage): string {
  const within = withinOf(desc);
  const variables = new Map(desc.members.map((member, place) => [member, `v${place}`]));
  const lines: string[] = [];
  for (const member of desc.members) {
    const variable = variables.get(member);
    if (member.kind === 'oneof' || member.fieldKind === 'message' || (member.presence !== IMPLICIT && member.fieldKind !== 'list')) lines.push(`let ${variable};`);
    else if (member.fieldKind === 'list') lines.push(`const ${variable} = [];`);
    else if (member.fieldKind === 'scalar' && member.scalar === ScalarType.BYTES) lines.push(`let ${variable};`);
    else lines.push(`let ${variable} = ${member.fieldKind === 'enum' ? member.enum.values[0]?.number : scalarOf(member).zero};`);
  }
  lines.push('while (reader.at < end) switch (reader.tag()) {');
  for (const field of desc.fields) {
    const variable = variables.get(field.oneof ?? field) as string;
    const value = field.message === undefined ? `reader.${scalarOf(field).method}()` : undefined;
    const child = [`const stop = reader.enter();`, `const child = ${within.get(field)}.read(reader, stop);`, 'reader.leave();'];
    if (field.fieldKind === 'list') {
      lines.push(`case ${tagOf(field, false)}: {`, ...(value === undefined ? [...child, `${variable}.push(child);`] : [`${variable}.push(${value});`]), 'break;', '}');
      if (isPackable(field)) lines.push(`case ${tagOf(field, true)}: {`, 'const stop = reader.end();', `while (reader.at < stop) ${variable}.push(${value});`, 'if (reader.at !== stop) throw ODD;', 'break;', '}');
    } else if (field.oneof !== undefined) {
      const name = JSON.stringify(field.localName);
      lines.push(`case ${tagOf(field, false)}: {`);
      if (value === undefined) lines.push(`if (${variable} !== undefined) throw ODD;`, ...child, `${variable} = { case: ${name}, value: child };`);
      else lines.push(`${variable} = { case: ${name}, value: ${value} };`);
      lines.push('break;', '}');
    } else if (value === undefined) lines.push(`case ${tagOf(field, false)}: {`, `if (${variable} !== undefined) throw ODD;`, ...child, `${variable} = child;`, 'break;', '}');
    else lines.push(`case ${tagOf(field, false)}: ${variable} = ${value}; break;`);
  }
  lines.push('default: throw ODD;', '}', 'if (reader.at !== end) throw ODD;');
  lines.push(`return { $typeName: ${JSON.stringify(desc.typeName)}, ${desc.members.map((member) => {
    const variable = variables.get(member);
    if (member.kind === 'oneof') return `${member.localName}: ${variable} === undefined ? { case: undefined } : ${variable}`;
    return `${member.localName}: ${member.fieldKind === 'scalar' && member.scalar === ScalarType.BYTES && member.presence === IMPLICIT ? `${variable} === undefined ? new Uint8Array(0) : ${variable}` : variable}`;
  }).join(', ')} };`);
  return lines.join('\n');
}

/** The body of `(writer, message) => void`: fields in the order of their numbers, as `toBinary` writes what `create` makes of it; what is absent is as `create` leaves it. */
export function writerSource(desc: DescMessage): string {
  const within = withinOf(desc);
  const lines = [`if ((message.$typeName !== ${JSON.stringify(desc.typeName)} && message.$typeName !== undefined) || (message.$unknown !== undefined && message.$unknown.length > 0)) throw ODD;`];
  for (const field of [...desc.fields].sort((one, other) => one.number - other.number)) {
    const write = (value: string): string => (field.message === undefined
      ? `writer.tag(${tagOf(field, false)}); writer.${scalarOf(field).method}(${value});`
      : `writer.tag(${tagOf(field, false)}); const start = writer.begin(); ${within.get(field)}.write(writer, ${value}); writer.end(start);`);
    const value = `message${property(field.localName)}`;
    if (field.fieldKind === 'list') {
      const items = isPackable(field) && field.packed
        ? `writer.tag(${tagOf(field, true)}); const start = writer.begin(); for (let index = 0; index < list.length; index += 1) writer.${scalarOf(field).method}(list[index]); writer.end(start);`
        : `for (let index = 0; index < list.length; index += 1) { ${write('list[index]')} }`;
      lines.push(`{ const list = ${value}; if (list != null) { if (!Array.isArray(list)) throw ODD; if (list.length > 0) { ${items} } } }`);
    } else if (field.oneof !== undefined) {
      const one = `message${property(field.oneof.localName)}`;
      lines.push(`if (${one} != null && ${one}.case === ${JSON.stringify(field.localName)}) { ${write(`${one}.value`)} }`);
    }
    else if (field.presence !== IMPLICIT) lines.push(`if (${value} != null) { ${write(value)} }`);
    else {
      const isZero = field.fieldKind === 'enum' ? `${value} === ${field.enum.values[0]?.number}` : scalarOf(field).isZero(value);
      lines.push(`if (${value} != null && !(${isZero})) { ${write(value)} }`);
    }
  }
  return lines.join('\n');
}

/** google.protobuf.FeatureSet.FieldPresence.IMPLICIT */
const IMPLICIT = 2;
