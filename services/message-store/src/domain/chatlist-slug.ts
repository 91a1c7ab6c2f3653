import { homeDcOf } from '@heliograph/box/box-id';
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

/**
 * The slug of a link that shares a folder says by itself whose it is and which one, so that nothing has to be looked up, and says it to us alone: the DC of the sharer's id
 * (1 byte), then one block of AES-128 over that id (6 bytes), the link's nonce (4) and 6 bytes of zeros, base64url. Which slugs lead anywhere can't be guessed, nor told from how
 * they look: one in 2^48 opens to zeros, and such a one must name a link that there is.
 */
const ID_BYTES = 6;
const NONCE_BYTES = 4;
const BLOCK_BYTES = 16;
const SLUG_BYTES = 1 + BLOCK_BYTES;

export interface ListLink {
  /** Id of who shares it. */
  readonly sharer: number;
  readonly nonce: number;
}

export function chatlistSlug(secret: Uint8Array, { sharer, nonce }: ListLink): string {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.writeUIntBE(sharer, 0, ID_BYTES);
  block.writeUInt32BE(nonce, ID_BYTES);
  const cipher = createCipheriv('aes-128-ecb', keyOf(secret), null).setAutoPadding(false);
  return Buffer.concat([Buffer.from([homeDcOf(sharer)]), cipher.update(block), cipher.final()]).toString('base64url');
}

/** The DC whose secret opens a slug, and its bytes; undefined when it is none. */
export function readSlug(text: string): { dc: number; bytes: Buffer } | undefined {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== SLUG_BYTES || bytes.toString('base64url') !== text) return undefined;
  return { dc: bytes.readUInt8(0), bytes };
}

/** Which link it names; undefined when it was not made with the secret. */
export function openSlug(secret: Uint8Array, { dc, bytes }: { dc: number; bytes: Buffer }): ListLink | undefined {
  const cipher = createDecipheriv('aes-128-ecb', keyOf(secret), null).setAutoPadding(false);
  const block = Buffer.concat([cipher.update(bytes.subarray(1)), cipher.final()]);
  const link = { sharer: block.readUIntBE(0, ID_BYTES), nonce: block.readUInt32BE(ID_BYTES) };
  return block.subarray(ID_BYTES + NONCE_BYTES).every((byte) => byte === 0) && homeDcOf(link.sharer) === dc ? link : undefined;
}

/** The secret proves invite links of chats, too. */
const keyOf = (secret: Uint8Array): Buffer => createHmac('sha256', secret).update('slugs of chat lists').digest().subarray(0, 16);

/** The slug in a link as clients write it (`https://t.me/addlist/slug`, `tg://addlist?slug=slug`), or that alone. */
export const slugOfLink = (link: string): string => /(?:\/addlist\/|[?&]slug=)([\w-]+)\/?$/.exec(link)?.[1] ?? link;
