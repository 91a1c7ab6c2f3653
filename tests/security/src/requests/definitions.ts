import { IMPLEMENTED_METHODS } from '@heliograph/client-api/gen/routes';
import { NEWEST_BIT, apiSchema } from '@heliograph/tl/layers';
import type { Definition, Field } from '@heliograph/tl/schema';

/** A TL object as a plain value: `_` names its constructor or method. */
export interface TlValue {
  readonly _: string;
  readonly [field: string]: unknown;
}

export const elementType = (type: string): string | undefined => /^Vector<(.+)>$/.exec(type)?.[1];

/** Longs that libs/tl makes numbers of. */
export const plainType = (type: string): string => (type.startsWith('int53') ? 'long' : type);

const PLAIN = new Set(['int', 'long', 'double', 'string', 'bytes', 'int128', 'int256', 'true', 'Bool', '#']);
export const isPlain = (type: string): boolean => PLAIN.has(plainType(type));

const byType = new Map<string, Definition[]>();

function newest(): readonly Definition[] {
  return apiSchema().all().filter(({ layers, name }) => (layers & NEWEST_BIT) !== 0 && !name.startsWith('heliograph.'));
}

/** Constructors of an abstract type in the newest layer. */
export function constructorsOf(type: string): readonly Definition[] {
  if (byType.size === 0) {
    for (const definition of newest()) {
      if (definition.method) continue;
      const members = byType.get(definition.result);
      if (members === undefined) byType.set(definition.result, [definition]);
      else members.push(definition);
    }
  }
  return byType.get(type) ?? [];
}

export function definitionOf(name: string, method: boolean): Definition {
  const found = apiSchema().named(name, method, NEWEST_BIT);
  if (found === undefined) throw new RangeError(`the newest layer has no ${name}`);
  return found;
}

/** Wrappers, which the gateway itself takes off: functions without a namespace. */
const isWrapper = (name: string): boolean => !name.includes('.');

/** Every method of the newest layer but the wrappers around queries. */
export const allMethods = (): Definition[] => newest().filter(({ method, name }) => method && !isWrapper(name));

/** Methods that a service answers. */
export const implementedMethods = (): Definition[] => IMPLEMENTED_METHODS.map((name) => definitionOf(name, true)).sort((a, b) => (a.name < b.name ? -1 : 1));

export type { Definition, Field };
