// Which service answers which method is the folder structure itself: services/<owner>/src/api/<namespace>/<method>.ts.
// Writes libs/client-api/src/gen/routes.ts (method → owner) and services/<owner>/src/gen/api.ts (method → handler).
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

const folders = (path) => (existsSync(path) ? readdirSync(path, { withFileTypes: true }).filter((e) => e.isDirectory()).map((e) => e.name).sort() : []);

/** @returns {{owner: string, namespace: string, method: string}[]} every client method that a service implements */
export function listMethods() {
  return folders(join(root, 'services')).flatMap((owner) =>
    folders(join(root, 'services', owner, 'src/api')).flatMap((namespace) =>
      readdirSync(join(root, 'services', owner, 'src/api', namespace))
        .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
        .sort()
        .map((file) => ({ owner, namespace, method: file.slice(0, -3) }))));
}

function writeIfChanged(path, text) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

export function generateRoutes() {
  const methods = listMethods();
  const twice = methods.find((m, i) => methods.findIndex((n) => n.namespace === m.namespace && n.method === m.method) !== i);
  if (twice) throw new Error(`${twice.namespace}.${twice.method} has two owners; a method lives with one service`);
  const lines = methods.map((m) => `  ['${m.namespace}.${m.method}', '${m.owner}'],`);
  writeIfChanged(join(root, 'libs/client-api/src/gen/routes.ts'),
    `// Generated from services/*/src/api.\nconst owners: ReadonlyMap<string, string> = new Map([\n${lines.join('\n')}\n]);\n\n`
    + '/** The service that answers a client method; undefined when none does. */\nexport const methodOwner = (name: string): string | undefined => owners.get(name);\n'
    + '/** Services that answer client methods. */\nexport const METHOD_OWNERS: readonly string[] = [...new Set(owners.values())];\n'
    + 'export const IMPLEMENTED_METHODS: readonly string[] = [...owners.keys()];\n');
  for (const owner of new Set(methods.map((m) => m.owner))) {
    const own = methods.filter((m) => m.owner === owner);
    const alias = (m) => `${m.namespace}_${m.method}`;
    writeIfChanged(join(root, 'services', owner, 'src/gen/api.ts'),
      `// Generated from src/api.\nimport type { Methods } from '@heliograph/client-api/method';\nimport type { Deps } from '../deps';\n`
      + own.map((m) => `import { ${m.method} as ${alias(m)} } from '../api/${m.namespace}/${m.method}';\n`).join('')
      + `\nexport const methods: Methods<Deps> = {\n${own.map((m) => `  '${m.namespace}.${m.method}': ${alias(m)},\n`).join('')}};\n`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) generateRoutes();
