import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Blob } from './blob';
import { checkBody, checkPart, checkParts, checkRange, hashKey } from './checks';
import { BlobRefused, BlobUnavailable } from './errors';
import { GET_BYTES_MAX, PART_BYTES_MIN, UPLOAD_IDLE_MS } from './limits';

/**
 * The blob port on local files: `objects/<first byte of the hash>/<SHA-256 of the key>`, `uploads/<id>/<part>`. A key never
 * becomes a path, so none can leave the folder. An object appears whole by rename, and is flushed before `put` resolves.
 * Throws BlobUnavailable, saying what to do, when the folder cannot be used. @param options.now Unix milliseconds; default: this process's clock
 */
export async function openFileBlob(options: { folder: string; now?: () => number }): Promise<Blob> {
  const objects = join(options.folder, 'objects');
  const uploads = join(options.folder, 'uploads');
  await guard(options.folder, async () => {
    await mkdir(objects, { recursive: true });
    await mkdir(uploads, { recursive: true });
    const before = (options.now ?? Date.now)() - UPLOAD_IDLE_MS;
    for (const name of await readdir(uploads)) {
      const path = join(uploads, name);
      if ((await stat(path)).mtimeMs < before) await rm(path, { recursive: true, force: true });
    }
  });

  const pathOf = (key: string): string => {
    const hash = hashKey(key);
    return join(objects, hash.slice(0, 2), hash);
  };
  const uploadFolder = (upload: string): string => {
    if (!/^[0-9a-f-]{36}$/.test(upload)) throw new BlobRefused('no such upload');
    return join(uploads, upload);
  };
  /** The upload's folder, if it was started for that key. */
  const findUpload = async (key: string, upload: string): Promise<string> => {
    const folder = uploadFolder(upload);
    const of = await readFile(join(folder, 'key'), 'utf8').catch(() => undefined);
    if (of !== hashKey(key)) throw new BlobRefused('no such upload');
    return folder;
  };

  /** Writes beside the target, flushes, renames, and flushes the folder. */
  const writeWhole = async (path: string, fill: (file: Awaited<ReturnType<typeof open>>) => Promise<void>): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    const temporary = join(uploads, `${randomUUID()}.part`);
    try {
      const file = await open(temporary, 'wx');
      try {
        await fill(file);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(dirname(path));
  };

  return {
    put: (key, body) => guard(options.folder, async () => {
      checkBody(body);
      await writeWhole(pathOf(key), (file) => file.writeFile(body));
    }),
    get: (key, range) => guard(options.folder, async () => {
      if (range !== undefined) checkRange(range);
      const file = await open(pathOf(key), 'r').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (file === undefined) return undefined;
      try {
        const { size } = await file.stat();
        const from = Math.min(range?.from ?? 0, size);
        const length = Math.min(range?.length ?? size, size - from);
        if (length > GET_BYTES_MAX) throw new BlobRefused(`${length} bytes at once; at most ${GET_BYTES_MAX}: ask for a range`);
        const bytes = Buffer.alloc(length);
        let read = 0;
        while (read < length) {
          const { bytesRead } = await file.read(bytes, read, length - read, from + read);
          if (bytesRead === 0) throw new BlobUnavailable(`an object in ${options.folder} ended early`);
          read += bytesRead;
        }
        return bytes;
      } finally {
        await file.close();
      }
    }),
    delete: (key) => guard(options.folder, async () => {
      await rm(pathOf(key), { force: true });
    }),
    startMultipart: (key) => guard(options.folder, async () => {
      const upload = randomUUID();
      const folder = uploadFolder(upload);
      const hash = hashKey(key);
      await mkdir(folder);
      await writeFile(join(folder, 'key'), hash);
      return upload;
    }),
    putPart: (key, upload, part, body) => guard(options.folder, async () => {
      checkBody(body);
      checkPart(part);
      const folder = await findUpload(key, upload);
      if (existsSync(join(folder, COMPLETED))) throw new BlobRefused('no such upload');
      await writeWhole(join(folder, String(part)), (file) => file.writeFile(body));
      return createHash('md5').update(body).digest('hex');
    }),
    completeMultipart: (key, upload, parts) => guard(options.folder, async () => {
      checkParts(parts);
      const folder = await findUpload(key, upload);
      const known = new Set(await readdir(folder));
      if (known.has(COMPLETED)) return;
      for (const [i, { part }] of parts.entries()) {
        if (!known.has(String(part))) throw new BlobRefused(`part ${part} was not put`);
        const { size } = await stat(join(folder, String(part)));
        if (size < PART_BYTES_MIN && i < parts.length - 1) throw new BlobRefused(`part ${part} has ${size} bytes; all but the last need ${PART_BYTES_MIN}`);
      }
      try {
        await writeWhole(pathOf(key), async (file) => {
          for (const { part, tag } of parts) {
            const body = await readFile(join(folder, String(part)));
            if (createHash('md5').update(body).digest('hex') !== tag) throw new BlobRefused(`part ${part} is not the one with that tag`);
            await file.writeFile(body);
          }
        });
      } catch (error) {
        // Somebody else completed it at the same time and removed the parts.
        if (existsSync(join(folder, COMPLETED))) return;
        throw error;
      }
      // Remembered until it is swept, so that whoever got no answer may ask again.
      await writeFile(join(folder, COMPLETED), '');
      for (const name of known) if (name !== 'key') await rm(join(folder, name), { force: true });
    }),
    abortMultipart: (key, upload) => guard(options.folder, async () => {
      const folder = await findUpload(key, upload).catch(() => undefined);
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    }),
    async close() {},
  };
}

/** In an upload's folder: its object is there. */
const COMPLETED = 'completed';

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Turns the system's errors into the port's. */
async function guard<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BlobRefused || error instanceof BlobUnavailable) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new BlobUnavailable(`the disk of ${folder} is full: free some space`, { cause: error });
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') throw new BlobUnavailable(`${folder} cannot be written: give it to the user that runs this process`, { cause: error });
    throw new BlobUnavailable(`${folder}: ${message}`, { cause: error });
  }
}
