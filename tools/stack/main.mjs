// npm run stack: two data centers on real engines, one process per service. Runs until a signal; --down ends one that runs.
import { parseArgs } from 'node:util';
import { prepare } from '../prepare.mjs';
import { startStack, stopStack } from './stack.mjs';

const USAGE = `npm run stack -- [options]

  Two data centers on this machine: a Cassandra cluster, a Kafka, a Redis and an S3 server in each, one process per service.
  Its last line is "ready <url of connect.json>". Ctrl-C ends it: services first, engines last.

  --data DIR         folder that holds everything                      (./.heliograph/stack)
  --host ADDRESS     address that clients connect to                   (127.0.0.1)
  --port PORT        MTProto: DC k listens on this + k                 (4430)
  --http-port PORT   connect.json and the outbox of login codes        (8080)
  --base-port PORT   first port of engines and processes, on 127.0.0.<dc>  (19400)
  --no-test-phones   no fixed login codes for test numbers 99966XYYYY
  --no-restart       what dies stays down
  --fresh            throw away what an earlier run left on disk
  --down             ends a stack that runs; with --now kills it
`;
const options = {
  data: { type: 'string' }, host: { type: 'string' }, port: { type: 'string' }, 'http-port': { type: 'string' }, 'base-port': { type: 'string' },
  'no-test-phones': { type: 'boolean' }, 'no-restart': { type: 'boolean' }, fresh: { type: 'boolean' }, down: { type: 'boolean' }, now: { type: 'boolean' }, help: { type: 'boolean' },
};

async function main(argv) {
  const { values } = parseArgs({ args: argv, options });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  /** Flag, else environment variable as with npm start, else default. */
  const setting = (name, fallback) => values[name] ?? (process.env[`HELIOGRAPH_${name.replaceAll('-', '_').toUpperCase()}`] || fallback);
  const number = (name, fallback, max) => {
    const value = Number(setting(name, fallback));
    if (!Number.isInteger(value) || value < 1 || value > max) throw new Error(`--${name} must be a port from 1 to ${max}; it is "${setting(name, fallback)}".`);
    return value;
  };
  const folder = setting('data', './.heliograph/stack');
  if (values.down) {
    console.log(await stopStack(folder, values.now ? { graceMs: 0 } : {}));
    return;
  }
  const started = performance.now();
  // A signal during the start ends it: what was started is tied to this process and goes with it.
  const interrupted = (signal) => process.exit(signal === 'SIGINT' ? 130 : 143);
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  await prepare();
  const stack = await startStack({
    folder, host: setting('host', '127.0.0.1'), port: number('port', '4430', 65_535 - 2), httpPort: number('http-port', '8080', 65_535), basePort: number('base-port', '19400', 65_535 - 100),
    testPhones: !(values['no-test-phones'] || process.env.HELIOGRAPH_NO_TEST_PHONES === '1'), restarts: !values['no-restart'], fresh: values.fresh ?? false,
  });
  process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  let ending = 0;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      ending += 1;
      if (ending === 2) console.error('stack: killing what is left');
      if (ending === 1) console.error('stack: ending (again: at once) …');
      void stack.stop(ending > 1 ? { graceMs: 0 } : {}).then(() => process.exit(0));
    });
  }
  console.error(stack.table());
  console.error(`stack: ready after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  console.log(`ready ${stack.url}`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`stack: ${error.message}`);
  process.exit(1);
}
