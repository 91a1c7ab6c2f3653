// Prints packets per CPU-second and µs per packet of the packet module: one by one and in batches, with and without obfuscation.
// node libs/mtproto/bench/packets.mjs [seconds per line]     (after npm run build)
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { createPacketCipher } = require('../dist/packet/wasm-cipher.js');
const { encryptPacket } = require('../dist/packet/message-crypto.js');
const { authKeyId } = require('../dist/key-id.js');
const { Transport } = require('../dist/transport/transport.js');
const { PacketBatch } = require('../dist/packet/batch.js');

const SECONDS = Number(process.argv[2] ?? 0.3);
const CONNECTIONS = 512;
const cipher = createPacketCipher();

function connection(obfuscated) {
  const slot = cipher.allocate();
  const authKey = randomBytes(256);
  const transport = new Transport(cipher, slot, { trustProxy: false });
  const sink = { onPacket() {}, onOutput() {}, onFault(fault) { throw new Error(fault); }, onAddress() {}, onHeld() {} };
  if (obfuscated) {
    // A client's first bytes: the tag stands encrypted at 56.
    const { createCipheriv } = require('node:crypto');
    const init = randomBytes(64);
    init.writeUInt32LE(1, 4);
    init[0] = 1;
    const encrypted = createCipheriv('aes-256-ctr', init.subarray(8, 40), init.subarray(40, 56)).update(Buffer.concat([init.subarray(0, 56), Buffer.from('eeeeeeee00000000', 'hex')]));
    transport.receive(Buffer.concat([init.subarray(0, 56), encrypted.subarray(56)]), sink);
  } else transport.receive(Buffer.from('eeeeeeee', 'hex'), sink);
  cipher.setAuthKey(slot, authKeyId(authKey), authKey);
  cipher.setSession(slot, 1n, 2n);
  return { slot, authKey, transport };
}

function measure(name, packets, run) {
  for (let i = 0; i < 5; i++) run();
  let rounds = 0;
  const start = process.cpuUsage();
  let spent;
  do {
    run();
    rounds++;
    spent = process.cpuUsage(start);
  } while (spent.user + spent.system < SECONDS * 1e6);
  const us = (spent.user + spent.system) / (rounds * packets);
  console.log(`${name.padEnd(44)} ${(1e6 / us / 1000).toFixed(0).padStart(6)} k/CPU-s  ${us.toFixed(2).padStart(9)} µs`);
}

const plain = Array.from({ length: CONNECTIONS }, () => connection(false));
const obfuscated = Array.from({ length: CONNECTIONS }, () => connection(true));
const batch = new PacketBatch(cipher);
const opened = { salt: 0n, sessionId: 0n, messageId: 0n, seqNo: 0, body: undefined, quickAckToken: 0 };

for (const total of [128, 256, 1024, 65_536, 524_288]) {
  const body = randomBytes(total - 32 - 24);
  for (const [kind, connections] of [['', plain], [' + stream', obfuscated]]) {
    const few = total > 10_000 ? 8 : CONNECTIONS;
    measure(`${total} bytes, one by one${kind}`, few, () => { for (let i = 0; i < few; i++) connections[i].transport.seal(BigInt(i), 1, body); });
    if (total <= 1024) {
      measure(`${total} bytes, batches of ${CONNECTIONS}${kind}`, CONNECTIONS, () => {
        batch.begin(body);
        for (let i = 0; i < CONNECTIONS; i++) batch.add(connections[i].transport, BigInt(i), 1);
        batch.seal();
        for (let i = 0; i < CONNECTIONS; i++) batch.frame(i);
      });
    }
  }
  const { slot, authKey } = plain[0];
  const header = Buffer.alloc(32);
  header.writeUInt32LE(body.length, 28);
  const packet = encryptPacket(authKey, authKeyId(authKey), 0, Buffer.concat([header, body, randomBytes(24)]));
  measure(`${total} bytes, opened`, 8, () => { for (let i = 0; i < 8; i++) if (!cipher.open(slot, packet, opened)) throw new Error('refused'); });
}
