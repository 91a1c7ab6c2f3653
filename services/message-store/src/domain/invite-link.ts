import { channelBox, channelOfBox, groupBox, isChannelBox } from '@heliograph/box/box-id';
import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The hash of an invite link says by itself which link of which basic group or channel it is, so that nothing has to be looked up: base64url of the chat's id
 * (5 bytes, the first bit set for a channel), the link's nonce (4) and 7 bytes of an HMAC-SHA256 over them under a secret of the chat's home DC. Whether the
 * link still holds is the chat's to say.
 */
const NAMED_BYTES = 9;
const PROOF_BYTES = 7;
const HASH_BYTES = NAMED_BYTES + PROOF_BYTES;
/** Ids of both kinds are below 2^35. */
const CHANNEL_MARK = 2 ** 39;

export interface NamedLink {
  /** The basic group's or the channel's, < 0. */
  readonly box: number;
  readonly nonce: number;
}

export function inviteHash(secret: Uint8Array, { box, nonce }: NamedLink): string {
  const hash = Buffer.alloc(HASH_BYTES);
  hash.writeUIntBE(isChannelBox(box) ? CHANNEL_MARK + channelOfBox(box) : -box, 0, 5);
  hash.writeUInt32BE(nonce, 5);
  proofOf(secret, hash).copy(hash, NAMED_BYTES);
  return hash.toString('base64url');
}

/** What a hash claims to name, and its bytes to prove it by; undefined when it is no such hash. */
export function readInviteHash(text: string): { link: NamedLink; hash: Buffer } | undefined {
  const hash = Buffer.from(text, 'base64url');
  if (hash.length !== HASH_BYTES || hash.toString('base64url') !== text) return undefined;
  const named = hash.readUIntBE(0, 5);
  return { link: { box: named >= CHANNEL_MARK ? channelBox(named - CHANNEL_MARK) : groupBox(named), nonce: hash.readUInt32BE(5) }, hash };
}

/** Whether the hash was made with the secret. In constant time. */
export function isProven(secret: Uint8Array, hash: Buffer): boolean {
  return timingSafeEqual(proofOf(secret, hash), hash.subarray(NAMED_BYTES));
}

const proofOf = (secret: Uint8Array, hash: Buffer): Buffer => createHmac('sha256', secret).update(hash.subarray(0, NAMED_BYTES)).digest().subarray(0, PROOF_BYTES);

/** The hash in a link as clients write it (`https://t.me/+hash`, `t.me/joinchat/hash`, `tg://join?invite=hash`), or that alone. */
export function hashOfLink(link: string): string {
  return /(?:\/\+|\/joinchat\/|[?&]invite=|^\+)([\w-]+)\/?$/.exec(link)?.[1] ?? link;
}
