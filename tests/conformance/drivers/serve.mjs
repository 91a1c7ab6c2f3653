// The driver protocol: a driver is a process that holds one client library and answers JSON lines.
//   in  {"id", "op", "args"}            out {"id", "result"} | {"id", "error": {"code", "type", "text"}} | {"event": {...}}
// TL objects travel as JSON with TL's own names: {"_": "messages.dialogs", "snake_case": …}; 64-bit integers beyond 2^53 as "123n",
// bytes as {"$bytes": base64}. What a library prints goes to stderr.
import { createInterface } from 'node:readline';

const out = process.stdout.write.bind(process.stdout);
console.log = console.info = console.warn = console.debug = (...args) => console.error(...args);

export function emit(event) {
  out(`${JSON.stringify({ event })}\n`);
}

/** @param ops name → async function(args); @param describeError error → {code, type} */
export function serveDriver(ops, describeError) {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const { id, op, args } = JSON.parse(line);
    Promise.resolve()
      .then(() => {
        if (!ops[op]) throw new Error(`this driver has no operation ${op}`);
        return ops[op](args ?? {});
      })
      .then((result) => out(`${JSON.stringify({ id, result: result ?? null })}\n`))
      .catch((error) => out(`${JSON.stringify({ id, error: { text: String(error?.message ?? error), stack: error?.stack, ...describeError(error) } })}\n`));
  });
  lines.on('close', () => process.exit(0));
  process.on('unhandledRejection', (error) => console.error('unhandled', error));
  process.on('uncaughtException', (error) => console.error('uncaught', error));
}
