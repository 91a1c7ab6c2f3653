import { createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, lstatSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { openBytes, sealBytes } from './aes-gcm';
import { constantTimeEqual } from './constant-time';
import { RegionKeyRefused } from './errors';
import { deriveSecret } from './secret';

/** Wraps data keys and yields the DC's secrets. Its own bytes never leave it. */
export interface RegionKey {
  readonly version: number;
  /** Sealed with `place` as associated data. */
  wrap(key: Uint8Array, place: string): Uint8Array;
  /** Throws SealBroken. */
  unwrap(wrapped: Uint8Array, place: string): Uint8Array;
  /** 32 bytes for one purpose. */
  secret(purpose: string): Uint8Array;
}

const KEY_BYTES = 32;
const HEAD = 'heliograph-region-key';

/** @param bytes 32 bytes, wiped here */
export function makeRegionKey(version: number, bytes: Uint8Array): RegionKey {
  // What wraps and what secrets come from are apart, so that neither use tells of the other.
  const wrapping: KeyObject = createSecretKey(deriveSecret(bytes, 'wrap'));
  const secrets = deriveSecret(bytes, 'secrets');
  bytes.fill(0);
  return {
    version,
    wrap: (key, place) => sealBytes(wrapping, version, key, `wrap:${place}`),
    unwrap: (wrapped, place) => openBytes(wrapping, version, wrapped, `wrap:${place}`),
    secret: (purpose) => deriveSecret(secrets, purpose),
  };
}

/**
 * Reads the region key from a file that only its owner may read, or makes one. One line: head, version, key and its check, in base64url.
 * Throws RegionKeyRefused, saying what to do, when others may read the file, it is damaged, or it cannot be used.
 */
export function openRegionKeyFile(path: string): RegionKey {
  try {
    if (!existsSync(path)) makeFile(path);
    const stat = lstatSync(path);
    if (!stat.isFile()) throw new RegionKeyRefused(`${path} is no plain file: the region key must be one`);
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
      throw new RegionKeyRefused(`${path} may be read by others (mode ${(stat.mode & 0o777).toString(8).padStart(4, '0')}): run chmod 600 on it, and if others have read it, treat what it protects as known to them`);
    }
    return parse(path, readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof RegionKeyRefused) throw error;
    throw new RegionKeyRefused(`the region key ${path} cannot be used (${(error as NodeJS.ErrnoException).code ?? 'error'}): give the file to the user that runs this process`, { cause: error });
  }
}

function parse(path: string, text: string): RegionKey {
  const [head, version, key, check, more] = text.trim().split(':');
  const bytes = Buffer.from(key ?? '', 'base64url');
  const number = Number(version);
  if (head !== HEAD || more !== undefined || !Number.isInteger(number) || number < 1 || number > 255 || bytes.length !== KEY_BYTES || !constantTimeEqual(checkOf(bytes), Buffer.from(check ?? '', 'base64url'))) {
    throw new RegionKeyRefused(`the region key ${path} is damaged: restore it from your backup; without it the data of this data center cannot be read`);
  }
  return makeRegionKey(number, bytes);
}

const checkOf = (key: Uint8Array): Buffer => createHash('sha256').update('region-key-check').update(key).digest().subarray(0, 6);

/** The file appears whole or not at all; of several starts at once, one makes it. */
function makeFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const key = randomBytes(KEY_BYTES);
  const temporary = `${path}.${process.pid}.new`;
  rmSync(temporary, { force: true });
  const file = openSync(temporary, 'wx', 0o600);
  writeSync(file, `${HEAD}:1:${key.toString('base64url')}:${checkOf(key).toString('base64url')}\n`);
  fsyncSync(file);
  closeSync(file);
  key.fill(0);
  try {
    // Unlike a rename, a link does not take the place of a file that is there.
    linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  if (process.platform === 'win32') return;
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}
