// Prepares the workspace (install, generate, build), then runs a program of the repository with the arguments given:
// node tools/run.mjs <program> [args…]
import { spawn } from 'node:child_process';
import { prepare } from './prepare.mjs';

const [program, ...args] = process.argv.slice(2);
await prepare();
const child = spawn(process.execPath, ['--enable-source-maps', program, ...args], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : code ?? 1));
