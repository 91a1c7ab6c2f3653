import { NEWEST_BIT, apiSchema } from '@heliograph/tl/layers';
import { BANNED, bannedBits, bannedRights } from './group-rights';

test('stored bits are the flags of chatBannedRights in the newest layer', () => {
  const flags = (apiSchema().named('chatBannedRights', false, NEWEST_BIT)?.fields ?? []).filter(({ type }) => type === 'true');
  expect(BANNED).toEqual(Object.fromEntries(flags.map(({ name, bit }) => [name, 2 ** (bit ?? -1)])));
});

test('bits and rights name the same', () => {
  for (const bits of Object.values(BANNED)) expect(bannedBits(bannedRights(bits))).toBe(bits);
});
