import { SipHash } from './siphash';

const hashOf = (key: Uint8Array, input: Uint8Array): string => {
  const out = Buffer.alloc(8);
  new SipHash(key).into(out, 0, input, input.length);
  return out.toString('hex');
};

describe('SipHash-2-4', () => {
  const key = Buffer.from(Array.from({ length: 16 }, (_, index) => index));

  // The first vectors of the reference implementation: input 00 01 02 … of that length.
  it.each([
    [0, '310e0edd47db6f72'], [1, 'fd67dc93c539f874'], [2, '5a4fa9d909806c0d'], [3, '2d7efbd796666785'], [4, 'b7877127e09427cf'],
    [7, '37d1018bf50002ab'], [8, '6224939a79f5f593'], [15, 'e545be4961ca29a1'], [16, 'db9bc2577fcc2a3f'],
  ])('of %i bytes', (length, expected) => {
    expect(hashOf(key, Buffer.from(Array.from({ length }, (_, index) => index)))).toBe(expected);
  });

  it('takes 16 bytes of key and nothing else', () => {
    expect(() => new SipHash(Buffer.alloc(15))).toThrow(RangeError);
  });
});
