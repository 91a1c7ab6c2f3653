import type { TlObject } from './compile';

/** One field as the tables have it; `type` may be `int53` (a long that is a number) or `int53:user` (one that names a user). */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly flagField?: string;
  readonly bit?: number;
}

/** One constructor or method in one of its shapes. */
export interface Definition {
  readonly name: string;
  readonly id: number;
  readonly method: boolean;
  /** Bit i: layer i of LAYERS has it. The bit after the last layer: it is what is written as 'newest'. */
  readonly layers: number;
  readonly fields: readonly Field[];
  /** Abstract type of a constructor, result type of a method. */
  readonly result: string;
}

/**
 * The definitions of a table, indexed at first use by id and by name and parsed one at a time when asked for,
 * so that a start pays a few milliseconds and a definition that nobody uses costs nothing more.
 */
export class Schema {
  private readonly lines: string[];
  private readonly parsed: (Definition | undefined)[];
  private readonly byId = new Map<number, number>();
  private readonly constructors = new Map<string, number[]>();
  private readonly methods = new Map<string, number[]>();

  constructor(table: string) {
    this.lines = table.split('\n');
    this.parsed = new Array<Definition | undefined>(this.lines.length);
    this.lines.forEach((line, index) => {
      const kind = line.indexOf(' ') + 1;
      const hash = line.indexOf('#', kind);
      const id = parseInt(line.slice(hash + 1, hash + 9), 16);
      const name = line.slice(kind + 2, hash);
      // An id doesn't cover true flags, so one id may have several lines: later layers come later and only add to it.
      this.byId.set(id, index);
      const names = line.charCodeAt(kind) === 109 ? this.methods : this.constructors;
      const known = names.get(name);
      if (known) known.push(index);
      else names.set(name, [index]);
    });
  }

  /** The newest definition with this constructor id. */
  byConstructorId(id: number): Definition | undefined {
    const index = this.byId.get(id);
    return index === undefined ? undefined : this.at(index);
  }

  /** What a layer (its bit) calls by this name. */
  named(name: string, method: boolean, layerBit: number): Definition | undefined {
    for (const index of (method ? this.methods : this.constructors).get(name) ?? []) {
      const definition = this.at(index);
      if (definition.layers & layerBit) return definition;
    }
    return undefined;
  }

  /** Every definition. Parses them all: for tools and tests. */
  all(): Definition[] {
    return this.lines.map((_, index) => this.at(index));
  }

  private at(index: number): Definition {
    return (this.parsed[index] ??= parseTableLine(this.lines[index]!));
  }
}

/** `<mask> <m|c> name#id field:flags.2?type … = Result;` */
function parseTableLine(line: string): Definition {
  const words = line.split(' ');
  const [name, id] = words[2]!.split('#');
  const equals = words.indexOf('=');
  const fields: Field[] = [];
  for (const word of words.slice(3, equals)) {
    if (word.startsWith('{')) continue;
    const colon = word.indexOf(':');
    const declared = word.slice(colon + 1);
    const question = declared.indexOf('?');
    if (question < 0) {
      fields.push({ name: word.slice(0, colon), type: declared });
      continue;
    }
    const [flagField, bit] = declared.slice(0, question).split('.');
    fields.push({ name: word.slice(0, colon), type: declared.slice(question + 1), flagField, bit: Number(bit) });
  }
  return { name: name!, id: parseInt(id!, 16), method: words[1] === 'm', layers: parseInt(words[0]!, 16), fields, result: words[equals + 1]!.slice(0, -1) };
}

/** What data/compat.txt says of fields that differ between layers; see src/gen/compat.ts. */
type Change = { readonly fields: readonly string[] } & ({ readonly apply: (value: TlObject) => object } | { readonly value: () => unknown });

/** Whether one of `fields` has another type in `to` than in `from`, is in one of them only, or is required in `to` alone. */
export function differing(from: Definition, to: Definition, fields: readonly string[]): boolean {
  return fields.some((name) => {
    const source = from.fields.find((field) => field.name === name);
    const target = to.fields.find((field) => field.name === name);
    return source?.type !== target?.type || (source?.flagField !== undefined && target?.flagField === undefined);
  });
}

/** A copy of `value` with the changes made. */
export function applyChanges(value: TlObject, changes: readonly Change[]): TlObject {
  const changed: Record<string, unknown> & TlObject = { ...value };
  for (const change of changes) {
    if ('apply' in change) Object.assign(changed, change.apply(value));
    else for (const field of change.fields) changed[field] ??= change.value();
  }
  return changed;
}
