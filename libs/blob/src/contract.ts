import type { Blob } from './blob';
import { BlobRefused } from './errors';
import { KEY_BYTES_MAX, PARTS_COUNT_MAX, PUT_BYTES_MAX } from './limits';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const textOf = (value: Uint8Array | undefined): string | undefined => (value === undefined ? undefined : Buffer.from(value).toString());

export interface OpenedBlob {
  blob: Blob;
  /** Closes and opens the same data again (a restart); absent where the adapter keeps nothing. */
  reopen?(): Promise<Blob>;
}

/** What every blob adapter promises. @param open a fresh, empty store, closed by the suite */
export function describeBlobContract(name: string, open: () => Promise<OpenedBlob>): void {
  describe(`blob contract: ${name}`, () => {
    let opened: OpenedBlob;
    let blob: Blob;
    beforeEach(async () => {
      opened = await open();
      ({ blob } = opened);
    });
    afterEach(() => blob.close());

    test('an object comes back whole and in ranges', async () => {
      await blob.put('files/1', bytes('0123456789'));
      expect(textOf(await blob.get('files/1'))).toBe('0123456789');
      const range = async (from: number, length: number): Promise<string | undefined> => textOf(await blob.get('files/1', { from, length }));
      expect(await Promise.all([range(0, 3), range(3, 4), range(8, 5), range(10, 1), range(50, 5), range(2, 0)])).toEqual(['012', '3456', '89', '', '', '']);
    });

    test('what is not there is undefined, an empty object is empty', async () => {
      expect(await blob.get('no')).toBeUndefined();
      expect(await blob.get('no', { from: 0, length: 1 })).toBeUndefined();
      await blob.put('empty', new Uint8Array(0));
      expect(await blob.get('empty')).toHaveLength(0);
    });

    test('a put replaces, a delete removes, and deleting twice is fine', async () => {
      await blob.put('k', bytes('a longer first one'));
      await blob.put('k', bytes('second'));
      expect(textOf(await blob.get('k'))).toBe('second');
      await blob.delete('k');
      await blob.delete('k');
      expect(await blob.get('k')).toBeUndefined();
    });

    test('of puts at once one is there whole', async () => {
      const bodies = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(100_000));
      await Promise.all(bodies.map((body) => blob.put('k', bytes(body))));
      expect(bodies).toContain(textOf(await blob.get('k')));
    });

    test.each(['../x', '/etc/passwd', '..', '.', 'a/../../b', 'a\0b', 'C:\\x', 'CON', 'Ünïcode 🙂', 'A', 'a', 'x'.repeat(KEY_BYTES_MAX)])('the key %p is only a name', async (key) => {
      await blob.put('a/b', bytes('untouched'));
      await blob.put(key, bytes(key));
      expect(textOf(await blob.get(key))).toBe(key);
      expect(textOf(await blob.get('a/b'))).toBe('untouched');
      await blob.delete(key);
    });

    test('an upload in parts appears whole when completed, and not before', async () => {
      const upload = await blob.startMultipart('big');
      const parts = await Promise.all([3, 1, 2].map(async (part) => ({ part, tag: await blob.putPart('big', upload, part, bytes(String(part).repeat(part))) })));
      expect(await blob.get('big')).toBeUndefined();
      await blob.completeMultipart('big', upload, parts.sort((a, b) => a.part - b.part));
      expect(textOf(await blob.get('big'))).toBe('122333');
      expect(textOf(await blob.get('big', { from: 2, length: 2 }))).toBe('23');
    });

    test('a part that is put again counts as it was put last', async () => {
      const upload = await blob.startMultipart('big');
      const first = await blob.putPart('big', upload, 1, bytes('old'));
      const tag = await blob.putPart('big', upload, 1, bytes('new'));
      await expect(blob.completeMultipart('big', upload, [{ part: 1, tag: first }])).rejects.toBeInstanceOf(BlobRefused);
      await blob.completeMultipart('big', upload, [{ part: 1, tag }]);
      expect(textOf(await blob.get('big'))).toBe('new');
    });

    test('an aborted upload leaves nothing, and what was there stays', async () => {
      await blob.put('big', bytes('before'));
      const upload = await blob.startMultipart('big');
      const tag = await blob.putPart('big', upload, 1, bytes('after'));
      await blob.abortMultipart('big', upload);
      await blob.abortMultipart('big', upload);
      await expect(blob.completeMultipart('big', upload, [{ part: 1, tag }])).rejects.toBeInstanceOf(BlobRefused);
      expect(textOf(await blob.get('big'))).toBe('before');
    });

    test('what it does not take is refused', async () => {
      const upload = await blob.startMultipart('k');
      const tag = await blob.putPart('k', upload, 2, bytes('2'));
      const refused = [
        () => blob.put('', bytes('x')),
        () => blob.put('x'.repeat(KEY_BYTES_MAX + 1), bytes('x')),
        () => blob.put('k', new Uint8Array(PUT_BYTES_MAX + 1)),
        () => blob.get('k', { from: -1, length: 1 }),
        () => blob.get('k', { from: 0.5, length: 1 }),
        () => blob.putPart('k', '../../x', 1, bytes('x')),
        () => blob.putPart('another', upload, 1, bytes('x')),
        () => blob.putPart('k', upload, 0, bytes('x')),
        () => blob.putPart('k', upload, PARTS_COUNT_MAX + 1, bytes('x')),
        () => blob.completeMultipart('k', upload, []),
        () => blob.completeMultipart('k', upload, [{ part: 1, tag }]),
        () => blob.completeMultipart('k', upload, [{ part: 2, tag }, { part: 2, tag }]),
      ];
      for (const work of refused) await expect(work()).rejects.toBeInstanceOf(BlobRefused);
      expect(await blob.get('k')).toBeUndefined();
    });

    test('objects outlive a restart, and so does an upload that has begun', async () => {
      if (opened.reopen === undefined) return;
      await blob.put('k', bytes('kept'));
      const upload = await blob.startMultipart('big');
      const tag = await blob.putPart('big', upload, 1, bytes('part'));
      blob = await opened.reopen();
      expect(textOf(await blob.get('k'))).toBe('kept');
      await blob.completeMultipart('big', upload, [{ part: 1, tag }]);
      expect(textOf(await blob.get('big'))).toBe('part');
    });
  });
}
