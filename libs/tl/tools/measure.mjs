// Prints what TL costs: the first use of every layer in a fresh process, and an ordinary message after that.
// Run after a build: node libs/tl/tools/measure.mjs
import { createRequire } from 'node:module';

const load = createRequire(new URL('../dist/', import.meta.url));
const memoryBefore = process.memoryUsage();
const started = performance.now();
const { LAYERS, apiSchema } = load('./layers.js');
const { readMethod, readObject } = load('./reader.js');
const { writeObject } = load('./writer.js');
const { collectPeers } = load('./peers.js');
const loaded = performance.now();

const message = {
  _: 'message', out: true, id: 5, from_id: { _: 'peerUser', user_id: 123456789012 }, peer_id: { _: 'peerUser', user_id: 42 }, date: 1700000000,
  message: 'Hello, how are you today, my friend? ☺', entities: [{ _: 'messageEntityBold', offset: 0, length: 5 }],
};
const updates = { _: 'updates', updates: [{ _: 'updateNewMessage', message, pts: 1, pts_count: 1 }], users: [{ _: 'user', id: 42, access_hash: 5n, first_name: 'Ann' }], chats: [], date: 1700000000, seq: 0 };
const call = { _: 'messages.sendMessage', peer: { _: 'inputPeerUser', user_id: 42, access_hash: 5n }, message: message.message, random_id: 7n };
for (const layer of LAYERS) {
  readObject(writeObject(updates, layer), 'Updates');
  readMethod(writeObject(call, layer));
}
const used = performance.now();
console.log(`modules: ${(loaded - started).toFixed(0)} ms; first message, call and update in all ${LAYERS.length} layers: ${(used - loaded).toFixed(0)} ms`);

const memoryAfter = process.memoryUsage();
console.log(`memory: ${((memoryAfter.heapUsed - memoryBefore.heapUsed) / 2 ** 20).toFixed(1)} MB of heap, ${((memoryAfter.rss - memoryBefore.rss) / 2 ** 20).toFixed(1)} MB resident`);

function microseconds(name, times, run) {
  for (let i = 0; i < times / 10; i++) run();
  const start = process.cpuUsage();
  for (let i = 0; i < times; i++) run();
  const { user, system } = process.cpuUsage(start);
  console.log(`${name}: ${((user + system) / times).toFixed(2)} µs`);
}
const bytes = writeObject(message, 198);
const callBytes = writeObject(call, 229);
microseconds('write a message, newest layer', 200_000, () => writeObject(message, 229));
microseconds('write a message, oldest layer', 200_000, () => writeObject(message, 198));
microseconds('read a message', 200_000, () => readObject(bytes, 'Message'));
microseconds('read messages.sendMessage', 200_000, () => readMethod(callBytes));
microseconds('collect the peers of a message', 200_000, () => collectPeers(message, () => {}));

const all = performance.now();
apiSchema().all();
console.log(`every definition of every layer parsed: ${(performance.now() - all).toFixed(0)} ms more`);
