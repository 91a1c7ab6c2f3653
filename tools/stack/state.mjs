// What is written down of a running stack.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const statePath = (home) => join(home, 'stack.json');

/** @returns {{ owner: { pid: number, started: string }, url?: string, processes: { name: string, pid: number, started: string }[] } | undefined} */
export function readStack(home) {
  const path = statePath(home);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}
