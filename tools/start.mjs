// npm start: makes the checkout runnable, then runs every service in this process. Needs Node and npm only.
import nodeModule, { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

try {
  const { prepare } = await import('./prepare.mjs');
  await prepare();
} catch (error) {
  console.error(`heliograph: ${error.message}`);
  process.exit(1);
}
// Node 22 and later keep compiled code between starts.
nodeModule.enableCompileCache?.(fileURLToPath(new URL('../node_modules/.cache/heliograph-compiled', import.meta.url)));
// Reading the maps of every file takes a tenth of the start: for those who look for something.
if (process.env.HELIOGRAPH_LOG_LEVEL === 'debug') process.setSourceMapsEnabled(true);
createRequire(import.meta.url)(fileURLToPath(new URL('../deploy/standalone/dist/main.js', import.meta.url)));
