import { API_TABLE, LAYER_NUMBERS } from './gen/tables';
import { Schema } from './schema';

/** The layers served, oldest first. Any other is CONNECTION_LAYER_INVALID: "nearest" is never safe. */
export const LAYERS: readonly number[] = LAYER_NUMBERS;
export const NEWEST_LAYER: number = LAYERS[LAYERS.length - 1]!;

/** A layer to write for; 'newest' also knows Heliograph's own constructors, which no client is sent. */
export type Layer = number | 'newest';

/** The mask bit of 'newest'. */
export const NEWEST_BIT = 1 << LAYERS.length;

let schema: Schema | undefined;

/** Every definition of every layer. Indexed at first use. */
export function apiSchema(): Schema {
  return (schema ??= new Schema(API_TABLE));
}

/** The mask bit of a layer. Throws RangeError for one that isn't served. */
export function layerBit(layer: Layer): number {
  if (layer === 'newest') return NEWEST_BIT;
  const index = LAYERS.indexOf(layer);
  if (index < 0) throw new RangeError(`layer ${layer} isn't served`);
  return 1 << index;
}

/** The TL name of the method with this constructor id in any served layer, e.g. `messages.sendMessage`. */
export function methodName(constructorId: number): string | undefined {
  const definition = apiSchema().byConstructorId(constructorId >>> 0);
  return definition?.method ? definition.name : undefined;
}
