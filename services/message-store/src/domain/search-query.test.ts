import { isUnfindable, parseQuery } from './search-query';

test.each([
  ['hello', 'Hello, world', true],
  ['WORLD hello', 'hello big world', true],
  ['hell', 'hello', false],
  ['ｆｕｌｌ', 'full width', true],
  ['naïve', 'NAÏVE idea', true],
  ['#tag', 'a #tag here', true],
  ['#tag', 'a tag here', false],
  ['привет', 'Привет, мир', true],
  ['东京', '我爱东京塔', true],
  ['', 'anything', true],
])('%j in %j: %p', (query, text, found) => {
  expect(parseQuery(query).matches(text)).toBe(found);
});

test('punctuation alone finds nothing', () => {
  expect(isUnfindable('!?')).toBe(true);
  expect(isUnfindable('  ')).toBe(false);
  expect(isUnfindable('a!')).toBe(false);
});

test('a long query is looked up by its first words and checked by all', () => {
  const query = parseQuery('a b c d e f g h i j');
  expect(query.words).toHaveLength(8);
  expect(query.matches('a b c d e f g h i')).toBe(false);
  expect(query.matches('j i h g f e d c b a')).toBe(true);
});
