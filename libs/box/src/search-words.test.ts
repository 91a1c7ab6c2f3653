import { wordsOf } from './search-words';

test.each<[text: string, words: string[]]>([
  ['Hello, hello WORLD!', ['hello', 'world']],
  ['e-mail a_b 3.14', ['e', 'mail', 'a', 'b', '3', '14']],
  ['Ｆｕｌｌ ﬁne', ['full', 'fine']],
  ['हिन्दी भाषा', ['हिन्दी', 'भाषा']],
  ['我爱abc东京', ['我', '爱', 'abc', '东', '京']],
  ['😀 !?', []],
])('%s', (text, words) => {
  expect(wordsOf(text, 64)).toEqual(words);
});

test('no more words than asked for', () => {
  expect(wordsOf('a b c d', 2)).toEqual(['a', 'b']);
  expect(wordsOf('东京塔', 2)).toEqual(['东', '京']);
});
