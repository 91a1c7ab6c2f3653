// The repository's own rules, as pure functions over its files. Each finding names a line and what to do instead.
// A rule gets { path, text, lines, tracked } of each file and the whole tree; it yields { line, message }.

/** @typedef {{ path: string, text: string, lines: string[], tracked: boolean }} File */
/** @typedef {{ files: File[], byPath: Map<string, File> }} Tree */

const SERVICES = /^services\/([^/]+)\//;
const isTest = (path) => /\.test\.(ts|mjs)$|(^|\/)(testing|fixtures)\//.test(path) || path.startsWith('tests/');
const isSource = (path) => /\.(ts|mjs|cjs)$/.test(path) && !path.endsWith('.d.ts');
const words = (name) => name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase().split(/[-_. ]+/);

/** Every line that `pattern` matches outside comments. */
function* matches(file, pattern) {
  let inBlock = false;
  for (const [index, raw] of file.lines.entries()) {
    let line = raw;
    if (inBlock) {
      const end = line.indexOf('*/');
      if (end < 0) continue;
      line = line.slice(end + 2);
      inBlock = false;
    }
    line = line.replace(/\/\*.*?\*\//g, '');
    const open = line.indexOf('/*');
    if (open >= 0 && !/['"`][^'"`]*\/\*/.test(line)) {
      line = line.slice(0, open);
      inBlock = true;
    }
    line = line.replace(/(^|[^:'"`\\])\/\/.*$/, '$1');
    const match = pattern.exec(line);
    if (match) yield { line: index + 1, match };
  }
}

/** Specifiers of static and dynamic imports and re-exports. */
export function* imports(file) {
  // A statement may span lines: from its keyword to its specifier, without a semicolon between.
  const pattern = /(?:^|\n)\s*(?:import|export)\s(?:[^'";]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|\brequire\(\s*['"]([^'"]+)['"]\s*\)/g;
  for (const match of file.text.matchAll(pattern)) {
    const specifier = match[1] ?? match[2] ?? match[3];
    const at = match.index + match[0].lastIndexOf(specifier);
    yield { specifier, line: file.text.slice(0, at).split('\n').length };
  }
}

function* nest(file) {
  if (!isSource(file.path) || file.path.startsWith('libs/service-kit/') || /(^|\/)main\.ts$|\.module\.ts$/.test(file.path)) return;
  for (const { specifier, line } of imports(file)) {
    if (specifier.startsWith('@nestjs/') || specifier === 'reflect-metadata') yield { line, message: `only main.ts, *.module.ts and libs/service-kit import ${specifier}; take what you need from an explicit deps object` };
  }
}

const BANNED_ANYWHERE = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'misc', 'manager', 'managers', 'v2']);
const BANNED_ALONE = new Set(['data', 'info', 'new']);
function* names(file) {
  // Methods are named by the TL schema and the protos.
  if (/\/src\/(api|rpc)\//.test(file.path)) return;
  const parts = file.path.split('/');
  for (const [index, part] of parts.entries()) {
    const stem = index === parts.length - 1 ? part.replace(/(\.test)?\.[a-z]+$/, '') : part;
    const bad = words(stem).find((word) => BANNED_ANYWHERE.has(word)) ?? (index === parts.length - 1 && BANNED_ALONE.has(stem.toLowerCase()) && !file.path.endsWith('.json') ? stem : undefined);
    if (bad !== undefined) yield { line: 1, message: `"${bad}" in a name says nothing; name ${part} after what it does` };
  }
}

const AMBIENT = [
  [/\bDate\.now\(|\bnew Date\(\)/, 'the time comes in: use deps.clock.now()'],
  [/\bMath\.random\(|\brandomBytes\(|\brandomUUID\(|\brandomInt\(|\bgetRandomValues\(/, 'randomness comes in: use deps.random(bytes)'],
  [/\bsetTimeout\(/, 'timers come in: use deps.clock.sleep(ms, signal)'],
  [/\bsetInterval\(/, 'timers come in: use deps.clock.every(ms, task)'],
  [/\bprocess\.env\b/, 'settings come in: use kit.setting(name) in the composition root'],
  [/\bconsole\.(log|error|warn|info|debug)\(/, 'logs are structured: use deps.log'],
];
function* ambient(file) {
  if (!SERVICES.test(file.path) || !file.path.endsWith('.ts') || isTest(file.path) || file.path.endsWith('/main.ts')) return;
  for (const [pattern, message] of AMBIENT) for (const { line } of matches(file, pattern)) yield { line, message };
}

function* apart(file, tree) {
  const own = SERVICES.exec(file.path)?.[1];
  if (own === undefined || isTest(file.path)) return;
  for (const { specifier, line } of imports(file)) {
    const other = /^@heliograph\/([^/]+)\//.exec(specifier)?.[1];
    if (other !== undefined && other !== own && tree.byPath.has(`services/${other}/package.json`)) yield { line, message: `a service calls another by its contract: use kit.client(…) instead of a file of ${other}` };
  }
}

function* inside(file) {
  const root = /^((?:libs|services|tests)\/[^/]+|deploy\/[^/]+|protos|tools)\//.exec(file.path)?.[1];
  if (root === undefined || !file.path.endsWith('.ts')) return;
  const depth = file.path.slice(root.length + 1).split('/').length - 1;
  for (const { specifier, line } of imports(file)) {
    if (!specifier.startsWith('.')) continue;
    if (specifier.split('/').filter((part) => part === '..').length > depth) yield { line, message: `a relative import stays in its package: import ${specifier.split('/').pop()} as @heliograph/<package>/<file>` };
  }
}

function* oneMethod(file) {
  const match = /^services\/[^/]+\/src\/(api|rpc)\/(?:.*\/)?([^/]+)\.ts$/.exec(file.path);
  if (match === null || isTest(file.path)) return;
  const [, kind, name] = match;
  const exported = [...file.text.matchAll(/^export (?:default )?(?:async )?(?:function\*?|const|let|class|enum) (\w+)/gm)];
  const lineOf = (found) => file.text.slice(0, found.index).split('\n').length;
  if (!exported.some((found) => found[1] === name)) yield { line: 1, message: `${kind}/${name}.ts exports the function "${name}": one method, one file, the same name` };
  for (const found of exported) if (found[1] !== name) yield { line: lineOf(found), message: `"${found[1]}" is not the method ${name}: give it a file of its own (domain/ for decisions)` };
}

const TABLE_WORDS = [['partition', /partition/i], ['clustering', /cluster/i], ['rows', /\brows?\b/i], ['bytes', /\bbytes?\b|\b[kKMG]i?B\b/], ['TTL', /\bTTL\b|expire|for ever|kept/i], ['writers', /\bwrit/i], ['readers', /\bread/i]];
function* tableHeader(file) {
  if (!/^services\/[^/]+\/src\/tables\/[^/]+\.ts$/.test(file.path) || isTest(file.path) || !/\bdefineTable\(/.test(file.text)) return;
  const header = [...file.text.matchAll(/\/\*\*[\s\S]*?\*\//g)].map(([text]) => text).join('\n');
  // A table of one row per partition has nothing to say of clustering.
  const flat = /\bclustering:\s*\{\s*\}/.test(file.text);
  const missing = TABLE_WORDS.filter(([word, pattern]) => !pattern.test(header) && !(flat && word === 'clustering')).map(([word]) => word);
  if (missing.length > 0) yield { line: 1, message: `the header comment of a table names its ${missing.join(', ')}` };
}

const README_HEADINGS = ['Owns', 'Calls', 'Emits', 'Consumes', 'Tables', 'Limits', 'Runbooks'];
function* readme(file, tree) {
  const service = /^services\/([^/]+)\/package\.json$/.exec(file.path)?.[1];
  if (service === undefined) return;
  const found = tree.byPath.get(`services/${service}/README.md`);
  if (found === undefined) return yield { line: 1, message: `services/${service} needs a README.md with ${README_HEADINGS.join(', ')}` };
  const missing = README_HEADINGS.filter((heading) => !new RegExp(`\\b${heading}\\b`, 'i').test(found.text));
  if (missing.length > 0) yield { path: found.path, line: 1, message: `say what stands under ${missing.join(', ')}` };
}

const MACHINE = [
  [/(?<![\w.])\/(?:home|Users|root|work|workspace)\/[\w.-]+/, 'a path of one machine; make it relative, or a setting'],
  [/\b[A-Z]:\\\\?Users\\/, 'a path of one machine; make it relative, or a setting'],
  [/https?:\/\/(?!registry\.npmjs\.org)[\w.-]*(?:registry|artifactory|nexus|verdaccio)[\w.-]*[:/]/i, 'a registry of one workplace; leave the registry to the user’s own configuration'],
];
const SECRETS = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----\s*\\?n?[A-Za-z0-9+/=]{20,}/, 'a private key; make one at run time'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, 'an access key'],
  [/\bgh[pousr]_[A-Za-z0-9]{30,}\b|\bxox[abpr]-[A-Za-z0-9-]{20,}\b|\bnpm_[A-Za-z0-9]{36}\b/, 'a token'],
];
function* machine(file) {
  if (file.path.startsWith('tools/tidy/')) return;
  for (const [index, line] of file.lines.entries()) {
    for (const [pattern, message] of MACHINE) if (pattern.test(line)) yield { line: index + 1, message };
    for (const [pattern, message] of SECRETS) if (pattern.test(line)) yield { line: index + 1, message: `${message} does not belong in the repository` };
  }
  const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/=]{40,}/.exec(file.text);
  if (key !== null) yield { line: file.text.slice(0, key.index).split('\n').length, message: 'a private key does not belong in the repository; make one at run time' };
}

const BUILTIN = new Set(['assert', 'async_hooks', 'buffer', 'child_process', 'cluster', 'crypto', 'dgram', 'dns', 'events', 'fs', 'http', 'http2', 'https', 'module', 'net', 'os', 'path', 'perf_hooks', 'process', 'readline', 'stream', 'timers', 'tls', 'url', 'util', 'v8', 'vm', 'worker_threads', 'zlib']);
function* declared(file, tree) {
  if (!isSource(file.path)) return;
  let folder = file.path.split('/').slice(0, -1);
  while (folder.length > 0 && !tree.byPath.has(`${folder.join('/')}/package.json`)) folder = folder.slice(0, -1);
  const manifests = [[...folder, 'package.json'].join('/'), 'package.json'].map((path) => tree.byPath.get(path)).filter(Boolean).map(({ text }) => JSON.parse(text));
  const own = manifests[0]?.name;
  const known = new Set(manifests.flatMap(({ dependencies = {}, devDependencies = {}, optionalDependencies = {} }) => [...Object.keys(dependencies), ...Object.keys(devDependencies), ...Object.keys(optionalDependencies)]));
  for (const { specifier, line } of imports(file)) {
    if (specifier.startsWith('.') || specifier.startsWith('node:') || specifier.startsWith('/')) continue;
    if (BUILTIN.has(specifier.split('/')[0])) {
      yield { line, message: `write node:${specifier}` };
      continue;
    }
    const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
    if (name !== own && !known.has(name)) yield { line, message: `${name} is not declared: add it to ${[...folder, 'package.json'].join('/')}` };
  }
}

function* barrel(file) {
  if (!/\/src\/.*\.ts$/.test(file.path) || isTest(file.path)) return;
  if (/(^|\/)index\.ts$/.test(file.path)) yield { line: 1, message: 'no index files: import the file that defines the thing' };
  for (const [index, line] of file.lines.entries()) if (/^export \* (as \w+ )?from /.test(line)) yield { line: index + 1, message: 'no re-exports: import the file that defines the thing' };
  const code = file.text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '').trim();
  if (code !== '' && /^(export (type )?\{[^}]*\} from ['"][^'"]+['"];?\s*)+$/.test(code)) yield { line: 1, message: 'a file that only re-exports: import the files that define the things' };
}

function* generated(file) {
  if (file.tracked && /(^|\/)(gen|dist)\//.test(file.path)) yield { line: 1, message: 'generated code is not committed: git rm --cached, and let tools/prepare.mjs make it' };
}

function* limits(file) {
  if (!/(^|\/)limits\.ts$/.test(file.path)) return;
  for (const [index, line] of file.lines.entries()) {
    const name = /^export const (\w+)\s*(?::[^=]*)?=/.exec(line)?.[1];
    if (name === undefined) continue;
    if (!/^[A-Z][A-Z0-9_]*$/.test(name)) {
      yield { line: index + 1, message: `${name}: limits are constants, in capitals` };
      continue;
    }
    const unit = name.split('_').some((word) => /^(S|MS|US|NS|RATIO|PERCENT|COUNT|DEPTH|FACTOR|SECOND|MINUTE|HOUR|DAY)$/.test(word) || /[A-Z]S$/.test(word));
    if (!unit) yield { line: index + 1, message: `${name} names no unit: ${name.replace(/_(MAX|MIN)$/, '')}_BYTES_MAX, …_COUNT_MAX, …_MS` };
    if (!/(\*\/|^\s*\/\/.*)$/.test(file.lines[index - 1] ?? '') && !/\/\/|\/\*\*/.test(line) && !file.lines[index - 1]?.startsWith('export const')) yield { line: index + 1, message: `${name}: say above it what is bounded and what happens at the limit` };
  }
}

function* todo(file) {
  if (file.path.startsWith('tools/tidy/') || !(isSource(file.path) || /\.(proto|yaml|yml)$/.test(file.path))) return;
  for (const [index, line] of file.lines.entries()) {
    if (/\b(FIXME|XXX|HACK)\b/.test(line)) yield { line: index + 1, message: 'write TODO(#issue): and what is to be done' };
    else if (/\bTODO\b(?!\(#\d+\):)/.test(line) && /(\/\/|\/\*|\*|#).*\bTODO\b/.test(line)) yield { line: index + 1, message: 'a TODO names its issue: TODO(#12): …' };
  }
}

function* sleeps(file) {
  // A fake clock's sleeps take no time.
  if (!/\.test\.(ts|mjs)$/.test(file.path) || /\bfakeClock\(/.test(file.text)) return;
  for (const { line } of matches(file, /setTimeout\(\s*(?:resolve|done|r)\s*,\s*\d{2,}|\bsleep\(\d/)) yield { line, message: 'a test does not sleep: await eventually(() => …) from @heliograph/testing/eventually, or advance a fakeClock' };
}

export const rules = { nest, names, ambient, apart, inside, 'one-method': oneMethod, 'table-header': tableHeader, readme, machine, declared, barrel, generated, limits, todo, sleeps };

/** @param {{ path: string, text: string, tracked?: boolean }[]} files */
export function check(files) {
  const all = files.map((file) => ({ tracked: true, ...file, lines: file.text.split('\n') }));
  const tree = { files: all, byPath: new Map(all.map((file) => [file.path, file])) };
  const findings = [];
  for (const file of all) {
    // Its examples are what it refuses.
    if (file.path === 'tools/tidy/rules.test.mjs') continue;
    for (const [rule, run] of Object.entries(rules)) {
      for (const { path = file.path, line, message } of run(file, tree)) findings.push({ rule, path, line, message });
    }
  }
  return findings;
}
