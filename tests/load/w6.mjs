// W6: the cost of getHistory(100) in a chat of 10³, 10⁵ and 10⁶ messages.
import { ask } from './people.mjs';
import { startLoaded } from './loaded.mjs';
import { onStack, round } from './system.mjs';

export async function run({ sizes = onStack() ? [1000, 100_000] : [1000, 100_000, 1_000_000], rounds = 12, calls = 60 } = {}) {
  const { system, chats, stop } = await startLoaded(sizes);
  const page = (chat, offset) => ask(chat.receiver.client, { _: 'messages.getHistory', peer: chat.peer, offset_id: offset, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n });
  const ends = new Map();
  for (const chat of chats) {
    const first = (await ask(chat.receiver.client, { _: 'messages.getHistory', peer: chat.peer, offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n }, true));
    if (first.messages.length !== 100) throw new Error(`a chat of ${chat.count} messages answered ${first.messages.length}`);
    ends.set(chat, first.messages[0].id);
  }
  const cpu = new Map(chats.map((chat) => [chat, 0]));
  // Interleaved, so that a slower minute of the machine slows all sizes alike; the first round warms up.
  for (let turn = 0; turn <= rounds; turn += 1) {
    for (const chat of chats) {
      const before = system.cpuSeconds();
      for (let call = 0; call < calls; call += 1) await page(chat, call % 2 === 0 ? 0 : 101 + Math.floor(Math.random() * (ends.get(chat) - 101)));
      if (turn > 0) cpu.set(chat, cpu.get(chat) + system.cpuSeconds() - before);
    }
  }
  await stop();
  const per = (chat) => (cpu.get(chat) / (rounds * calls)) * 1000;
  const ratio = per(chats.at(-1)) / per(chats[0]);
  return [
    ...chats.map((chat) => ({ workload: `W6 chat of ${chat.count}`, figure: 'CPU ms per getHistory(100)', value: round(per(chat), 2) })),
    { workload: 'W6', figure: `cost at ${sizes.at(-1)} : at ${sizes[0]}`, value: round(ratio, 2), bar: '<= 1.3', ok: ratio <= 1.3 },
  ];
}
