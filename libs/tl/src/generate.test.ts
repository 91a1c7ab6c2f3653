import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@heliograph/testing/temp-folder';

const library = join(__dirname, '..');

/** Generates from a copy of the library's schemas with one file changed; answers what was said, and whether anything was made. */
function generate(file: string, change: (text: string) => string): { error: string; generated: boolean } {
  const { path, remove } = tempFolder('tl-generate');
  for (const folder of ['schema', 'data', 'src/compat']) cpSync(join(library, folder), join(path, folder), { recursive: true });
  const before = readFileSync(join(path, file), 'utf8');
  const after = change(before);
  writeFileSync(join(path, file), after);
  const { stderr } = spawnSync(process.execPath, [join(library, 'tools/generate.mjs'), path], { encoding: 'utf8' });
  const generated = existsSync(join(path, 'src/gen/tables.ts'));
  remove();
  return { error: /Error: ([^]*?)\n {4}at /.exec(stderr)?.[1] ?? stderr, generated };
}

const without = (line: string) => (text: string): string => {
  if (!text.includes(`${line}\n`)) throw new Error(`there is no line ${line}`);
  return text.replace(`${line}\n`, '');
};

test('generates from what is committed', () => {
  expect(generate('data/compat.txt', (text) => text)).toEqual({ error: '', generated: true });
});

test.each([
  ['a constructor that a layer lacks', 'down lacks type:MessageMedia unsupportedMedia', 'down lacks messageMediaToDo (MessageMedia)'],
  ['a field that changed its type', 'down field user.stories_max_id storiesMaxId', 'down field user.stories_max_id'],
  ['a field that an older layer requires', 'down default pollAnswerVoters.voters 0', 'down field pollAnswerVoters.voters'],
  ['a required field that an older layer lacks', 'down lost dialog.unread_poll_votes_count', 'down field dialog.unread_poll_votes_count'],
  ['a result that changed its type', 'down result stories.canSendStory yes', 'down result stories.canSendStory'],
  ['an older call whose field changed', 'up field messages.setChatTheme().emoticon,theme chatTheme', 'up field messages.setChatTheme().emoticon'],
  ['an older object that is gone', 'up gone keyboardButtonUrl inlineUrl', 'up gone keyboardButtonUrl'],
])('refuses while nothing is said about %s', (_, line, need) => {
  const { error, generated } = generate('data/compat.txt', without(line));
  expect(error).toContain(`no rule in data/compat.txt for: ${need}`);
  expect(generated).toBe(false);
});

test('refuses a rule that nothing needs, and one whose function is missing', () => {
  expect(generate('data/compat.txt', (text) => `${text}down lost message.date\n`).error).toContain('nothing needs: down lost message.date');
  expect(generate('src/compat/down.ts', (text) => text.replace('export function storiesMaxId(', 'export function otherName(')).error).toContain('src/compat/down.ts has no function for: down field user.stories_max_id');
});

test('refuses a new layer until its differences are spoken for', () => {
  const { error } = generate('schema/229.tl', (text) => text.replace('---functions---', '+ messageMediaFuture#12345678 = MessageMedia;\n+ storyView#0f00baa5 user_id:long date:int mood:string = StoryView;\n---functions---'));
  expect(error).toBe("the layers can't be served:\n  no rule in data/compat.txt for: down field storyView.mood");
});

test('refuses one id for two shapes', () => {
  expect(generate('schema/229.tl', (text) => text.replace('---functions---', '+ peerMoon#59511722 user_id:int = Peer;\n---functions---')).error).toContain('59511722');
});
