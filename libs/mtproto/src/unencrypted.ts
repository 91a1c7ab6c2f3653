/** The envelope of unencrypted messages: auth_key_id 0, message id, length, body. Source: core.telegram.org/mtproto/description#unencrypted-message */

/** True when the packet's key id is 0. */
export function isUnencrypted(packet: Uint8Array): boolean { void packet; throw new Error('not built yet'); }
/** The body (a view) and message id; undefined when the envelope is malformed (length not inside, not divisible by 4, over 4 KiB). */
export function openUnencrypted(packet: Uint8Array): { messageId: bigint; body: Uint8Array } | undefined { void packet; throw new Error('not built yet'); }
export function sealUnencrypted(messageId: bigint, body: Uint8Array): Buffer { void messageId; void body; throw new Error('not built yet'); }
/** Key id of an encrypted packet; undefined when it is shorter than key id, msg_key and one block. */
export function packetKeyId(packet: Uint8Array): bigint | undefined { void packet; throw new Error('not built yet'); }
