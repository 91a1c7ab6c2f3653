import { constantTimeEqual } from './constant-time';
import { makeDataKey } from './data-key';
import { SealBroken } from './errors';
import { deriveSecret } from './secret';

const keyOf = (fill: number, version = 1) => makeDataKey('user:1', version, new Uint8Array(32).fill(fill));

test('what is sealed opens at its place', () => {
  const key = keyOf(1);
  for (const length of [0, 1, 300, 70_000]) {
    const plaintext = Buffer.alloc(length, 'x');
    const sealed = key.seal(plaintext, 'here');
    expect(sealed).toHaveLength(1 + 12 + length + 16);
    expect(sealed[0]).toBe(1);
    expect(Buffer.from(key.open(sealed, 'here')).equals(plaintext)).toBe(true);
  }
});

test('two seals of the same text have nothing in common', () => {
  const key = keyOf(1);
  expect(Buffer.from(key.seal(Buffer.from('text'), 'here')).equals(Buffer.from(key.seal(Buffer.from('text'), 'here')))).toBe(false);
});

test('another place, another key, another version and every changed byte are refused', () => {
  const key = keyOf(1);
  const sealed = key.seal(Buffer.from('text'), 'here');
  expect(() => key.open(sealed, 'there')).toThrow(SealBroken);
  expect(() => keyOf(2).open(sealed, 'here')).toThrow(SealBroken);
  expect(() => keyOf(1, 2).open(sealed, 'here')).toThrow(SealBroken);
  for (let i = 0; i < sealed.length; i++) {
    const changed = Uint8Array.from(sealed);
    changed[i] = (changed[i] as number) ^ 1;
    expect(() => key.open(changed, 'here')).toThrow(SealBroken);
  }
  for (let length = 0; length < sealed.length; length++) expect(() => key.open(sealed.subarray(0, length), 'here')).toThrow(SealBroken);
});

test('a token depends on the word and the key', () => {
  const key = keyOf(1);
  expect(key.token('word')).toHaveLength(8);
  expect(Buffer.from(key.token('word'))).toEqual(Buffer.from(key.token('word')));
  expect(Buffer.from(key.token('word'))).not.toEqual(Buffer.from(key.token('words')));
  expect(Buffer.from(key.token('word'))).not.toEqual(Buffer.from(keyOf(2).token('word')));
});

test('a key does not show', () => {
  expect(JSON.stringify(keyOf(1))).toBe('{"scope":"user:1","version":1}');
});

test('secrets of two purposes differ', () => {
  const key = new Uint8Array(32);
  expect(constantTimeEqual(deriveSecret(key, 'a'), deriveSecret(key, 'a'))).toBe(true);
  expect(constantTimeEqual(deriveSecret(key, 'a'), deriveSecret(key, 'b'))).toBe(false);
  expect(constantTimeEqual(new Uint8Array(1), new Uint8Array(2))).toBe(false);
});
