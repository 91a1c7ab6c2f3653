// W3: private chats. Open loop at fixed rates, then as fast as a closed loop gets; every send waits for its ack, every message for the other side.
import { spentSince } from './stack.mjs';
import { introduce, query, signUp } from './people.mjs';
import { inParallel, onStack, percentile, round, sleep, startSystem } from './system.mjs';

const PAIRS = 100;
const BODY = 'The quick brown fox jumps over the lazy dog while the band plays on and nobody counts the words any more, least of all the fox himself. ';

/** Longer than the box engine waits with a head (HEAD_FLUSH_AGE_MS), and than writing a few hundred of them takes. */
const HEADS_WRITTEN_MS = 7_000;

/** By target: what a CPU-second must do at a steady 200/s and saturated. */
const BARS = { embedded: { steady: 600, saturated: 1500 }, stack: { steady: 150, saturated: 300 } };

export async function run({ seconds = 10, rates = onStack() ? [20, 200] : [20, 50, 200, 1000], width = onStack() ? 128 : 64 } = {}) {
  const bars = BARS[onStack() ? 'stack' : 'embedded'];
  const { system, dc, stop } = await startSystem();
  const sentAt = new Map();
  let delivered = 0;
  let deliveries = [];
  const onMessage = (_person, body) => {
    const at = body.indexOf('#');
    if (at < 0) return;
    // Several messages may share a container.
    for (const [, id] of body.toString('latin1').matchAll(/#(\d+)#/g)) {
      const started = sentAt.get(id);
      if (started === undefined) continue;
      sentAt.delete(id);
      delivered += 1;
      deliveries.push(performance.now() - started);
    }
  };
  const people = await signUp(dc, PAIRS * 2, { onMessage });
  const peers = new Array(people.length);
  await inParallel(people.length, 16, async (index) => {
    peers[index] = await introduce(people[index], people[index ^ 1]);
  });

  let serial = 0;
  let acks = [];
  let errors = 0;
  const send = async () => {
    const id = String((serial += 1));
    const from = Math.floor(Math.random() * people.length);
    const started = performance.now();
    sentAt.set(id, started);
    try {
      await people[from].client.call(query({ _: 'messages.sendMessage', peer: peers[from], message: `#${id}# ${BODY}`, random_id: BigInt.asIntN(64, BigInt(serial) * 0x9e3779b97f4a7c15n) }));
      acks.push(performance.now() - started);
    } catch (error) {
      errors += 1;
      sentAt.delete(id);
      if (errors < 4) console.error(`send failed: ${error.message}`);
    }
  };
  const begin = () => {
    acks = [];
    deliveries = [];
    delivered = 0;
    errors = 0;
    return { cpu: system.cpuSeconds(), spent: system.spent(), at: performance.now() };
  };
  const allDelivered = async () => {
    const until = Date.now() + 5000;
    while (sentAt.size > 0 && Date.now() < until) await sleep(20);
  };
  const end = async (label, begun, bars) => {
    await allDelivered();
    const cpu = system.cpuSeconds() - begun.cpu;
    const lost = sentAt.size;
    sentAt.clear();
    const per = delivered / cpu;
    const p50 = percentile(deliveries, 0.5);
    const p99 = percentile(deliveries, 0.99);
    const rows = [{
      workload: `W3 ${label}`, figure: 'messages per CPU-second', value: round(per), bar: bars.per ? `>= ${bars.per}` : '', ok: (!bars.per || per >= bars.per) && errors === 0 && lost === 0,
      more: `${round(delivered / ((performance.now() - begun.at) / 1000))}/s; ack p50 ${round(percentile(acks, 0.5))} p99 ${round(percentile(acks, 0.99))} ms; deliver p50 ${round(p50)} p99 ${round(p99)} ms; ${errors} errors, ${lost} undelivered${onStack() ? `; ms each: ${spentSince(begun.spent, system.spent(), delivered)}` : ''}`,
    }];
    // What is delivered slowly may be cheap, and the other way round: a row each.
    if (bars.p50) rows.push({ workload: `W3 ${label}`, figure: `ms until delivered, p50${bars.p99 ? ' and p99' : ''}`, value: bars.p99 ? `${round(p50)}, ${round(p99)}` : round(p50), bar: `<= ${bars.p50}${bars.p99 ? `, ${bars.p99}` : ''}`, ok: p50 <= bars.p50 && (!bars.p99 || p99 <= bars.p99) });
    return rows;
  };
  const closedLoop = async (length) => {
    const until = Date.now() + length * 1000;
    await Promise.all(Array.from({ length: width }, async () => {
      while (Date.now() < until) await send();
    }));
  };
  const openLoop = async (rate, length) => {
    const started = performance.now();
    const waiting = new Set();
    for (let count = 0; count < rate * length;) {
      const due = Math.min(rate * length, Math.floor(((performance.now() - started) / 1000) * rate));
      for (; count < due; count += 1) {
        const call = send().finally(() => waiting.delete(call));
        waiting.add(call);
      }
      await sleep(1);
    }
    await Promise.all(waiting);
  };

  // A JVM needs longer until its code is compiled.
  await closedLoop(onStack() ? 30 : 5);
  // What the warm-up sent is not to count as the first rate's, nor the heads of its boxes, which are written some seconds later.
  await allDelivered();
  await sleep(HEADS_WRITTEN_MS);
  const rows = [];
  for (const rate of rates) {
    const begun = begin();
    await openLoop(rate, seconds);
    rows.push(...await end(`${rate}/s`, begun, rate === 200 ? { per: bars.steady, p50: 15, p99: onStack() ? undefined : 60 } : rate < 200 ? { p50: 15, p99: 60 } : {}));
  }
  const begun = begin();
  await closedLoop(seconds);
  rows.push(...await end('saturated', begun, { per: bars.saturated }));
  for (const person of people) person.client.close();
  await stop();
  return rows;
}
