// npm start: makes the checkout runnable, then runs every service in this process. Needs Node and npm only.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

try {
  const { prepare } = await import('./prepare.mjs');
  await prepare();
} catch (error) {
  console.error(`heliograph: ${error.message}`);
  process.exit(1);
}
process.setSourceMapsEnabled(true);
createRequire(import.meta.url)(fileURLToPath(new URL('../deploy/standalone/dist/main.js', import.meta.url)));
