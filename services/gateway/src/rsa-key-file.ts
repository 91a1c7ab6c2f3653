import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { generateRsaKey, readRsaKey, type RsaKey } from '@heliograph/mtproto/rsa-key';

/**
 * The RSA key in this file; made on the first start, readable by its owner only. Several processes that start together agree on one key.
 * Throws a sentence when the file holds something else.
 */
export async function openRsaKey(file: string): Promise<RsaKey> {
  const kept = await readIfThere(file);
  if (kept !== undefined) return parse(file, kept);
  const key = await generateRsaKey();
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.${Math.floor(performance.now() * 1_000)}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(key.privatePem);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    // A link appears whole or not at all, and never replaces a key that clients may know.
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  return parse(file, await readFile(file, 'utf8'));
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(file: string, pem: string): RsaKey {
  try {
    return readRsaKey(pem);
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message} Restore it from a backup: clients know its public half. Without one, delete the file; clients then need the new key.`, { cause: error });
  }
}
