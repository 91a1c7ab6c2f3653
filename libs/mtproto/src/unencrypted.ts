/** The envelope of unencrypted messages: auth_key_id 0, message id, length, body. Source: core.telegram.org/mtproto/description#unencrypted-message */

const HEADER_BYTES = 20;
/** Bytes of an unencrypted body: the longest handshake query has about 400. Longer is malformed. */
const UNENCRYPTED_BODY_BYTES_MAX = 4_096;
/** Key id, msg_key and one block of data. */
const ENCRYPTED_BYTES_MIN = 8 + 16 + 16;

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** True when the packet's key id is 0. */
export function isUnencrypted(packet: Uint8Array): boolean {
  return packet.length >= 8 && view(packet).getBigUint64(0, true) === 0n;
}

/** The body (a view) and message id; undefined when the envelope is malformed (length not inside, not divisible by 4, over 4 KiB). */
export function openUnencrypted(packet: Uint8Array): { messageId: bigint; body: Uint8Array } | undefined {
  if (packet.length < HEADER_BYTES) return undefined;
  const fields = view(packet);
  const length = fields.getUint32(16, true);
  if (fields.getBigUint64(0, true) !== 0n || length % 4 !== 0 || length > UNENCRYPTED_BODY_BYTES_MAX || length > packet.length - HEADER_BYTES) return undefined;
  return { messageId: fields.getBigUint64(8, true), body: packet.subarray(HEADER_BYTES, HEADER_BYTES + length) };
}

/** The envelope around `body`. */
export function sealUnencrypted(messageId: bigint, body: Uint8Array): Buffer {
  const packet = Buffer.alloc(HEADER_BYTES + body.length);
  packet.writeBigUInt64LE(messageId, 8);
  packet.writeUInt32LE(body.length, 16);
  packet.set(body, HEADER_BYTES);
  return packet;
}

/** Key id of an encrypted packet; undefined when it is shorter than key id, msg_key and one block. */
export function packetKeyId(packet: Uint8Array): bigint | undefined {
  return packet.length < ENCRYPTED_BYTES_MIN ? undefined : view(packet).getBigUint64(0, true);
}
