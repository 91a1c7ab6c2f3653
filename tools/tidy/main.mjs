// Checks the repository against its own rules: node tools/tidy/main.mjs. Ends with 1 and `file:line  rule  what to do` for each finding.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check } from './rules.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const FILE_BYTES_MAX = 2 * 1024 * 1024;
const TEXT = /\.(ts|mjs|cjs|js|json|md|yaml|yml|proto|tl|py|sh|tpl|txt)$|^[^.]+$|(^|\/)\.[a-z]+rc$|(^|\/)run$/;

const list = (...args) => execFileSync('git', ['ls-files', '-z', ...args], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 }).split('\0').filter(Boolean);
const tracked = new Set(list());
const files = [...new Set([...tracked, ...list('--others', '--exclude-standard')])].filter((path) => {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  return stat?.isFile() && stat.size <= FILE_BYTES_MAX && TEXT.test(path);
}).map((path) => ({ path, text: readFileSync(join(root, path), 'utf8'), tracked: tracked.has(path) }));

const findings = check(files);
for (const { rule, path, line, message } of findings) console.log(`${path}:${line}  ${rule}  ${message}`);
console.log(findings.length === 0 ? `tidy: ${files.length} files` : `tidy: ${findings.length} findings in ${files.length} files`);
process.exitCode = findings.length === 0 ? 0 : 1;
