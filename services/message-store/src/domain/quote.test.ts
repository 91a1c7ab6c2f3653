import { findQuote } from './quote';

test.each([
  ['one two one', 'one', 0, 0],
  ['one two one', 'one', 8, 8],
  ['one two one', 'one', 5, 8],
  ['one two one', 'three', 0, undefined],
  ['aaaa', 'aa', 1, 1],
])('in %j, %j near %i stands at %p', (text, quote, hint, expected) => {
  expect(findQuote(text, quote, hint)).toBe(expected);
});
