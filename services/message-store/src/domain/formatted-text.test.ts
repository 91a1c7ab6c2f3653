import { RpcError } from '@heliograph/client-api/rpc-error';
import type { TypeMessageEntity } from '@heliograph/tl/api';
import { formatDraft, formatText } from './formatted-text';

type Short = [kind: string, offset: number, length: number];
const entity = ([kind, offset, length]: Short): TypeMessageEntity => ({ _: `messageEntity${kind}`, offset, length }) as TypeMessageEntity;
const short = (entities: readonly TypeMessageEntity[] | undefined): Short[] => (entities ?? []).map((each) => [each._.replace('messageEntity', ''), each.offset, each.length]);
const nobody = (): undefined => undefined;

function format(text: string, given: Short[] = []): { text: string; entities: Short[] } {
  const formatted = formatText(text, given.map(entity), nobody);
  return { text: formatted.text, entities: short(formatted.entities) };
}

const errorOf = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    if (error instanceof RpcError) return `${error.code} ${error.type}`;
    throw error;
  }
  return 'none';
};

describe('formatText', () => {
  test.each<[name: string, text: string, entities: Short[], expected: string, expectedEntities: Short[]]>([
    ['plain text stays', 'hello', [], 'hello', []],
    ['white space around goes, offsets follow', '  \n hello world \n', [['Bold', 4, 5], ['Italic', 10, 7]], 'hello world', [['Bold', 0, 5], ['Italic', 6, 5]]],
    ['an entity of white space alone goes', 'hello   ', [['Bold', 5, 3]], 'hello', []],
    ['carriage returns go, offsets follow', 'a\r\nbold', [['Bold', 3, 4]], 'a\nbold', [['Bold', 2, 4]]],
    ['control characters become spaces', 'a\u0001b\tc', [], 'a b c', []],
    ['offsets count UTF-16 units', '😀😀 bold', [['Bold', 5, 4]], '😀😀 bold', [['Bold', 5, 4]]],
    ['nested styles stay, longer first', 'nested', [['Italic', 2, 2], ['Bold', 0, 6]], 'nested', [['Bold', 0, 6], ['Italic', 2, 2]]],
    ['touching styles of one kind become one', 'abcdef', [['Bold', 0, 3], ['Bold', 3, 3]], 'abcdef', [['Bold', 0, 6]]],
    ['overlapping styles of one kind become one', 'abcdef', [['Bold', 0, 4], ['Bold', 2, 4]], 'abcdef', [['Bold', 0, 6]]],
    ['styles do not reach into code', 'abcdef', [['Bold', 0, 6], ['Code', 2, 2]], 'abcdef', [['Bold', 0, 2], ['Code', 2, 2], ['Bold', 4, 2]]],
    ['a client\'s word for a link is not taken', 'nolink', [['Url', 0, 6]], 'nolink', []],
    ['empty entities go', 'abc', [['Bold', 1, 0]], 'abc', []],
    ['links inside bold text are found', 'see t.me/durov', [['Bold', 0, 14]], 'see t.me/durov', [['Bold', 0, 14], ['Url', 4, 10]]],
    ['nothing is found in code', '@someone #tag', [['Code', 0, 13]], '@someone #tag', [['Code', 0, 13]]],
  ])('%s', (_name, text, entities, expected, expectedEntities) => {
    expect(format(text, entities)).toEqual({ text: expected, entities: expectedEntities });
  });

  test.each<[name: string, task: () => unknown, error: string]>([
    ['nothing', () => format(''), '400 MESSAGE_EMPTY'],
    ['white space alone', () => format(' \n\t\u00a0'), '400 MESSAGE_EMPTY'],
    ['more than 4,096 characters', () => format('a'.repeat(4097)), '400 MESSAGE_TOO_LONG'],
    ['4,096 characters of two units each', () => format('😀'.repeat(4096)), 'none'],
    ['4,097 characters of two units each', () => format('😀'.repeat(4097)), '400 MESSAGE_TOO_LONG'],
    ['an entity past the end', () => format('abc', [['Bold', 1, 3]]), '400 ENTITY_BOUNDS_INVALID'],
    ['an entity before the start', () => format('abc', [['Bold', -1, 2]]), '400 ENTITY_BOUNDS_INVALID'],
    ['an entity that splits a character', () => format('😀', [['Bold', 0, 1]]), '400 ENTITY_BOUNDS_INVALID'],
    ['101 entities', () => format('a'.repeat(202), Array.from({ length: 101 }, (_, i): Short => ['Bold', 2 * i, 1])), '400 ENTITIES_TOO_LONG'],
    ['a mention with a wrong access hash', () => formatText('hi', [{ _: 'inputMessageEntityMentionName', offset: 0, length: 2, user_id: { _: 'inputUser', user_id: 7, access_hash: 1n } }], nobody), '400 ENTITY_MENTION_USER_INVALID'],
  ])('refuses %s', (_name, task, error) => {
    expect(errorOf(task)).toBe(error);
  });

  test('a mention by user becomes one by id', () => {
    const given: TypeMessageEntity[] = [{ _: 'inputMessageEntityMentionName', offset: 0, length: 3, user_id: { _: 'inputUser', user_id: 7, access_hash: 1n } }];
    expect(formatText('you', given, (input) => (input._ === 'inputUser' ? input.user_id : undefined)).entities).toEqual([{ _: 'messageEntityMentionName', offset: 0, length: 3, user_id: 7 }]);
  });

  test('a mention by id alone is not taken: it would show anybody to whoever writes their id', () => {
    const given: TypeMessageEntity[] = [{ _: 'messageEntityMentionName', offset: 0, length: 3, user_id: 7 }];
    expect(formatText('you', given, nobody)).toEqual({ text: 'you' });
    expect(formatDraft('you', given, nobody)).toEqual({ text: 'you' });
  });

  test('the client\'s entities are not changed', () => {
    const given: TypeMessageEntity[] = [{ _: 'messageEntityBold', offset: 2, length: 3 }];
    formatText('  abc', given, nobody);
    expect(given).toEqual([{ _: 'messageEntityBold', offset: 2, length: 3 }]);
  });
});

test('a draft keeps its white space and may be empty', () => {
  expect(formatDraft('  half a \n', undefined, nobody)).toEqual({ text: '  half a \n' });
  expect(formatDraft('', [], nobody)).toEqual({ text: '' });
});
