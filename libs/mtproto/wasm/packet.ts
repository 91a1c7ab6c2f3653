// MTProto 2.0 packets of one connection. x is 8 for what the server sends, 0 for what clients send.
// Source: core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector
import { expandInverseKey, expandKey } from './aes-keys';
import { igeDecrypt, igeEncrypt } from './gen/aes';
import { SLOT_AUTH_KEY, SLOT_KEY_ID } from './memory-map';
import { hash52, hashAfterPrefix } from './sha256';

const hashBlock = memory.data(64, 16);
const digestA = memory.data(32, 16);
const digestB = memory.data(32, 16);
const aesKey = memory.data(32, 16);
const aesIv = memory.data(32, 16);
const roundKeys = memory.data(240, 16);
/** SHA-256 of the last message hashed, whose middle is its msg_key. */
export const messageDigest = memory.data(32, 16);

// @ts-ignore: decorator
@inline
export function copy8(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from));
}

// @ts-ignore: decorator
@inline
export function copy16(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
}

// @ts-ignore: decorator
@inline
export function copy36(to: usize, from: usize): void {
  copy16(to, from);
  copy16(to + 16, from + 16);
  store<u32>(to, load<u32>(from, 32), 32);
}

/** Puts key and IV together out of the two digests. */
// @ts-ignore: decorator
@inline
export function mixKeyAndIv(a: usize, b: usize, key: usize, iv: usize): void {
  copy8(key, a);
  copy16(key + 8, b + 8);
  copy8(key + 24, a + 24);
  copy8(iv, b);
  copy16(iv + 8, a + 8);
  copy8(iv + 24, b + 24);
}

/** messageDigest = SHA256(auth_key[88 + x …] ‖ plaintext); at least 32 bytes of plaintext. */
export function digestMessage(slot: usize, x: usize, plaintext: usize, bytes: usize): void {
  const part = slot + SLOT_AUTH_KEY + 88 + x;
  copy16(hashBlock, part);
  copy16(hashBlock + 16, part + 16);
  copy16(hashBlock + 32, plaintext);
  copy16(hashBlock + 48, plaintext + 16);
  hashAfterPrefix(hashBlock, plaintext + 32, bytes - 32, messageDigest);
}

function deriveKey(slot: usize, x: usize, msgKey: usize): void {
  const authKey = slot + SLOT_AUTH_KEY + x;
  copy16(hashBlock, msgKey);
  copy36(hashBlock + 16, authKey);
  hash52(hashBlock, digestA);
  copy36(hashBlock, authKey + 40);
  copy16(hashBlock + 36, msgKey);
  hash52(hashBlock, digestB);
  mixKeyAndIv(digestA, digestB, aesKey, aesIv);
}

/** Encrypts a plaintext of whole blocks into key id ‖ msg_key ‖ data. */
export function encryptPacket(slot: usize, plaintext: usize, bytes: usize, packet: usize): void {
  digestMessage(slot, 8, plaintext, bytes);
  copy8(packet, slot + SLOT_KEY_ID);
  copy16(packet + 8, messageDigest + 8);
  deriveKey(slot, 8, packet + 8);
  expandKey(aesKey, roundKeys);
  igeEncrypt(roundKeys, plaintext, packet + 24, <u32>bytes, aesIv);
}

/** Decrypts a packet's data, genuine or not. */
export function decryptPacket(slot: usize, packet: usize, bytes: usize, plaintext: usize): void {
  deriveKey(slot, 0, packet + 8);
  expandInverseKey(aesKey, roundKeys);
  igeDecrypt(roundKeys, packet + 24, plaintext, <u32>bytes, aesIv);
}

/** True when the msg_key of the packet is the middle of messageDigest; compared in constant time. */
export function isGenuine(packet: usize): bool {
  return ((load<u64>(messageDigest, 8) ^ load<u64>(packet, 8)) | (load<u64>(messageDigest, 16) ^ load<u64>(packet, 16))) == 0;
}
