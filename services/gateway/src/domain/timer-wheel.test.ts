import { type Timed, TimerWheel } from './timer-wheel';

const item = (deadlineAt: number): Timed => ({ deadlineAt, timerBucket: -1 });

function expired(wheel: TimerWheel<Timed>, nowMs: number): Timed[] {
  const items: Timed[] = [];
  wheel.advance(nowMs, (one) => items.push(one));
  return items;
}

test('expires within a tick, near and far', () => {
  const start = 1_700_000_000_500;
  const wheel = new TimerWheel<Timed>(start);
  const near = item(start + 2_000);
  const far = item(start + 900_000);
  wheel.arm(near);
  wheel.arm(far);
  expect(expired(wheel, start + 1_000)).toEqual([]);
  expect(expired(wheel, start + 3_000)).toEqual([near]);
  for (let now = start + 4_000; now < start + 900_000; now += 1_000) expect(expired(wheel, now)).toEqual([]);
  expect(expired(wheel, start + 901_000)).toEqual([far]);
});

test('a deadline that moved later is looked at again', () => {
  const wheel = new TimerWheel<Timed>(0);
  const one = item(2_000);
  wheel.arm(one);
  one.deadlineAt = 5_000;
  expect(expired(wheel, 3_000)).toEqual([]);
  expect(expired(wheel, 6_000)).toEqual([one]);
});

test('removed items stay quiet; re-arming moves earlier; a long pause misses nobody', () => {
  const wheel = new TimerWheel<Timed>(0);
  const gone = item(1_000);
  const moved = item(100_000);
  const late = item(110_000);
  for (const one of [gone, moved, late]) wheel.arm(one);
  wheel.remove(gone);
  moved.deadlineAt = 2_000;
  wheel.arm(moved);
  expect(expired(wheel, 2_500)).toEqual([moved]);
  expect(expired(wheel, 10_000_000)).toEqual([late]);
});
