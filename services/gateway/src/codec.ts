/** What the gateway needs of TL, by method name and bytes; `tl-codec.ts` is the real one. */
export interface Codec {
  readonly newestLayer: number;
  readonly layers: readonly number[];
  /** TL name of the method with this constructor id, in any layer; undefined for an unknown id. */
  methodName(constructor: number): string | undefined;
  /** A result as owners write it (newest layer). */
  readResult(method: string, bytes: Uint8Array): unknown;
  writeResult(method: string, value: unknown, layer: number): Uint8Array;
  /** An `Updates` object as services write it (newest layer). */
  readUpdates(bytes: Uint8Array): object;
  writeUpdates(value: object, layer: number): Uint8Array;
  isLoginFree(method: string): boolean;
  isUserOnly(method: string): boolean;
  isBotOnly(method: string): boolean;
}
