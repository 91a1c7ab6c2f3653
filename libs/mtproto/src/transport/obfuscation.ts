import { createHash } from 'node:crypto';
import { FRAMING, type Framing, type PacketCipher, type Slot } from '../packet/cipher';

/** Bytes that an obfuscated connection begins with. Source: core.telegram.org/mtproto/mtproto-transports#transport-obfuscation */
export const OBFUSCATION_INIT_BYTES = 64;
const KEYS_AT = 8;
const KEY_BYTES = 32;
const IV_BYTES = 16;
const TAG_AT = 56;
const DC_AT = 60;

/** What the decrypted start says. */
export interface ObfuscationStart {
  readonly framing: Framing;
  /** Which data center the client wants: negative for media, ±10000 for test. Clients that don't care send 0 or noise. */
  readonly dc: number;
}

function framingOfTag(tag: number): Framing | undefined {
  switch (tag) {
    case 0xefefefef: return FRAMING.abridged;
    case 0xeeeeeeee: return FRAMING.intermediate;
    case 0xdddddddd: return FRAMING.padded;
    default: return undefined;
  }
}

/** Keys of both directions, as the server uses them: the client's outgoing key is our inbound one. */
export function obfuscationKeys(init: Uint8Array, secret?: Uint8Array): { inboundKey: Buffer; inboundIv: Buffer; outboundKey: Buffer; outboundIv: Buffer } {
  const forward = Buffer.from(init.subarray(KEYS_AT, KEYS_AT + KEY_BYTES + IV_BYTES));
  const backward = Buffer.from(forward).reverse();
  const key = (from: Buffer): Buffer => {
    const raw = from.subarray(0, KEY_BYTES);
    return secret ? createHash('sha256').update(raw).update(secret).digest() : raw;
  };
  return { inboundKey: key(forward), inboundIv: forward.subarray(KEY_BYTES), outboundKey: key(backward), outboundIv: backward.subarray(KEY_BYTES) };
}

/**
 * Starts the slot's stream ciphers from a client's first 64 bytes, with the secret if there is one, else (or if that does not fit) without.
 * Undefined when the bytes make no sense either way.
 */
export function startObfuscation(cipher: PacketCipher, slot: Slot, init: Uint8Array, secret?: Uint8Array): ObfuscationStart | undefined {
  for (const candidate of secret ? [secret, undefined] : [undefined]) {
    const { inboundKey, inboundIv, outboundKey, outboundIv } = obfuscationKeys(init, candidate);
    cipher.setObfuscation(slot, inboundKey, inboundIv, outboundKey, outboundIv);
    const plain = Buffer.from(init.subarray(0, OBFUSCATION_INIT_BYTES));
    cipher.decryptStream(slot, plain);
    const framing = framingOfTag(plain.readUInt32LE(TAG_AT));
    if (framing !== undefined) return { framing, dc: plain.readInt16LE(DC_AT) };
  }
  return undefined;
}
