/**
 * Lengths of an encrypted packet and what random bytes a message gets, shared by every implementation of PacketCipher so that all give the same bytes.
 * Source: core.telegram.org/mtproto/description#encrypted-message
 */

/** Key id and msg_key before the encrypted data. */
export const PACKET_HEADER_BYTES = 24;
/** Salt, session id, message id, seq_no, length: what precedes the body in the plaintext. */
export const PLAINTEXT_HEADER_BYTES = 32;
export const PADDING_BYTES_MIN = 12;
export const PADDING_BYTES_MAX = 1_024;
/** The shortest plaintext that can be right: a header, an empty body and 12 bytes of padding, in whole blocks. */
export const PLAINTEXT_BYTES_MIN = 48;

/** Random bytes drawn for each message: padding from the front, what the padded transport appends from byte 28 on, how much in the low bits of byte 27. */
export const MESSAGE_RANDOM_BYTES = 32;
const FRAME_PADDING_COUNT_AT = 27;
export const FRAME_PADDING_AT = 28;

/** Padding of a body: the fewest bytes ≥ 12 that fill the last block, 12…27. */
export function paddingBytes(bodyBytes: number): number {
  return PADDING_BYTES_MIN + ((16 - ((PLAINTEXT_HEADER_BYTES + bodyBytes + PADDING_BYTES_MIN) % 16)) % 16);
}

/**
 * Bytes that the padded transport appends, 0…3.
 * NOTSPEC: Telegram allows up to 15. Clients of the Telethon family strip only what exceeds a multiple of 4.
 */
export function framePaddingBytes(random: Uint8Array): number {
  return (random[FRAME_PADDING_COUNT_AT] as number) & 3;
}
