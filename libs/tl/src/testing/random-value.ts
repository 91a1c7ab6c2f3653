import type { TlObject } from '../compile';
import type { Definition, Field, Schema } from '../schema';

/** A generator of 32-bit numbers: the same seed makes the same values (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

const TEXTS = ['', 'a', 'Hello', 'привет, мир', '👩‍👩‍👧 family', 'x'.repeat(253), 'ß'.repeat(127), 'z'.repeat(254), '字'.repeat(120), 'padded to 4'];

/** Random values of one layer's constructors, in that layer's own shape. */
export class RandomValues {
  private readonly byType = new Map<string, Definition[]>();
  /** How many objects deep the shallowest value of a type is. */
  private readonly depths = new Map<string, number>();

  constructor(private readonly schema: Schema, private readonly layerBit: number, private readonly next: () => number) {
    for (const definition of schema.all()) {
      if (definition.method || !(definition.layers & layerBit)) continue;
      const members = this.byType.get(definition.result);
      if (members) members.push(definition);
      else this.byType.set(definition.result, [definition]);
    }
    for (let settled = false; !settled;) {
      settled = true;
      for (const [type, members] of this.byType) {
        const depth = Math.min(...members.map((member) => this.depthOf(member)));
        if (depth < (this.depths.get(type) ?? Infinity)) {
          this.depths.set(type, depth);
          settled = false;
        }
      }
    }
  }

  /** A value of one constructor or method. No constructor contains itself, which some decoders can't read. */
  of(definition: Definition, depthLeft = 6, inside: ReadonlySet<string> = new Set()): TlObject {
    const value: Record<string, unknown> & TlObject = { _: definition.name };
    const within = new Set([...inside, definition.name]);
    const set = new Map<string, boolean>();
    for (const field of definition.fields) {
      if (field.type === '#') continue;
      if (field.flagField !== undefined) {
        // Fields that share a flag come together.
        const flag = `${field.flagField}.${field.bit}`;
        const sharing = definition.fields.filter((other) => other.flagField === field.flagField && other.bit === field.bit);
        if (!set.has(flag)) set.set(flag, this.next() % 2 === 0 && sharing.every((other) => this.reaches(other, depthLeft, within)));
        if (!set.get(flag)) continue;
      }
      value[field.name] = this.field(field.type, depthLeft, within, field.flagField === undefined ? 0 : 1);
    }
    return value;
  }

  private depthOf(definition: Definition): number {
    return 1 + Math.max(0, ...definition.fields.filter((field) => field.flagField === undefined && this.byType.has(field.type)).map((field) => this.depths.get(field.type) ?? Infinity));
  }

  private members(type: string, depthLeft: number, inside: ReadonlySet<string>): Definition[] {
    return (this.byType.get(type) ?? []).filter((member) => !inside.has(member.name) && this.depthOf(member) <= depthLeft);
  }

  private reaches(field: Field, depthLeft: number, inside: ReadonlySet<string>): boolean {
    const type = field.type.replace(/^Vector<(.+)>$/, '$1');
    return !this.byType.has(type) || this.members(type, depthLeft - 1, inside).length > 0;
  }

  /** An optional vector has elements: some encoders take an empty one for absent. */
  private field(type: string, depthLeft: number, inside: ReadonlySet<string>, elementsMin = 0): unknown {
    const element = /^Vector<(.+)>$/.exec(type)?.[1];
    if (element !== undefined) {
      if (this.byType.has(element) && this.members(element, depthLeft - 1, inside).length === 0) return [];
      return Array.from({ length: elementsMin + (this.next() % 3) }, () => this.field(element, depthLeft, inside));
    }
    if (type.startsWith('int53')) return this.next() * 16 + 1;
    switch (type) {
      case 'true': return true;
      case 'int': return this.next() | 0;
      case 'long': return BigInt.asIntN(64, (BigInt(this.next()) << 32n) | BigInt(this.next() | 1));
      case 'double': return this.next() / 8 - 1e6;
      case 'string': return TEXTS[this.next() % TEXTS.length];
      case 'bytes': return this.bytes(this.next() % 300);
      case 'int128': return this.bytes(16);
      case 'int256': return this.bytes(32);
      case 'Bool': return this.next() % 2 === 0;
      default: {
        const members = this.members(type, depthLeft - 1, inside);
        // Where every constructor is on the path already, the shallowest is taken again.
        const chosen = members.length > 0 ? members[this.next() % members.length]! : this.shallowest(type);
        return this.of(chosen, depthLeft - 1, inside);
      }
    }
  }

  private shallowest(type: string): Definition {
    const members = this.byType.get(type);
    if (!members) throw new Error(`no constructor of ${type}`);
    return members.reduce((best, member) => (this.depthOf(member) < this.depthOf(best) ? member : best));
  }

  private bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.next());
  }
}
