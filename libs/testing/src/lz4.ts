/**
 * Opens one LZ4 block (docs: lz4.github.io/lz4, "LZ4 Block Format"), as Cassandra writes its tables' chunks. Throws on a block that is none, or
 * that does not make `size` bytes.
 */
export function openLz4Block(block: Buffer, size: number): Buffer {
  const out = Buffer.alloc(size);
  let at = 0;
  let to = 0;
  const length = (first: number): number => {
    let sum = first;
    if (first < 15) return sum;
    for (;;) {
      const more = block[at++];
      if (more === undefined) throw new Error('an LZ4 block ends in the middle of a length');
      sum += more;
      if (more !== 255) return sum;
    }
  };
  while (at < block.length) {
    const token = block[at++] as number;
    const literals = length(token >> 4);
    if (at + literals > block.length || to + literals > size) throw new Error('an LZ4 block holds more literals than there are');
    block.copy(out, to, at, at + literals);
    at += literals;
    to += literals;
    // The last sequence has no match.
    if (at === block.length) break;
    const offset = block.readUInt16LE(at);
    at += 2;
    const matched = length(token & 15) + 4;
    if (offset === 0 || offset > to || to + matched > size) throw new Error('an LZ4 block points outside of itself');
    // A match may overlap what it makes: byte by byte then.
    if (offset >= matched) out.copy(out, to, to - offset, to - offset + matched);
    else for (let index = 0; index < matched; index += 1) out[to + index] = out[to + index - offset] as number;
    to += matched;
  }
  if (to !== size) throw new Error(`an LZ4 block makes ${to} bytes instead of ${size}`);
  return out;
}
