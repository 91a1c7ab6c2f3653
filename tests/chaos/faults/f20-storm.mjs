import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { connectLoadClient } = require('../../../libs/mtproto/dist/load-client.js');
const { createPacketCipher } = require('../../../libs/mtproto/dist/packet/wasm-cipher.js');

/** Auth keys of the storm; each has many connections, as reconnects do not make keys. */
const KEYS = 24;
const WIDTH = 48;
/** Addresses that connections leave from: limits per address are not what is tried here. */
const ADDRESSES = 240;
const BACK_MS = 60_000;

/** Thousands of connections go at once and come back, each after a moment of its own as real clients do, while people talk. */
export const f20Storm = {
  id: 'F20',
  title: 'all connections drop at once and come back',
  targets: ['embedded', 'stack'],
  short: [],
  async run({ target, random, short, sleep, log, recovered, fail, now }) {
    const count = short ? 600 : 3_000;
    const cipher = createPacketCipher({ slots: 4 * count });
    const gateways = target.gateways;
    const open = async (index, key) => connectLoadClient({
      host: gateways[index % gateways.length].host, port: gateways[index % gateways.length].port, cipher, publicPem: gateways[index % gateways.length].publicKey,
      fingerprint: BigInt.asUintN(64, BigInt(gateways[index % gateways.length].fingerprint)), localAddress: `127.0.1.${1 + (index % ADDRESSES)}`, key,
    });
    const keys = [];
    for (let index = 0; index < KEYS; index += 1) {
      const client = await open(index);
      keys.push(client.key);
      client.close();
    }
    let clients = new Array(count);
    const connectAll = async (pauseMs) => {
      let next = 0;
      let failed = 0;
      await Promise.all(Array.from({ length: WIDTH }, async () => {
        while (next < count) {
          const index = next++;
          for (let attempt = 0; ; attempt += 1) {
            try {
              await sleep(pauseMs(attempt));
              // A key belongs to a gateway's DC: the same index meets the same key again.
              clients[index] = await open(index, keys[(index % gateways.length) + gateways.length * Math.floor((index / gateways.length) % Math.floor(KEYS / gateways.length))]);
              await clients[index].ping();
              break;
            } catch {
              failed += 1;
              clients[index]?.close();
              if (failed > count * 10) return;
            }
          }
        }
      }));
      return failed;
    };
    await connectAll(() => 0);
    log(`${count} connections stand`);
    const before = now();
    for (const client of clients) client?.close();
    for (const link of target.links.values()) link.reset();
    log('all dropped');
    clients = new Array(count);
    const failed = await connectAll((attempt) => random.next() * Math.min(8_000, 5 * 2 ** attempt));
    const tookMs = now() - before;
    const back = clients.filter(Boolean).length;
    log(`${back} of ${count} are back after ${(tookMs / 1000).toFixed(1)} s, ${failed} attempts failed`);
    if (back < count * 0.98) fail(`only ${back} of ${count} connections came back`);
    if (tookMs > BACK_MS) fail(`it took ${(tookMs / 1000).toFixed(1)} s until they were back`);
    await recovered(20_000);
    for (const client of clients) client?.close();
  },
};
