// W7: catching up on 100, 10,000 and 100,000 missed updates by updates.getDifference.
import { createRequire } from 'node:module';
import { ask, query } from './people.mjs';
import { startLoaded } from './loaded.mjs';
import { onStack, round } from './system.mjs';

const require = createRequire(import.meta.url);
const { readResult } = require('../../libs/tl/dist/reader.js');

export async function run({ sizes = onStack() ? [100, 10_000] : [100, 10_000, 100_000] } = {}) {
  const { system, chats, stop } = await startLoaded(sizes);
  const rows = [];
  const catchUp = async (chat) => {
    let state = { pts: 1, date: 1, qts: 0 };
    let messages = 0;
    let calls = 0;
    let bytes = 0;
    const cpu = system.cpuSeconds();
    const started = performance.now();
    for (;;) {
      const answer = await chat.receiver.client.call(query({ _: 'updates.getDifference', pts: state.pts, date: state.date, qts: state.qts }));
      calls += 1;
      bytes += answer.length;
      const difference = readResult('updates.getDifference', answer);
      if (difference._ === 'updates.differenceEmpty') break;
      messages += difference.new_messages.length;
      state = difference.state ?? difference.intermediate_state;
      if (difference.state) break;
    }
    return { messages, calls, bytes, cpu: system.cpuSeconds() - cpu, ms: performance.now() - started };
  };
  for (const chat of chats) await ask(chat.receiver.client, { _: 'updates.getState' }, true);
  // Warms the paths that the figures are about.
  await catchUp(chats.at(-1));
  const before = system.residentKib();
  for (const chat of chats) {
    let runs = 0;
    const sum = { messages: 0, cpu: 0, ms: 0, calls: 0, bytes: 0 };
    // Small ones many times: the kernel counts CPU in hundredths of a second.
    while (sum.messages < Math.min(100_000, chat.count * 100)) {
      const one = await catchUp(chat);
      if (one.messages < chat.count) throw new Error(`caught up on ${one.messages} of ${chat.count} messages`);
      for (const name of Object.keys(sum)) sum[name] += one[name];
      runs += 1;
    }
    rows.push({
      workload: `W7 ${chat.count} missed`, figure: 'messages per CPU-second', value: round(sum.messages / sum.cpu), bar: chat.count >= 10_000 ? '>= 20000' : '', ok: chat.count < 10_000 || sum.messages / sum.cpu >= 20_000,
      more: `${round(sum.ms / runs)} ms, ${sum.calls / runs} calls, ${Math.round(sum.bytes / runs / 1024)} KiB`,
    });
  }
  const grown = (system.residentKib() - before) / 1024;
  rows.push({ workload: 'W7', figure: 'server memory grown, MiB', value: round(grown), bar: '<= 150', ok: grown <= 150 });
  await stop();
  return rows;
}
