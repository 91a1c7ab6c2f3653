/** Ids of data centers that clients have compiled in: TDLib begins with DC 1 wherever it is sent. */
const COMPILED_IN_DC_MAX = 5;
const TEST_DC_SHIFT = 10_000;

/**
 * The data center that a client believes it talks to: what its obfuscated start asked for, else ours. TDLib asks for the
 * configuration again without a pause while `this_dc` names another than that.
 * @param requested int16 of the start: negative for media, ±10000 for test, 0 or noise of clients that don't care; undefined without one
 * @param own this data center
 */
export function believedDc(requested: number | undefined, own: number): number {
  if (requested === undefined) return own;
  const distance = Math.abs(requested);
  const id = distance > TEST_DC_SHIFT ? distance - TEST_DC_SHIFT : distance;
  return id >= 1 && id <= COMPILED_IN_DC_MAX ? id : own;
}
