import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Something that must stand nowhere in the clear. */
export interface Secret {
  readonly name: string;
  /** Byte strings of which each alone is a leak. */
  readonly forms: readonly { readonly as: string; readonly bytes: Buffer }[];
  /** Digits next to a match make it part of a longer number, which says nothing. */
  readonly aloneAmongDigits?: boolean;
}

export interface Leak {
  readonly where: string;
  readonly secret: string;
  readonly as: string;
  readonly offset: number;
}

/** A file below which nobody hides a log: larger ones are a finding of their own. */
const FILE_BYTES_MAX = 1 << 30;
/** A window of 32 bytes of a key holds a whole block of 16 that begins at a multiple of 16. */
const KEY_BLOCK_BYTES = 16;

/** Base64 of the text at each of its three alignments, without the characters that depend on its neighbours. */
function base64Forms(bytes: Buffer): { as: string; bytes: Buffer }[] {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').replace(/=+$/, '');
    return { as: `base64 at ${shift}`, bytes: Buffer.from(text.slice(shift === 0 ? 0 : shift + 1, text.length - 2)) };
  });
}

export function textSecret(name: string, text: string): Secret {
  const utf16 = Buffer.from(text, 'utf16le');
  const lower = text.toLowerCase();
  return {
    name,
    forms: [
      { as: 'UTF-8', bytes: Buffer.from(text) }, { as: 'UTF-16LE', bytes: utf16 }, { as: 'UTF-16BE', bytes: Buffer.from(utf16).swap16() }, { as: 'hex', bytes: Buffer.from(Buffer.from(text).toString('hex')) },
      ...base64Forms(Buffer.from(text)), ...(lower === text ? [] : [{ as: 'lower case', bytes: Buffer.from(lower) }]),
    ],
  };
}

/** A phone number: its digits, and the number that they make. */
export function phoneSecret(name: string, digits: string): Secret {
  const little = Buffer.alloc(8);
  little.writeBigUInt64LE(BigInt(digits));
  const double = Buffer.alloc(8);
  double.writeDoubleBE(Number(digits));
  return { name, forms: [...textSecret(name, digits).forms, { as: 'int64', bytes: little.subarray(0, 6) }, { as: 'big-endian', bytes: Buffer.from(little).reverse().subarray(2) }, { as: 'double', bytes: double }, { as: 'little-endian double', bytes: Buffer.from(double).reverse() }] };
}

/** A short code: only where it stands alone. */
export const codeSecret = (name: string, code: string): Secret => ({ name, aloneAmongDigits: true, forms: [{ as: 'UTF-8', bytes: Buffer.from(code) }, { as: 'UTF-16LE', bytes: Buffer.from(code, 'utf16le') }] });

/** Key bytes: every window of 32 of them. */
export function keySecret(name: string, key: Buffer): Secret {
  const forms: { as: string; bytes: Buffer }[] = [];
  for (let at = 0; at + KEY_BLOCK_BYTES <= key.length; at += KEY_BLOCK_BYTES) {
    const bytes = key.subarray(at, at + KEY_BLOCK_BYTES);
    forms.push({ as: `bytes ${at}…`, bytes }, { as: `hex of bytes ${at}…`, bytes: Buffer.from(bytes.toString('hex')) }, ...base64Forms(bytes).map((form) => ({ as: `${form.as} of bytes ${at}…`, bytes: form.bytes })));
  }
  return { name, forms };
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** Where the secrets stand in `bytes`; each form once. */
export function scanBytes(where: string, bytes: Buffer, secrets: readonly Secret[]): Leak[] {
  const leaks: Leak[] = [];
  for (const { name, forms, aloneAmongDigits } of secrets) {
    for (const { as, bytes: form } of forms) {
      for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + 1)) {
        const step = as.startsWith('UTF-16') ? 2 : 1;
        if (aloneAmongDigits === true && (isDigit(bytes[at - step]) || isDigit(bytes[at + form.length]))) continue;
        leaks.push({ where, secret: name, as, offset: at });
        break;
      }
    }
  }
  return leaks;
}

/** Every file of a folder, by size and leaks. Names of files count as contents. */
export function scanFolder(folder: string, secrets: readonly Secret[]): { files: number; bytes: number; leaks: Leak[] } {
  const leaks: Leak[] = [];
  let files = 0;
  let total = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    leaks.push(...scanBytes(`the name ${name}`, Buffer.from(entry.name), secrets));
    if (!entry.isFile()) continue;
    const bytes = readFileSync(path);
    if (bytes.length > FILE_BYTES_MAX) throw new Error(`${name} is too large to be looked through`);
    files += 1;
    total += bytes.length;
    leaks.push(...scanBytes(name, bytes, secrets));
  }
  return { files, bytes: total, leaks };
}

export const describeLeak = ({ where, secret, as, offset }: Leak): string => `${secret} (${as}) in ${where} at ${offset}`;
