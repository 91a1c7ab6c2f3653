import { join } from 'node:path';
import { plant, type Port } from './faults';

/** Runs before a contract's test file when a fault is to be planted: the adapter's opener answers a faulty one. */
declare const PLANTED: { root: string; port: Port; fault: string; path: string; opener: string; part?: string };

const { root, port, fault, opener, part } = PLANTED;
const path = join(root, PLANTED.path);
type Opened = object & Record<string, object>;

jest.doMock(path, () => {
  const actual = jest.requireActual<Record<string, (...options: unknown[]) => Opened | Promise<Opened>>>(path);
  const faulty = (opened: Opened): object => (part === undefined ? plant(port, fault, opened) : { ...opened, [part]: plant(port, fault, opened[part] as object) });
  return {
    ...actual,
    [opener]: (...options: unknown[]) => {
      const opened = (actual[opener] as (...options: unknown[]) => Opened | Promise<Opened>)(...options);
      return opened instanceof Promise || 'then' in opened ? (opened as Promise<Opened>).then(faulty) : faulty(opened);
    },
  };
});
