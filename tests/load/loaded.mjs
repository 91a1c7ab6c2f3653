// A system whose people have long histories: people sign up, the system stops, the loader fills their boxes, the system starts again.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectTo, introduce, signUp } from './people.mjs';
import { startSystem } from './system.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** @returns one {receiver, sender, peer, count} per count; `peer` is the sender as the receiver addresses them */
export async function startLoaded(counts) {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-load-'));
  const first = await startSystem({ folder });
  const people = await signUp(first.dc, counts.length * 2);
  const chats = [];
  for (const [index, count] of counts.entries()) {
    const [receiver, sender] = people.slice(index * 2);
    chats.push({ receiver, sender, count, peer: await introduce(receiver, sender) });
  }
  for (const person of people) person.client.close();
  await first.stop();
  await new Promise((done, failed) => {
    const loader = spawn(process.execPath, [join(here, 'loader.cjs'), folder, ...chats.map((chat) => `${chat.receiver.id}:${chat.sender.id}:${chat.count}`)], { stdio: 'inherit' });
    loader.on('exit', (code) => (code === 0 ? done() : failed(new Error('the loader failed'))));
  });
  const second = await startSystem({ folder });
  for (const chat of chats) chat.receiver.client = await connectTo(second.dc, chat.receiver.index, { key: chat.receiver.client.key });
  return {
    ...second, chats,
    stop: async () => {
      for (const chat of chats) chat.receiver.client.close();
      await second.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
