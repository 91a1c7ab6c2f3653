import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openSegment, openTable, scanDisk } from './disk-scan';
import { textSecret } from './leak-scanner';
import { openLz4Block } from './lz4';
import { tempFolder } from './temp-folder';

/** A table that Cassandra 5.0.9 wrote (chunks of 4 KiB, LZ4): 260 rows "canary <row % 3> quagga quagga …". */
const COMPRESSION_INFO = Buffer.from('AA1MWjRDb21wcmVzc29yAAAAAAAAEAB/////AAAAAAAAN+8AAAAEAAAAAAAAAAAAAAAAAAACjwAAAAAAAAUSAAAAAAAAB5Q=', 'base64');
const DATA = Buffer.from([
  'ABAAAMIABAAAAAF/////gAABABEkBwD/BTASAAgsY2FuYXJ5IDAgcXVhZ2dhBwAKATcANgEwNzcAHzEwAAoDUwABNwAYAjcAHzI3ABYYAzcAD6UAFxgENwAPpQAXGAU3AA+lABcYBjcA',
  'D6UAFxgHNwAPpQAXGAg3AA+lABcYCTcAD6UAFxgKNwAPpQAXGAs3AA+lABcYDDcAD6UAFxgNNwAPpQAXGA43AA+lABcYDzcAD6UAFxgQNwAPpQAXGBE3AA+lABcYEjcAD6UAFxgTNwAP',
  'pQAXGBQ3AA+lABcYFTcAD6UAFxgWNwAPpQAXGBc3AA+lABcYGDcAD6UAFxgZNwAPpQAXGBo3AA+lABcYGzcAD6UAFxgcNwAPpQAXGB03AA+lABcYHjcAD6UAFxgfNwAPpQAXGCA3AA+l',
  'ABcYITcAD6UAFxgiNwAPpQAXGCM3AA+lABcYJDcAD6UAFxglNwAPpQAXGCY3AA+lABcYJzcAD6UAFxgoNwAPpQAXGCk3AA+lABcYKjcAD6UAFxgrNwAPpQAXGCw3AA+lABcYLTcAD6UA',
  'FxguNwAPpQAXGC83AA+lABcYMDcAD6UAFxgxNwAPpQAXGDI3AA+lABcYMzcAD6UAFxg0NwAPpQAXGDU3AA+lABcYNjcAD6UAFxg3NwAPpQAXGDg3AA+lABcYOTcAD6UAFxg6NwAPpQAX',
  'GDs3AA+lABcYPDcAD6UAFxg9NwAPpQAXGD43AA+lABcYPzcAD6UAFxhANwAPpQAXGEE3AA+lABcYQjcAD6UAFxhDNwAPpQAXGEQ3AA+lABcYRTcAD6UAFxhGNwAPpQAXGEc3AA+lABcY',
  'SDcAD6UAFxhJNwAPpQAVUAAASjA32ffSZwAQAAD/AwAILGNhbmFyeSAyIHF1YWdnYQcACoYkAAAAAEswNzcAHzAwAAoDUwABNwAYTDcAHzE3ABYYTTcAD6UAFxhONwAPpQAXGE83AA+l',
  'ABcYUDcAD6UAFxhRNwAPpQAXGFI3AA+lABcYUzcAD6UAFxhUNwAPpQAXGFU3AA+lABcYVjcAD6UAFxhXNwAPpQAXGFg3AA+lABcYWTcAD6UAFxhaNwAPpQAXGFs3AA+lABcYXDcAD6UA',
  'FxhdNwAPpQAXGF43AA+lABcYXzcAD6UAFxhgNwAPpQAXGGE3AA+lABcYYjcAD6UAFxhjNwAPpQAXGGQ3AA+lABcYZTcAD6UAFxhmNwAPpQAXGGc3AA+lABcYaDcAD6UAFxhpNwAPpQAX',
  'GGo3AA+lABcYazcAD6UAFxhsNwAPpQAXGG03AA+lABcYbjcAD6UAFxhvNwAPpQAXGHA3AA+lABcYcTcAD6UAFxhyNwAPpQAXGHM3AA+lABcYdDcAD6UAFxh1NwAPpQAXGHY3AA+lABcY',
  'dzcAD6UAFxh4NwAPpQAXGHk3AA+lABcYejcAD6UAFxh7NwAPpQAXGHw3AA+lABcYfTcAD6UAFxh+NwAPpQAXGH83AA+lABcYgDcAD6UAFxiBNwAPpQAXGII3AA+lABcYgzcAD6UAFxiE',
  'NwAPpQAXGIU3AA+lABcYhjcAD6UAFxiHNwAPpQAXGIg3AA+lABcYiTcAD6UAFxiKNwAPpQAXGIs3AA+lABcYjDcAD6UAFxiNNwAPpQAXGI43AA+lABcYjzcAD6UAFxiQNwAPpQAXGJE3',
  'AA+lABcYkjcAD6UAFxiTNwAPpQAXGJQ3AAelAFBhZ2dhIPx7jhsAEAAAenF1YWdnYSAHAPsEJAAAAACVMDcACCxjYW5hcnkgMiIACjAAAw4AATcAGJY3AB8wNwAWGJc3AB8xNwAWGJg3',
  'AA+lABcYmTcAD6UAFxiaNwAPpQAXGJs3AA+lABcYnDcAD6UAFxidNwAPpQAXGJ43AA+lABcYnzcAD6UAFxigNwAPpQAXGKE3AA+lABcYojcAD6UAFxijNwAPpQAXGKQ3AA+lABcYpTcA',
  'D6UAFximNwAPpQAXGKc3AA+lABcYqDcAD6UAFxipNwAPpQAXGKo3AA+lABcYqzcAD6UAFxisNwAPpQAXGK03AA+lABcYrjcAD6UAFxivNwAPpQAXGLA3AA+lABcYsTcAD6UAFxiyNwAP',
  'pQAXGLM3AA+lABcYtDcAD6UAFxi1NwAPpQAXGLY3AA+lABcYtzcAD6UAFxi4NwAPpQAXGLk3AA+lABcYujcAD6UAFxi7NwAPpQAXGLw3AA+lABcYvTcAD6UAFxi+NwAPpQAXGL83AA+l',
  'ABcYwDcAD6UAFxjBNwAPpQAXGMI3AA+lABcYwzcAD6UAFxjENwAPpQAXGMU3AA+lABcYxjcAD6UAFxjHNwAPpQAXGMg3AA+lABcYyTcAD6UAFxjKNwAPpQAXGMs3AA+lABcYzDcAD6UA',
  'FxjNNwAPpQAXGM43AA+lABcYzzcAD6UAFxjQNwAPpQAXGNE3AA+lABcY0jcAD6UAFxjTNwAPpQAXGNQ3AA+lABcY1TcAD6UAFxjWNwAPpQAXGNc3AA+lABcY2DcAD6UAFxjZNwAPpQAX',
  'GNo3AA+lABcY2zcAD6UAFxjcNwAPpQAXGN03AA+lABcY3jcAD6UAElAkAAAAAH7mnNDvBwAA/wbfMDcACCxjYW5hcnkgMSBxdWFnZ2EHAApoJAAAAADgNwAfMjAACgNTAAE3ABjhNwAf',
  'MDcAFhjiNwAPpQAXGOM3AA+lABcY5DcAD6UAFxjlNwAPpQAXGOY3AA+lABcY5zcAD6UAFxjoNwAPpQAXGOk3AA+lABcY6jcAD6UAFxjrNwAPpQAXGOw3AA+lABcY7TcAD6UAFxjuNwAP',
  'pQAXGO83AA+lABcY8DcAD6UAFxjxNwAPpQAXGPI3AA+lABcY8zcAD6UAFxj0NwAPpQAXGPU3AA+lABcY9jcAD6UAFxj3NwAPpQAXGPg3AA+lABcY+TcAD6UAFxj6NwAPpQAXGPs3AA+l',
  'ABcY/DcAD6UAFxj9NwAPpQAXGP43AA+lABcY/zcAD6UAFigBADcAD6UAFigBATcAD6UAFigBAjcAD6UAFxgDNwAPpQAOUGdnYSABDkw7Pw==',
].join(''), 'base64');

/** A batch of Kafka's format 2, of which only what is read is right. */
function batch(records: Buffer, codec: number): Buffer {
  const bytes = Buffer.alloc(61 + records.length);
  bytes.writeInt32BE(49 + records.length, 8);
  bytes[16] = 2;
  bytes.writeInt16BE(codec, 21);
  records.copy(bytes, 61);
  return bytes;
}

describe('an LZ4 block', () => {
  test.each<[string, string, string]>([
    ['literals', '50' + Buffer.from('hello').toString('hex'), 'hello'],
    // 4 literals, a match of 8 that overlaps itself, then the last literals.
    ['a match that overlaps what it makes', '44' + Buffer.from('abcd').toString('hex') + '0200' + '10' + Buffer.from('!').toString('hex'), 'abcdcdcdcdcd!'],
    ['a long run of literals', `f005${Buffer.from('x'.repeat(20)).toString('hex')}`, 'x'.repeat(20)],
  ])('of %s is opened', (_, hex, text) => {
    expect(openLz4Block(Buffer.from(hex, 'hex'), text.length).toString()).toBe(text);
  });

  test.each<[string, string, number, RegExp]>([
    ['points outside of itself', '11610900', 8, /outside/],
    ['is too short', '50616263', 5, /more literals/],
    ['makes something else', '10' + '61', 9, /makes 1 bytes instead of 9/],
    ['ends within a length', 'f0ff', 9, /middle of a length/],
  ])('that %s is refused', (_, hex, size, error) => {
    expect(() => openLz4Block(Buffer.from(hex, 'hex'), size)).toThrow(error);
  });
});

describe('a table of Cassandra', () => {
  test('is opened whole', () => {
    const text = openTable(DATA, COMPRESSION_INFO).toString('latin1');
    expect(text.length).toBe(0x37ef);
    expect(text.split('quagga '.repeat(5)).length - 1).toBe(260);
    // In the file itself most rows stand as references to earlier ones.
    expect(DATA.toString('latin1').split('quagga '.repeat(5)).length - 1).toBeLessThan(10);
  });

  test('that is damaged is not taken for one without secrets', () => {
    const damaged = Buffer.from(DATA);
    damaged[2] = (damaged[2] as number) ^ 0x40;
    expect(() => openTable(damaged, COMPRESSION_INFO)).toThrow(/says that it makes/);
  });
});

test('compressed batches of Kafka are opened, others are read as they stand', () => {
  const segment = Buffer.concat([batch(Buffer.from('plain'), 0), batch(gzipSync('a text that is packed'), 1), batch(Buffer.from('plain'), 0)]);
  expect(openSegment(segment).map(String)).toEqual(['a text that is packed']);
  expect(() => openSegment(batch(Buffer.from('?'), 4))).toThrow(/codec 4/);
});

test('a disk is looked through: bytes, names, and what is compressed; what cannot be opened is named', () => {
  const folder = tempFolder('scan');
  const place = (...parts: string[]): string => {
    mkdirSync(join(folder.path, ...parts.slice(0, -1)), { recursive: true });
    return join(folder.path, ...parts);
  };
  writeFileSync(place('data', 'ks', 'nb-1-big-Data.db'), DATA);
  writeFileSync(place('data', 'ks', 'nb-1-big-CompressionInfo.db'), COMPRESSION_INFO);
  writeFileSync(place('log', 'box-0', '00000000000000000000.log'), batch(gzipSync('hidden platypus'), 1));
  writeFileSync(place('log', 'box-1', '00000000000000000000.log'), batch(Buffer.from('??'), 2));
  writeFileSync(place('bucket', 'an axolotl'), 'nothing');
  writeFileSync(place('commitlog'), 'a plain wombat');
  const find = (text: string): string[] => scanDisk(folder.path, [textSecret('it', text)]).leaks.map(({ where }) => where.replace(/^[^/]*\//, ''));
  expect(find('canary 2 quagga quagga quagga quagga quagga')).toContain(`data/ks/nb-1-big-Data.db, opened,`);
  expect(find('platypus')).toEqual([expect.stringMatching(/box-0.*, opened,/)]);
  expect(find('axolotl')).toEqual(['bucket/an axolotl']);
  expect(find('wombat')).toEqual(['commitlog']);
  expect(find('okapi')).toEqual([]);
  expect(scanDisk(folder.path, []).closed).toEqual([{ where: expect.stringMatching(/box-1/), why: 'a batch of codec 2' }]);
  folder.remove();
});
