import { eventually } from '@heliograph/testing/eventually';
import { type Deadlined, DeadlineWheel } from './deadline-wheel';
import { DEADLINE_SLOTS_COUNT, DEADLINE_TICK_MS } from './limits';

const item = (expire: () => void): Deadlined => ({ dueTick: 0, previousDeadlined: undefined, nextDeadlined: undefined, expire });

describe('deadline wheel', () => {
  test('ends each item once, never early, and no removed one', async () => {
    const wheel = new DeadlineWheel();
    const started = performance.now();
    const ended: [number, number][] = [];
    const removed = item(() => ended.push([-1, 0]));
    for (const ms of [0, 1, 30, 70, 70, 110]) wheel.add(item(() => ended.push([ms, performance.now() - started])), ms);
    wheel.add(removed, 30);
    wheel.remove(removed);
    wheel.remove(removed);
    await eventually(() => ended.length === 6);
    for (const [asked, took] of ended) expect(took).toBeGreaterThanOrEqual(asked);
    expect(ended.map(([asked]) => asked)).toEqual([0, 1, 30, 70, 70, 110]);
  });

  test('a deadline beyond a turn of the wheel waits for its own turn', async () => {
    let now = 0;
    const wheel = new DeadlineWheel(() => now);
    let far = 0;
    let near = 0;
    const turnMs = DEADLINE_SLOTS_COUNT * DEADLINE_TICK_MS;
    wheel.add(item(() => { far += 1; }), turnMs + 100);
    wheel.add(item(() => { near += 1; }), 100);
    now = 200;
    await eventually(() => near === 1);
    expect(far).toBe(0);
    now = turnMs * 3;
    await eventually(() => far === 1);
  });

  test('one item’s end may end others', async () => {
    const wheel = new DeadlineWheel();
    let second = 0;
    const other = item(() => { second += 1; });
    const after = item(() => { second += 10; });
    wheel.add(item(() => wheel.remove(other)), 0);
    wheel.add(other, 0);
    wheel.add(after, 0);
    await eventually(() => second > 0);
    expect(second).toBe(10);
  });
});
