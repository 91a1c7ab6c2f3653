import { createHash } from 'node:crypto';
import { chatlistSlug, openSlug, readSlug, slugOfLink } from './chatlist-slug';

const secret = createHash('sha256').update('ours').digest();
const LINK = { sharer: 34_000_002, nonce: 0xfedcba98 };
const slug = chatlistSlug(secret, LINK);
const open = (text: string, by: Uint8Array = secret) => {
  const read = readSlug(text);
  return read && openSlug(by, read);
};

test('names a link of a user, to us alone', () => {
  expect(slug).toMatch(/^[\w-]{23}$/);
  expect(readSlug(slug)?.dc).toBe(2);
  expect(open(slug)).toEqual(LINK);
  expect(open(slug, createHash('sha256').update('theirs').digest())).toBeUndefined();
  // The same user's next link looks like nothing of this one.
  expect(chatlistSlug(secret, { ...LINK, nonce: LINK.nonce + 1 }).slice(2, 12)).not.toBe(slug.slice(2, 12));
});

test('says nothing with a character changed, added or lost', () => {
  const changed = Array.from({ length: slug.length }, (_, index) => slug.slice(0, index) + (slug[index] === 'A' ? 'B' : 'A') + slug.slice(index + 1));
  for (const wrong of [...changed, slug.slice(1), `${slug}A`, '', 'A'.repeat(23), '!'.repeat(23)]) expect(open(wrong)).toBeUndefined();
});

test.each([`https://t.me/addlist/${slug}`, `t.me/addlist/${slug}/`, `tg://addlist?slug=${slug}`, slug])('is found in %s', (link) => {
  expect(slugOfLink(link)).toBe(slug);
});
