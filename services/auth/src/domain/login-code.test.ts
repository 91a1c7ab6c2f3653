import { codeMac, phoneMac, randomCode, sameMac, testCode } from './login-code';

const bytes = (value: number): Uint8Array => {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
};

test('a code has five digits, zeros in front included', () => {
  expect(randomCode(() => bytes(7))).toBe('00007');
  expect(randomCode(() => bytes(123_456))).toBe('23456');
});
test('a draw that would favour small codes is drawn again', () => {
  const draws = [0xffffffff, 42];
  expect(randomCode(() => bytes(draws.shift() as number))).toBe('00042');
});
test('a test number has its digit five times', () => {
  expect(testCode('9996621234')).toBe('22222');
  expect(testCode('491512345678')).toBeUndefined();
});
test('a code is bound to its phone and hash', () => {
  const secret = new Uint8Array(32).fill(1);
  const right = codeMac(secret, '4915', 'aa', '12345');
  expect(sameMac(right, codeMac(secret, '4915', 'aa', '12345'))).toBe(true);
  for (const other of [codeMac(secret, '4916', 'aa', '12345'), codeMac(secret, '4915', 'ab', '12345'), codeMac(secret, '4915', 'aa', '12346'), phoneMac(secret, '4915'), new Uint8Array(0)]) {
    expect(sameMac(right, other)).toBe(false);
  }
});
