import { findEntities } from './auto-entities';

const found = (text: string): string[] => findEntities(text, []).map((entity) => `${entity._.replace('messageEntity', '')} ${text.slice(entity.offset, entity.offset + entity.length)}`);

test.each<[text: string, expected: string[]]>([
  ['hello, world', []],
  ['write to @durov today', ['Mention @durov']],
  ['@ab is too short, @gif is not', ['Mention @gif']],
  ['mail me@example.com now', ['Email me@example.com']],
  ['#tag and #тег_2 but not #123', ['Hashtag #tag', 'Hashtag #тег_2']],
  ['$TON is up, $ton is not', ['Cashtag $TON']],
  ['/start and /help@some_bot', ['BotCommand /start', 'BotCommand /help@some_bot']],
  ['and/or 1/2', []],
  ['https://example.com/path?q=1#x.', ['Url https://example.com/path?q=1#x']],
  ['(see http://example.com/a_(b))', ['Url http://example.com/a_(b)']],
  ['go to example.com, or t.me/durov!', ['Url example.com', 'Url t.me/durov']],
  ['WWW.Example.ORG:8080/x', ['Url WWW.Example.ORG:8080/x']],
  ['http://localhost:3000/a', ['Url http://localhost:3000/a']],
  ['tg://resolve?domain=durov', ['Url tg://resolve?domain=durov']],
  ['at 192.168.1.1/admin', ['Url 192.168.1.1/admin']],
  ['version 1.2.3 of file.txt, e.g. this', []],
  ['end of one.Beginning of next', []],
  ['сайт.рф работает', ['Url сайт.рф']],
  ['call +1 (555) 123-45-67 or 12345', ['Phone +1 (555) 123-45-67']],
  ['https://t.me/@durov', ['Url https://t.me/@durov']],
])('%s', (text, expected) => {
  expect(found(text)).toEqual(expected);
});
