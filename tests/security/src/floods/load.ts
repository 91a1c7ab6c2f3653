import { parentPort, workerData } from 'node:worker_threads';
import { Person } from '../client/person';
import { MESSAGE } from '../client/session';
import type { LoadOrder, LoadPhase } from './messages';

/** Milliseconds that a message may take to reach the other side before it counts as lost. */
const DELIVERY_MS_MAX = 8_000;

/**
 * A light load of private messages at a steady rate, in a thread of its own so that no flooder delays its clock.
 * Told 'phase', it answers what was measured since the last time, after what is under way has arrived.
 */
async function load({ gateway, phones, perSecond }: LoadOrder): Promise<void> {
  const people = await Promise.all(phones.map((phone, index) => Person.signUp(gateway, phone, `Load ${index}`)));
  const pairs: { from: Person; to: { user_id: number; access_hash: bigint } }[] = [];
  const arrivals = new Map<string, (at: number) => void>();
  for (let index = 0; index < people.length; index += 2) {
    const [from, to] = [people[index] as Person, people[index + 1] as Person];
    pairs.push({ from, to: await from.meet(to) });
    await to.call('updates.getState', {});
    watch(to, arrivals);
  }
  let phase: LoadPhase = { acknowledged: [], delivered: [], failures: [] };
  let sent = 0;
  const underWay = new Set<Promise<void>>();
  const one = async (): Promise<void> => {
    const current = phase;
    const { from, to } = pairs[sent % pairs.length] as { from: Person; to: { user_id: number; access_hash: bigint } };
    const text = `load-${(sent += 1)}-end`;
    const started = performance.now();
    const delivered = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        arrivals.delete(text);
        reject(new Error(`${text} did not arrive`));
      }, DELIVERY_MS_MAX);
      arrivals.set(text, (at) => {
        clearTimeout(timer);
        arrivals.delete(text);
        current.delivered.push(at - started);
        resolve();
      });
    });
    delivered.catch(() => undefined);
    try {
      await from.send(to, text);
      current.acknowledged.push(performance.now() - started);
      await delivered;
    } catch (error) {
      current.failures.push((error as Error).message);
    }
  };
  const periodMs = 1_000 / perSecond;
  const began = performance.now();
  let due = 0;
  setInterval(() => {
    // Open loop: what is due is sent, whether or not the server keeps up.
    for (; due * periodMs <= performance.now() - began; due++) {
      const task = one().finally(() => underWay.delete(task));
      underWay.add(task);
    }
  }, Math.max(1, periodMs / 2));
  parentPort?.on('message', () => {
    const done = phase;
    const waiting = [...underWay];
    phase = { acknowledged: [], delivered: [], failures: [] };
    void Promise.all(waiting).then(() => parentPort?.postMessage(done));
  });
  parentPort?.postMessage('ready');
}

/** Tells which messages a person was pushed. */
function watch(person: Person, arrivals: Map<string, (at: number) => void>): void {
  const { session } = person;
  const { wire } = session;
  const before = wire.onFrame;
  wire.onFrame = (frame) => {
    before?.(frame);
    const at = performance.now();
    for (const { constructor, body } of session.received) {
      if (constructor === MESSAGE.rpcResult || constructor === MESSAGE.ack) continue;
      const start = body.indexOf('load-');
      if (start >= 0) arrivals.get(body.toString('latin1', start, body.indexOf('-end', start) + 4))?.(at);
    }
    session.clear();
    session.acknowledge();
  };
}

void load(workerData as LoadOrder);
