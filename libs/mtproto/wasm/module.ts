// What the packet module exports. src/packet/wasm-cipher.ts is its only caller; slots are indexes, areas are addresses.
import { makeTables } from './aes-tables';
import { prepareBody, sealLanes } from './batch';
import { padFrame, writeHeader } from './frame';
import {
  FRAME_LEAD_BYTES, SLOT_AUTH_KEY, SLOT_BYTES, SLOT_INBOUND_STREAM, SLOT_KEY_ID, SLOT_OBFUSCATED, SLOT_OUTBOUND_STREAM, SLOT_SALT, SLOT_SESSION,
  batchFramings, batchHeads, batchSlots, batchSpans, inputArea, layOut, openedArea, outputArea, plainArea, randomArea, slotAddress,
} from './memory-map';
import { decryptPacket, digestMessage, encryptPacket, isGenuine, messageDigest } from './packet';
import { applyStream, startStream } from './stream';

export { prepareBody, sealLanes };

/** Lays out memory for `slots` connections. False when the memory is too small. */
export function initialize(slots: u32): bool {
  makeTables();
  return layOut(__heap_base, slots) <= <usize>memory.size() << 16;
}

export function inputAddress(): usize { return inputArea; }
export function plainAddress(): usize { return plainArea; }
export function openedAddress(): usize { return openedArea; }
export function outputAddress(): usize { return outputArea; }
export function randomAddress(): usize { return randomArea; }
export function batchSlotsAddress(): usize { return batchSlots; }
export function batchFramingsAddress(): usize { return batchFramings; }
export function batchHeadsAddress(): usize { return batchHeads; }
export function batchSpansAddress(): usize { return batchSpans; }
export function digestAddress(): usize { return messageDigest; }
export function slotAt(slot: u32): usize { return slotAddress(slot); }

export function clearSlot(slot: u32): void {
  memory.fill(slotAddress(slot), 0, SLOT_BYTES);
}

/** Takes 128 bytes of auth key from inputArea. */
export function setAuthKey(slot: u32, keyId: u64): void {
  const at = slotAddress(slot);
  memory.copy(at + SLOT_AUTH_KEY, inputArea, 128);
  memory.fill(inputArea, 0, 128);
  store<u64>(at, keyId, SLOT_KEY_ID);
}

export function keyId(slot: u32): u64 {
  return load<u64>(slotAddress(slot), SLOT_KEY_ID);
}

export function setSession(slot: u32, salt: u64, sessionId: u64): void {
  const at = slotAddress(slot);
  store<u64>(at, salt, SLOT_SALT);
  store<u64>(at, sessionId, SLOT_SESSION);
}

/** Takes inbound key (32 bytes) and counter (16), outbound key and counter from inputArea. */
export function setObfuscation(slot: u32): void {
  const at = slotAddress(slot);
  startStream(at + SLOT_INBOUND_STREAM, inputArea, inputArea + 32);
  startStream(at + SLOT_OUTBOUND_STREAM, inputArea + 48, inputArea + 80);
  memory.fill(inputArea, 0, 96);
  store<u32>(at, 1, SLOT_OBFUSCATED);
}

/** 1 when the slot's streams are started. */
export function isObfuscated(slot: u32): u32 {
  return load<u32>(slotAddress(slot), SLOT_OBFUSCATED);
}

/** Applies a direction's stream to the first bytes of inputArea. */
export function applyInbound(slot: u32, bytes: usize): void {
  applyStream(slotAddress(slot) + SLOT_INBOUND_STREAM, inputArea, bytes);
}

export function applyOutbound(slot: u32, bytes: usize): void {
  applyStream(slotAddress(slot) + SLOT_OUTBOUND_STREAM, inputArea, bytes);
}

/** Decrypts the packet in inputArea, with `bytes` of data, into openedArea. */
export function decrypt(slot: u32, bytes: usize): void {
  decryptPacket(slotAddress(slot), inputArea, bytes, openedArea);
}

/** Hashes what `decrypt` gave and compares msg_key; the digest stays at digestAddress. */
export function verify(slot: u32, bytes: usize): bool {
  digestMessage(slotAddress(slot), 0, openedArea, bytes);
  return isGenuine(inputArea);
}

/** Compares msg_key with a digest that was computed outside and stands at digestAddress. */
export function compare(): bool {
  return isGenuine(inputArea);
}

/**
 * Encrypts and frames one message: body and padding stand in plainArea from byte 32 on, `bytes` with them and the header. The packet goes to outputArea
 * after FRAME_LEAD_BYTES; answers the end of the frame relative to outputArea. Obfuscated unless the frame is a full one.
 */
export function seal(slot: u32, framing: u32, messageId: u64, seqNo: u32, bodyBytes: u32, bytes: usize): usize {
  const at = slotAddress(slot);
  store<u64>(plainArea, load<u64>(at, SLOT_SALT));
  store<u64>(plainArea, load<u64>(at, SLOT_SESSION), 8);
  store<u64>(plainArea, messageId, 16);
  store<u32>(plainArea, seqNo, 24);
  store<u32>(plainArea, bodyBytes, 28);
  const packet = outputArea + FRAME_LEAD_BYTES;
  encryptPacket(at, plainArea, bytes, packet);
  const payloadBytes = padFrame(framing, packet, bytes + 24);
  const start = packet - writeHeader(framing, packet, payloadBytes);
  if (load<u32>(at, SLOT_OBFUSCATED)) applyStream(at + SLOT_OUTBOUND_STREAM, start, packet + payloadBytes - start);
  return packet + payloadBytes - outputArea;
}
