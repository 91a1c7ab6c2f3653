import { createHash, randomBytes } from 'node:crypto';
import { authKeyId } from '../key-id';
import { deriveLegacyKey, isBindingValid, openBindingMessage, type BindingClaim } from './binding-message';
import { igeEncrypt } from './ige';

const NOW_MS = 1_700_000_000_000;
const permanentKey = randomBytes(256);
const claim: BindingClaim = { permanentKeyId: authKeyId(permanentKey), nonce: 5n, expiresAt: 1_700_003_600, messageId: 0x6553f10000000004n, temporaryKeyId: 0xf000000000000001n, temporarySessionId: 77n };

/** What a client sends, with every field replaceable. */
function bindingMessage(changes: Partial<BindingClaim & { seqNo: number; length: number; constructorId: number; keyId: bigint }> = {}): Buffer {
  const fields = { ...claim, seqNo: 0, length: 40, constructorId: 0x75a3f765, keyId: claim.permanentKeyId, ...changes };
  const plain = Buffer.concat([randomBytes(16), Buffer.alloc(56)]);
  plain.writeBigUInt64LE(fields.messageId, 16);
  plain.writeUInt32LE(fields.seqNo, 24);
  plain.writeUInt32LE(fields.length, 28);
  plain.writeUInt32LE(fields.constructorId, 32);
  plain.writeBigUInt64LE(fields.nonce, 36);
  plain.writeBigUInt64LE(fields.temporaryKeyId, 44);
  plain.writeBigUInt64LE(fields.permanentKeyId, 52);
  plain.writeBigUInt64LE(fields.temporarySessionId, 60);
  plain.writeUInt32LE(fields.expiresAt, 68);
  const msgKey = createHash('sha1').update(plain).digest().subarray(4);
  const { key, iv } = deriveLegacyKey(permanentKey, msgKey);
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(fields.keyId);
  return Buffer.concat([head, msgKey, igeEncrypt(key, iv, Buffer.concat([plain, randomBytes(8)]))]);
}

test('a binding message that says what the query says is valid', () => {
  const inner = openBindingMessage(permanentKey, bindingMessage());
  expect(inner).toEqual(claim);
  expect(inner && isBindingValid(inner, claim, NOW_MS)).toBe(true);
  // Signed and unsigned forms of a 64-bit value are one and the same.
  expect(inner && isBindingValid(inner, { ...claim, temporaryKeyId: BigInt.asIntN(64, claim.temporaryKeyId) }, NOW_MS)).toBe(true);
});

test.each<[string, Partial<BindingClaim>]>([
  ['message id', { messageId: 4n }], ['nonce', { nonce: 6n }], ['permanent key id', { permanentKeyId: 1n }], ['temporary key id', { temporaryKeyId: 1n }], ['session', { temporarySessionId: 1n }], ['expiry', { expiresAt: 1_700_003_601 }],
])('another %s inside is not valid', (_, change) => {
  const inner = openBindingMessage(permanentKey, bindingMessage(change));
  expect(inner && isBindingValid(inner, claim, NOW_MS)).toBe(false);
});

test('an expired binding is not valid', () => {
  const expired = { ...claim, expiresAt: NOW_MS / 1000 };
  const inner = openBindingMessage(permanentKey, bindingMessage(expired));
  expect(inner && isBindingValid(inner, expired, NOW_MS)).toBe(false);
});

test.each<[string, Buffer]>([
  ['another seq_no', bindingMessage({ seqNo: 1 })], ['another length', bindingMessage({ length: 44 })], ['another constructor', bindingMessage({ constructorId: 1 })], ['another key id', bindingMessage({ keyId: 1n })],
  ['nothing', Buffer.alloc(0)], ['noise', randomBytes(104)], ['one byte too many', Buffer.concat([bindingMessage(), Buffer.alloc(1)])],
])('%s is not opened', (_, message) => expect(openBindingMessage(permanentKey, message)).toBeUndefined());

test('a message with any bit changed is not opened', () => {
  const message = bindingMessage();
  // The last bytes are padding inside the last block, which no hash covers but which encryption spreads over the block.
  for (let at = 0; at < 88; at++) {
    const changed = Buffer.from(message);
    changed[at] = (changed[at] as number) ^ 0x10;
    expect([at, openBindingMessage(permanentKey, changed)]).toEqual([at, undefined]);
  }
  expect(openBindingMessage(randomBytes(256), message)).toBeUndefined();
});
