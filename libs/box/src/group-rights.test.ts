import { NEWEST_BIT, apiSchema } from '@heliograph/tl/layers';
import { ADMIN, adminBits, BANNED, bannedBits, bannedRights, chatAdminRights } from './group-rights';

test.each([['chatBannedRights', BANNED], ['chatAdminRights', ADMIN]])('stored bits are the flags of %s in the newest layer', (name, stored) => {
  const flags = (apiSchema().named(name, false, NEWEST_BIT)?.fields ?? []).filter(({ type }) => type === 'true');
  expect(stored).toEqual(Object.fromEntries(flags.map(({ name, bit }) => [name, 2 ** (bit ?? -1)])));
});

test('bits and rights name the same', () => {
  for (const bits of Object.values(BANNED)) expect(bannedBits(bannedRights(bits))).toBe(bits);
  for (const bits of Object.values(ADMIN)) expect(adminBits(chatAdminRights(bits))).toBe(bits | ADMIN.other);
  expect(adminBits(chatAdminRights(0))).toBe(0);
});
