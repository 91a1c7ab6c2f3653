// Compiles every TypeScript file of the workspace that is newer than its output: <package>/src/**.ts → <package>/dist/**.js.
// Types are checked elsewhere (`npm run types`); this step only strips them, so that a start costs a stat per file.
import { mkdirSync, readdirSync, statSync, writeFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Folders of the workspace's packages, from pnpm-workspace.yaml. */
export function packages() {
  const lines = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8').split('\n');
  const globs = [];
  for (const line of lines.slice(1)) {
    const item = /^ {2}- (\S+)$/.exec(line);
    if (!item) break;
    globs.push(item[1].replaceAll('"', ''));
  }
  return globs.flatMap((glob) => {
    if (!glob.endsWith('/*')) return [glob];
    const parent = glob.slice(0, -2);
    return readdirSync(join(root, parent), { withFileTypes: true }).filter((e) => e.isDirectory()).map((e) => `${parent}/${e.name}`);
  }).filter((dir) => existsSync(join(root, dir, 'package.json')));
}

function* sources(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      // AssemblyScript is compiled by its own compiler.
      if (entry.name !== 'wasm') yield* sources(path);
    } else if (entry.name.endsWith('.ts') && !/\.(d|test|engine-test)\.ts$/.test(entry.name)) yield path;
  }
}

/** SWC's options: CommonJS, decorators with metadata for Nest, source maps beside the output. */
export const swcOptions = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2022',
    keepClassNames: true,
  },
  module: { type: 'commonjs', importInterop: 'swc' },
  sourceMaps: true,
  swcrc: false,
};

export async function build({ log = () => {} } = {}) {
  let swc;
  let built = 0;
  const options = JSON.stringify(swcOptions);
  for (const dir of packages()) {
    const src = join(root, dir, 'src');
    if (!existsSync(src)) continue;
    const dist = join(root, dir, 'dist');
    const stamp = join(dist, '.options');
    if (existsSync(dist) && (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== options)) rmSync(dist, { recursive: true });
    for (const file of sources(src)) {
      const out = join(dist, relative(src, file).replace(/\.ts$/, '.js'));
      const written = statSync(out, { throwIfNoEntry: false });
      if (written && written.mtimeMs > statSync(file).mtimeMs) continue;
      if (!swc) {
        log('building');
        swc = (await import('@swc/core')).default;
      }
      const { code, map } = swc.transformFileSync(file, { ...swcOptions, filename: file, sourceFileName: relative(dirname(out), file) });
      mkdirSync(dirname(out), { recursive: true });
      writeFileSync(out, `${code}\n//# sourceMappingURL=${out.split('/').pop()}.map\n`);
      if (map) writeFileSync(`${out}.map`, map);
      built += 1;
    }
    if (existsSync(dist) && !existsSync(stamp)) writeFileSync(stamp, options);
  }
  return built;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  const built = await build();
  console.log(`built ${built} files in ${Math.round(performance.now() - started)} ms`);
}
