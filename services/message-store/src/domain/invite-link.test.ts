import { channelBox, groupBox } from '@heliograph/box/box-id';
import { hashOfLink, inviteHash, isProven, readInviteHash } from './invite-link';

const SECRET = new Uint8Array(32).fill(7);
const LINK = { box: groupBox(2 ** 35 - 30), nonce: 0xdead_beef };

describe('hashes of invite links', () => {
  it('say which link of which group they are, and prove it', () => {
    const text = inviteHash(SECRET, LINK);
    expect(text).toMatch(/^[\w-]{22}$/);
    const read = readInviteHash(text);
    expect(read?.link).toEqual(LINK);
    expect(isProven(SECRET, read?.hash ?? Buffer.alloc(16))).toBe(true);
    expect(isProven(new Uint8Array(32), read?.hash ?? Buffer.alloc(16))).toBe(false);
  });

  it.each([groupBox(2 ** 20), groupBox(1_000_000_002), channelBox(1_000_000_002), channelBox(7_849_999_999)])('tell groups from channels: %i', (box) => {
    expect(readInviteHash(inviteHash(SECRET, { box, nonce: 1 }))?.link).toEqual({ box, nonce: 1 });
  });

  it('hold as they are only', () => {
    const { hash } = readInviteHash(inviteHash(SECRET, LINK)) ?? { hash: Buffer.alloc(16) };
    for (let at = 0; at < hash.length; at += 1) {
      const changed = Buffer.from(hash);
      changed[at] = (changed[at] as number) ^ 1;
      expect(isProven(SECRET, changed)).toBe(false);
    }
  });

  it.each(['', 'short', 'a'.repeat(22), `${'a'.repeat(21)}=`, 'A'.repeat(24), 'ä'.repeat(22)])('are not %j', (text) => {
    // Of 22 characters the last says two bits: others than those are no hash.
    expect(readInviteHash(text)).toBeUndefined();
  });

  it.each(['https://t.me/+', 't.me/joinchat/', 'tg://join?invite=', '+', ''])('are found behind %j', (prefix) => {
    const text = inviteHash(SECRET, LINK);
    expect(hashOfLink(prefix + text)).toBe(text);
  });
});
