import { createHash, randomUUID } from 'node:crypto';
import type { Blob } from './blob';
import { BlobRefused } from './errors';
import { GET_BYTES_MAX, KEY_BYTES_MAX, PART_BYTES_MIN, PARTS_COUNT_MAX, PUT_BYTES_MAX } from './limits';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const textOf = (value: Uint8Array | undefined): string | undefined => (value === undefined ? undefined : Buffer.from(value).toString());
const hashOf = (value: Uint8Array | undefined): string => createHash('sha1').update(value ?? 'absent').digest('hex');
/** A body whose every piece of 8 bytes tells whose it is and where it belongs. */
const bodyOf = (name: number, length: number): Buffer => {
  const body = Buffer.alloc(length);
  const words = new Uint32Array(body.buffer, body.byteOffset, length >> 2);
  for (let i = 0; i < words.length; i++) words[i] = (i % 2 === 0 ? name : i) * 2_654_435_761;
  return body;
};
const MIB = 1024 * 1024;
/** Of the large object: as files come in the field when the contract is what is run (`npm run test:contract`), less among unit tests. */
const LARGE_PARTS = process.env['HELIOGRAPH_CONTRACT'] === 'full' ? [1, 2, 3, 4, 5] : [1];
const LARGE_PART_BYTES = 32 * MIB;

export interface OpenedBlob {
  blob: Blob;
  /** Closes and opens the same data again (a restart); absent where the adapter keeps nothing. */
  reopen?(): Promise<Blob>;
}

/** What every blob adapter promises. @param open a store, closed by the suite; it may hold what other runs left, whose keys differ */
export function describeBlobContract(name: string, open: () => Promise<OpenedBlob>): void {
  describe(`blob contract: ${name}`, () => {
    let opened: OpenedBlob;
    let blob: Blob;
    let scope: string;
    beforeEach(async () => {
      scope = randomUUID();
      opened = await open();
      ({ blob } = opened);
    });
    afterEach(() => blob.close());
    /** A key of this test alone. */
    const own = (what: string): string => `${scope}/${what}`;
    const read = async (key: string, range?: { from: number; length: number }): Promise<string | undefined> => textOf(await blob.get(key, range));
    const putParts = (key: string, upload: string, bodies: readonly Uint8Array[]): Promise<{ part: number; tag: string }[]> => Promise.all(bodies.map(async (body, i) => ({ part: i + 1, tag: await blob.putPart(key, upload, i + 1, body) })));
    /** An upload that is ready to be completed. */
    const prepare = async (key: string, bodies: readonly Uint8Array[]): Promise<{ upload: string; parts: { part: number; tag: string }[] }> => {
      const upload = await blob.startMultipart(key);
      return { upload, parts: await putParts(key, upload, bodies) };
    };

    describe('objects', () => {
      test('an object comes back whole and in ranges, at every border', async () => {
        const key = own('files/1');
        await blob.put(key, bytes('0123456789'));
        expect(await read(key)).toBe('0123456789');
        const ranges: [number, number, string][] = [
          [0, 3, '012'], [0, 10, '0123456789'], [0, 11, '0123456789'], [3, 4, '3456'], [9, 1, '9'], [8, 5, '89'], [5, GET_BYTES_MAX, '56789'], [1, Number.MAX_SAFE_INTEGER - 1, '123456789'],
          [0, 1, '0'], [10, 1, ''], [11, 5, ''], [50, 5, ''], [2 ** 40, 5, ''], [2, 0, ''], [10, 0, ''], [99, 0, ''],
        ];
        expect(await Promise.all(ranges.map(([from, length]) => read(key, { from, length })))).toEqual(ranges.map(([, , text]) => text));
      });

      test('what is not there is undefined, an empty object is empty', async () => {
        expect(await blob.get(own('no'))).toBeUndefined();
        for (const length of [0, 1]) expect(await blob.get(own('no'), { from: 0, length })).toBeUndefined();
        await blob.put(own('empty'), new Uint8Array(0));
        expect(await blob.get(own('empty'))).toHaveLength(0);
        for (const length of [0, 1]) expect(await blob.get(own('empty'), { from: 0, length })).toHaveLength(0);
      });

      test('a put replaces, a delete removes, and deleting twice is fine', async () => {
        await blob.put(own('k'), bytes('a longer first one'));
        await blob.put(own('k'), bytes('second'));
        expect(await read(own('k'))).toBe('second');
        await blob.delete(own('k'));
        await blob.delete(own('k'));
        expect(await blob.get(own('k'))).toBeUndefined();
        await blob.put(own('k'), bytes('third'));
        expect(await read(own('k'))).toBe('third');
      });

      test('any bytes are exact, and what was given or read may be changed afterwards', async () => {
        const binary = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31) % 256);
        const given = Uint8Array.from(binary);
        await blob.put(own('k'), given);
        given.fill(0);
        const there = await blob.get(own('k')) as Uint8Array;
        expect(hashOf(there)).toBe(hashOf(binary));
        there.fill(0);
        expect(hashOf(await blob.get(own('k')))).toBe(hashOf(binary));
      });

      test('an object of the largest size comes back whole and by its end', async () => {
        const large = bodyOf(7, PUT_BYTES_MAX);
        await blob.put(own('large'), large);
        expect(hashOf(await blob.get(own('large')))).toBe(hashOf(large));
        expect(hashOf(await blob.get(own('large'), { from: PUT_BYTES_MAX - 5, length: 100 }))).toBe(hashOf(large.subarray(-5)));
        await blob.delete(own('large'));
      }, 60_000);

      test('readers see one put or another, never a mixture, and never nothing', async () => {
        const key = own('k');
        const bodies = [1, 2, 3, 4].map((name) => bodyOf(name, MIB + name));
        const hashes = new Set(bodies.map(hashOf));
        await blob.put(key, bodies[0] as Buffer);
        let writing = true;
        const writers = Promise.all(bodies.map(async (body) => {
          for (let i = 0; i < 4; i++) await blob.put(key, body);
        })).finally(() => {
          writing = false;
        });
        const readers = Promise.all([0, 1].map(async () => {
          let seen = 0;
          while (writing || seen === 0) {
            expect(hashes).toContain(hashOf(await blob.get(key)));
            const middle = await blob.get(key, { from: 512 * 1024, length: 64 * 1024 }) as Uint8Array;
            expect(bodies.some((body) => Buffer.compare(body.subarray(512 * 1024, 576 * 1024), middle) === 0)).toBe(true);
            seen += 1;
          }
        }));
        await writers;
        await readers;
        expect(hashes).toContain(hashOf(await blob.get(key)));
      }, 30_000);

      const longest = (start: string): string => start + 'x'.repeat(KEY_BYTES_MAX - Buffer.byteLength(start));
      test.each(['../x', '../../x', '/etc/passwd', '..', '.', '/', '//', 'a/../../b', 'a\0b', 'C:\\x', 'CON', 'Ünïcode 🙂', 'A', 'a', 'a ', ' a', 'a%2Fb', 'a+b', '?x=y#z', '\r\nx', '*', '-rf', '~', '&<>"'])('the key %p is only a name', async (key) => {
        // At its very start too: nobody else uses such keys here.
        for (const name of [`${key}${scope}`, own(key), own(`${key}/b`), longest(own(key))]) {
          await blob.put(own('a/b'), bytes('untouched'));
          await blob.put(name, bytes(`of ${name}`));
          expect(await read(name)).toBe(`of ${name}`);
          expect(await read(own('a/b'))).toBe(name === own('a/b') ? `of ${name}` : 'untouched');
          await blob.delete(name);
          expect(await blob.get(name)).toBeUndefined();
        }
      });
    });

    describe('uploads in parts', () => {
      test('one appears whole when completed, and not before, whatever the order of its parts', async () => {
        const key = own('big');
        const bodies = [bodyOf(1, PART_BYTES_MIN), bodyOf(2, PART_BYTES_MIN + 1), bytes('the end')];
        const upload = await blob.startMultipart(key);
        const parts: { part: number; tag: string }[] = [];
        for (const part of [30, 10, 20]) parts.push({ part, tag: await blob.putPart(key, upload, part, bodies[part / 10 - 1] as Uint8Array) });
        expect(await blob.get(key)).toBeUndefined();
        await blob.completeMultipart(key, upload, parts.sort((a, b) => a.part - b.part));
        const whole = Buffer.concat(bodies);
        expect(hashOf(await blob.get(key))).toBe(hashOf(whole));
        for (const from of [0, PART_BYTES_MIN - 3, 2 * PART_BYTES_MIN - 3, whole.length - 3]) expect(hashOf(await blob.get(key, { from, length: 8 }))).toBe(hashOf(whole.subarray(from, from + 8)));
        expect(await blob.get(key, { from: whole.length, length: 8 })).toHaveLength(0);
        await blob.delete(key);
      }, 30_000);

      test('one part may be all, of any size', async () => {
        for (const text of ['small', '']) {
          const { upload, parts } = await prepare(own('k'), [bytes(text)]);
          await blob.completeMultipart(own('k'), upload, parts);
          expect(await read(own('k'))).toBe(text);
        }
      });

      test(`an object of ${LARGE_PARTS.length * LARGE_PART_BYTES / MIB} MiB is read back exactly, in ranges`, async () => {
        const key = own('large');
        const upload = await blob.startMultipart(key);
        const parts: { part: number; tag: string }[] = [];
        const hash = createHash('sha1');
        for (const part of LARGE_PARTS) {
          const body = bodyOf(part, LARGE_PART_BYTES);
          hash.update(body);
          parts.push({ part, tag: await blob.putPart(key, upload, part, body) });
        }
        await blob.completeMultipart(key, upload, parts);
        const readBack = createHash('sha1');
        let size = 0;
        for (; ;) {
          const range = await blob.get(key, { from: size, length: 48 * MIB }) as Uint8Array;
          if (range.length === 0) break;
          readBack.update(range);
          size += range.length;
        }
        expect([size, readBack.digest('hex')]).toEqual([LARGE_PARTS.length * LARGE_PART_BYTES, hash.digest('hex')]);
        if (size > GET_BYTES_MAX) {
          await expect(blob.get(key)).rejects.toBeInstanceOf(BlobRefused);
          await expect(blob.get(key, { from: 0, length: GET_BYTES_MAX + 1 })).rejects.toBeInstanceOf(BlobRefused);
        }
        expect(await blob.get(key, { from: size - 1, length: GET_BYTES_MAX + 1 })).toHaveLength(1);
        await blob.delete(key);
      }, 120_000);

      test('a part that is put again counts as it was put last', async () => {
        const upload = await blob.startMultipart(own('k'));
        const first = await blob.putPart(own('k'), upload, 1, bytes('old'));
        const tag = await blob.putPart(own('k'), upload, 1, bytes('new'));
        await expect(blob.completeMultipart(own('k'), upload, [{ part: 1, tag: first }])).rejects.toBeInstanceOf(BlobRefused);
        await blob.completeMultipart(own('k'), upload, [{ part: 1, tag }]);
        expect(await read(own('k'))).toBe('new');
      });

      test('a part that is left out is not in the object', async () => {
        const { upload, parts } = await prepare(own('k'), [bytes('left out'), bytes('taken')]);
        await blob.completeMultipart(own('k'), upload, parts.slice(1));
        expect(await read(own('k'))).toBe('taken');
      });

      test('uploads of one key at once do not touch each other, and the one completed last is the object', async () => {
        const key = own('k');
        const bodies = [1, 2, 3].map((name) => [bodyOf(name, PART_BYTES_MIN), bodyOf(name + 10, 100)]);
        const uploads = await Promise.all(bodies.map((each) => prepare(key, each)));
        expect(new Set(uploads.map(({ upload }) => upload)).size).toBe(3);
        const [one, two, three] = uploads as [typeof uploads[0], typeof uploads[0], typeof uploads[0]];
        await blob.completeMultipart(key, two.upload, two.parts);
        expect(hashOf(await blob.get(key))).toBe(hashOf(Buffer.concat(bodies[1] as Buffer[])));
        await blob.abortMultipart(key, one.upload);
        await blob.completeMultipart(key, three.upload, three.parts);
        expect(hashOf(await blob.get(key))).toBe(hashOf(Buffer.concat(bodies[2] as Buffer[])));
        await blob.put(key, bytes('a put in between'));
        await expect(blob.completeMultipart(key, one.upload, one.parts)).rejects.toBeInstanceOf(BlobRefused);
        expect(await read(key)).toBe('a put in between');
      }, 30_000);

      test('of uploads completed at once one is there whole', async () => {
        const key = own('k');
        const uploads = await Promise.all(['a', 'b', 'c'].map(async (letter) => ({ letter, ...await prepare(key, [bytes(letter.repeat(100_000))]) })));
        await Promise.all(uploads.map(({ upload, parts }) => blob.completeMultipart(key, upload, parts)));
        expect(uploads.map(({ letter }) => letter.repeat(100_000))).toContain(await read(key));
      });

      test('completing again changes nothing', async () => {
        const { upload, parts } = await prepare(own('k'), [bytes('whole')]);
        await blob.completeMultipart(own('k'), upload, parts);
        await blob.completeMultipart(own('k'), upload, parts);
        expect(await read(own('k'))).toBe('whole');
        await blob.abortMultipart(own('k'), upload);
        expect(await read(own('k'))).toBe('whole');
        // Resolved or refused, an old upload does not come back.
        for (const change of [() => blob.put(own('k'), bytes('newer')), () => blob.delete(own('k'))]) {
          const again = await prepare(own('k'), [bytes('old')]);
          await blob.completeMultipart(own('k'), again.upload, again.parts);
          await change();
          const changed = await read(own('k'));
          await blob.completeMultipart(own('k'), again.upload, again.parts).catch((error: unknown) => expect(error).toBeInstanceOf(BlobRefused));
          expect(await read(own('k'))).toBe(changed);
        }
      });

      test('a completed upload takes no more parts', async () => {
        const { upload, parts } = await prepare(own('k'), [bytes('whole')]);
        await blob.completeMultipart(own('k'), upload, parts);
        await expect(blob.putPart(own('k'), upload, 2, bytes('more'))).rejects.toBeInstanceOf(BlobRefused);
        await expect(blob.putPart(own('k'), upload, 2, bodyOf(1, PART_BYTES_MIN))).rejects.toBeInstanceOf(BlobRefused);
        expect(await read(own('k'))).toBe('whole');
      });

      test('an aborted upload leaves nothing, and what was there stays', async () => {
        await blob.put(own('k'), bytes('before'));
        const { upload, parts } = await prepare(own('k'), [bytes('after')]);
        await blob.abortMultipart(own('k'), upload);
        await blob.abortMultipart(own('k'), upload);
        await expect(blob.completeMultipart(own('k'), upload, parts)).rejects.toBeInstanceOf(BlobRefused);
        for (const length of [3, MIB, PART_BYTES_MIN, 3 * PART_BYTES_MIN]) await expect(blob.putPart(own('k'), upload, 1, bodyOf(1, length))).rejects.toBeInstanceOf(BlobRefused);
        expect(await read(own('k'))).toBe('before');
      }, 30_000);
    });

    describe('refusals', () => {
      let upload: string;
      let tag: string;
      let small: string;
      beforeEach(async () => {
        upload = await blob.startMultipart(own('k'));
        tag = await blob.putPart(own('k'), upload, 2, bytes('2'));
        small = await blob.putPart(own('k'), upload, 1, bytes('1'));
      });
      const refused = (what: string, work: () => Promise<unknown>): void => test(what, async () => {
        await expect(work()).rejects.toBeInstanceOf(BlobRefused);
        expect(await blob.get(own('k'))).toBeUndefined();
      });

      refused('a key without a name', () => blob.put('', bytes('x')));
      refused('reading a key without a name', () => blob.get(''));
      refused('deleting a key without a name', () => blob.delete(''));
      refused('an upload to a key without a name', () => blob.startMultipart(''));
      refused('a key that is too long', () => blob.put('x'.repeat(KEY_BYTES_MAX + 1), bytes('x')));
      refused('a key of too many bytes', () => blob.get('ü'.repeat(KEY_BYTES_MAX / 2 + 1)));
      refused('an object that is too large', () => blob.put(own('k'), new Uint8Array(PUT_BYTES_MAX + 1)));
      refused('a part that is too large', () => blob.putPart(own('k'), upload, 1, new Uint8Array(PUT_BYTES_MAX + 1)));
      for (const [from, length] of [[-1, 1], [0.5, 1], [0, -1], [0, 0.5], [NaN, 1], [0, Infinity]]) refused(`bytes from ${from}, ${length} of them`, () => blob.get(own('k'), { from: from as number, length: length as number }));
      for (const id of ['', '../../x', '.', '..', 'x', '00000000-0000-4000-8000-000000000000', `${'0'.repeat(24)}.x`]) {
        refused(`a part of the upload ${JSON.stringify(id)}`, () => blob.putPart(own('k'), id, 1, bytes('x')));
        refused(`completing the upload ${JSON.stringify(id)}`, () => blob.completeMultipart(own('k'), id, [{ part: 1, tag }]));
      }
      refused('a part of an upload of another key', () => blob.putPart(own('another'), upload, 1, bytes('x')));
      refused('completing an upload of another key', () => blob.completeMultipart(own('another'), upload, [{ part: 2, tag }]));
      for (const part of [0, -1, 1.5, PARTS_COUNT_MAX + 1]) refused(`part ${part}`, () => blob.putPart(own('k'), upload, part, bytes('x')));
      refused('an upload without parts', () => blob.completeMultipart(own('k'), upload, []));
      refused('a part that was not put', () => blob.completeMultipart(own('k'), upload, [{ part: 3, tag }]));
      refused('a part with the tag of another', () => blob.completeMultipart(own('k'), upload, [{ part: 2, tag: small }]));
      refused('a part twice', () => blob.completeMultipart(own('k'), upload, [{ part: 2, tag }, { part: 2, tag }]));
      refused('parts that fall', () => blob.completeMultipart(own('k'), upload, [{ part: 2, tag }, { part: 1, tag: small }]));
      refused('a part without a tag', () => blob.completeMultipart(own('k'), upload, [{ part: 2, tag: '' }]));
      refused('a small part that is not the last', () => blob.completeMultipart(own('k'), upload, [{ part: 1, tag: small }, { part: 2, tag }]));
    });

    test('objects outlive a restart, and so does an upload that has begun', async () => {
      if (opened.reopen === undefined) return;
      await blob.put(own('k'), bytes('kept'));
      const { upload, parts } = await prepare(own('big'), [bytes('part')]);
      await blob.close();
      blob = await opened.reopen();
      expect(await read(own('k'))).toBe('kept');
      await blob.completeMultipart(own('big'), upload, parts);
      expect(await read(own('big'))).toBe('part');
    });
  });
}
