// All tables that services declare: the frozen exports of services/*/src/tables, as built.
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const require = createRequire(import.meta.url);
const isTable = (value) => typeof value === 'object' && value !== null && Object.isFrozen(value) && typeof value.name === 'string' && typeof value.partition === 'object' && typeof value.writes === 'string';

/** @returns {object[]} by name */
export function declaredTables() {
  const tables = new Map();
  for (const service of readdirSync(join(root, 'services'))) {
    const folder = join(root, 'services', service, 'dist/tables');
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.js') && existsSync(join(root, 'services', service, 'src/tables', name.replace(/\.js$/, '.ts'))))) {
      for (const table of Object.values(require(join(folder, file))).filter(isTable)) {
        if ((tables.get(table.name) ?? table) !== table) throw new Error(`two tables are named ${table.name}; names are unique over all services`);
        tables.set(table.name, table);
      }
    }
  }
  return [...tables.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
