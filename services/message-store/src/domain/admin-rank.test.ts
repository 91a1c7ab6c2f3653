import { adminRank } from './admin-rank';

test.each([['', ''], [' boss ', 'boss'], ['x'.repeat(16), 'x'.repeat(16)], ['Ärztin №1', 'Ärztin №1']])('%j is the title %j', (given, rank) => {
  expect(adminRank(given)).toBe(rank);
});

test.each([['x'.repeat(17), 'ADMIN_RANK_INVALID'], ['a\nb', 'ADMIN_RANK_INVALID'], ['king 👑', 'ADMIN_RANK_EMOJI_NOT_ALLOWED']])('%j is none: %s', (given, error) => {
  expect(() => adminRank(given)).toThrow(error);
});
