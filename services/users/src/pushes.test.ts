import { CallError } from '@heliograph/service-kit/call-error';
import type { Logger } from '@heliograph/service-kit/kit';
import type { Deps } from './deps';
import { announceChanged } from './pushes';

const memory = { changed() {} };

/** What is logged of an announcement that fanout fails. */
async function logged(error: Error, stopping: boolean): Promise<string[]> {
  const levels: string[] = [];
  const note = (level: string) => () => void levels.push(level);
  const log: Logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const deps = {
    remoteViews: memory, factsMemory: memory, watchers: memory, log, isStopping: () => stopping,
    ephemeral: { publish: () => Promise.resolve() },
    fanout: { publish: () => Promise.reject(error) },
  } as unknown as Deps;
  await announceChanged(deps, [98]);
  return levels;
}

test.each([
  ['fanout is gone while the process ends', new CallError('UNAVAILABLE', 'fanout is shutting down'), true, 'debug'],
  ['fanout is gone while the process goes on', new CallError('UNAVAILABLE', 'fanout is shutting down'), false, 'warn'],
  ['fanout is broken', new CallError('INTERNAL', 'x'), true, 'warn'],
])('a changed user is not announced: %s', async (_, error, stopping, level) => {
  expect(await logged(error, stopping)).toEqual([level]);
});
