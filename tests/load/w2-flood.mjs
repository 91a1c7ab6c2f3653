// The flood of W2, in a thread of its own, so that its arithmetic does not hold up the watcher's clock.
// workerData: {dc, seconds, width, key?}; with a key it reconnects, without one it makes new keys. Posts {done, refused}.
import { parentPort, workerData } from 'node:worker_threads';
import { connectTo } from './people.mjs';
import { sleep } from './system.mjs';

const { dc, seconds, width, key } = workerData;
const until = Date.now() + seconds * 1000;
let next = 0;
let done = 0;
let refused = 0;
await Promise.all(Array.from({ length: width }, async () => {
  while (Date.now() < until) {
    try {
      const client = await connectTo(dc, next++, key ? { key: { ...key, authKey: key.authKey && Buffer.from(key.authKey) } } : {});
      if (key) await client.ping();
      client.close();
      done += 1;
    } catch {
      refused += 1;
      await sleep(20);
    }
  }
}));
parentPort.postMessage({ done, refused });
process.exit(0);
