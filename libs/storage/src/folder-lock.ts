import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StorageUnavailable } from './errors';

interface Owner {
  pid: number;
  /** Tells a process from a later one with the same id; empty where the system does not say. */
  started: string;
  /** Changes when the machine restarts; empty where the system does not say. */
  boot: string;
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

const bootId = (): string => read('/proc/sys/kernel/random/boot_id').trim();
/** Field 22 of /proc/<pid>/stat: ticks from boot to the start of the process. The name before it may hold blanks and brackets. */
const startOf = (pid: number): string => read(`/proc/${pid}/stat`).split(') ').pop()?.split(' ')[19] ?? '';

function isRunning(owner: Owner): boolean {
  if (owner.boot !== bootId()) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return owner.started === startOf(owner.pid);
}

export interface FolderLock {
  /** The last owner ended without `release`. */
  readonly unclean: boolean;
  /** … and the machine restarted since (or may have): what was not flushed is lost. */
  readonly restarted: boolean;
  /** Says that the folder is left in order. */
  release(): void;
  /** Lets go of the folder as a crash would: the next owner finds it unclean. @param untouched this owner wrote nothing: the next finds what this one found */
  leave(untouched: boolean): void;
}

/** Takes the folder for this process. Throws StorageUnavailable, saying who has it, if another process does. */
export function lockFolder(folder: string): FolderLock {
  const unusable = (error: unknown): never => {
    throw new StorageUnavailable(`the data folder ${folder} cannot be written (${(error as NodeJS.ErrnoException).code}): check that it exists and belongs to this user`, { cause: error });
  };
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    unusable(error);
  }
  const path = join(folder, 'owner.json');
  let previous: Owner | undefined;
  for (let attempt = 0; ; attempt++) {
    let file: number;
    try {
      file = openSync(path, 'wx', 0o644);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return unusable(error);
      try {
        previous = JSON.parse(readFileSync(path, 'utf8')) as Owner;
      } catch {
        previous = { pid: 0, started: '', boot: '' };
      }
      if (previous.pid !== 0 && (previous.pid === process.pid ? previous.started === startOf(process.pid) && previous.boot === bootId() : isRunning(previous)) || attempt > 3) {
        throw new StorageUnavailable(`the data folder ${folder} is in use by process ${previous.pid}: stop that one first, or start with another folder (--data)`);
      }
      rmSync(path, { force: true });
      continue;
    }
    writeSync(file, JSON.stringify({ pid: process.pid, started: startOf(process.pid), boot: bootId() } satisfies Owner));
    closeSync(file);
    const boot = bootId();
    return {
      unclean: previous !== undefined,
      restarted: previous !== undefined && (boot === '' || previous.boot !== boot),
      release: () => rmSync(path, { force: true }),
      leave: (untouched) => {
        if (untouched && previous === undefined) rmSync(path, { force: true });
        else writeFileSync(path, JSON.stringify({ pid: 0, started: '', boot: untouched ? (previous as Owner).boot : boot } satisfies Owner));
      },
    };
  }
}
