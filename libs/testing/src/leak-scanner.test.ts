import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@heliograph/testing/temp-folder';
import { codeSecret, keySecret, phoneSecret, scanBytes, scanFolder, textSecret } from './leak-scanner';

const between = (bytes: Buffer): Buffer => Buffer.concat([randomBytes(5_000), bytes, randomBytes(3_000)]);
const found = (bytes: Buffer, secret: Parameters<typeof scanBytes>[2][number]): boolean => scanBytes('planted', bytes, [secret]).length > 0;

describe('finds what is planted', () => {
  const text = textSecret('text', 'Canary-Grüße');
  test.each<[string, Buffer]>([
    ['UTF-8', Buffer.from('Canary-Grüße')],
    ['UTF-16LE', Buffer.from('Canary-Grüße', 'utf16le')],
    ['UTF-16BE', Buffer.from('Canary-Grüße', 'utf16le').swap16()],
    ['hex', Buffer.from(Buffer.from('Canary-Grüße').toString('hex'))],
    ['lower case', Buffer.from('canary-grüße')],
    ...[0, 1, 2].map((shift): [string, Buffer] => [`base64 of a longer text, ${shift} before it`, Buffer.from(Buffer.concat([randomBytes(30 + shift), Buffer.from('Canary-Grüße'), randomBytes(30)]).toString('base64'))]),
  ])('text as %s', (_, bytes) => expect(found(between(bytes), text)).toBe(true));

  test('a phone number as digits and as a number', () => {
    const phone = phoneSecret('phone', '447712345678');
    const number = Buffer.alloc(8);
    number.writeBigUInt64LE(447_712_345_678n);
    const double = Buffer.alloc(8);
    double.writeDoubleLE(447_712_345_678);
    for (const bytes of [Buffer.from('+447712345678'), number, Buffer.from(number).reverse(), double]) expect(found(between(bytes), phone)).toBe(true);
  });

  test('any 32 bytes of a key', () => {
    const key = randomBytes(256);
    const secret = keySecret('key', key);
    for (let at = 0; at + 32 <= key.length; at++) expect(found(between(key.subarray(at, at + 32)), secret)).toBe(true);
    expect(found(between(Buffer.from(key.toString('base64'))), secret)).toBe(true);
    expect(found(between(Buffer.from(key.toString('hex'))), secret)).toBe(true);
  });

  test('a code that stands alone, and none inside a longer number', () => {
    const code = codeSecret('code', '12345');
    expect(found(Buffer.from('your code is 12345.'), code)).toBe(true);
    expect(found(Buffer.from('at 9123456 and 12345'), code)).toBe(true);
    expect(found(Buffer.from('at 9123456'), code)).toBe(false);
  });
});

test('finds nothing where nothing is', () => {
  const secrets = [textSecret('text', 'Canary'), phoneSecret('phone', '447712345678'), keySecret('key', randomBytes(256))];
  expect(scanBytes('noise', randomBytes(1 << 20), secrets)).toEqual([]);
});

test('looks into every file of a folder, and at their names', () => {
  const folder = tempFolder('leaks');
  mkdirSync(join(folder.path, 'a/b'), { recursive: true });
  writeFileSync(join(folder.path, 'a/b/log'), 'nothing, and then Canary');
  writeFileSync(join(folder.path, 'Canary.txt'), '');
  const { files, leaks } = scanFolder(folder.path, [textSecret('text', 'Canary')]);
  expect(files).toBe(2);
  expect(leaks.map(({ where }) => where).sort()).toEqual([join('a/b/log'), 'the name Canary.txt']);
  folder.remove();
});
