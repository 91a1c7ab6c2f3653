import { fakeClock } from './fake-clock';

describe('fake clock', () => {
  test('sleeps and periodic tasks fire in order, only when it is moved', async () => {
    const clock = fakeClock(1_000);
    const fired: string[] = [];
    void clock.sleep(50).then(() => fired.push(`slept until ${clock.now()}`));
    const periodic = clock.every(20, () => void fired.push(`every ${clock.now()}`));
    await clock.advance(10);
    expect(fired).toEqual([]);
    await clock.advance(45);
    expect(fired).toEqual(['every 1020', 'every 1040', 'slept until 1050']);
    periodic.stop();
    await clock.advance(1_000);
    expect(fired).toHaveLength(3);
    expect([clock.now(), clock.waiting]).toEqual([2_055, 0]);
  });

  test('an aborted sleep ends at once, without an error', async () => {
    const clock = fakeClock();
    const giveUp = new AbortController();
    const sleeping = clock.sleep(1_000_000, giveUp.signal);
    giveUp.abort();
    await sleeping;
    expect(clock.waiting).toBe(0);
  });

  test('a task may sleep on the clock that fires it', async () => {
    const clock = fakeClock();
    let done = 0;
    clock.every(100, async () => {
      await clock.sleep(10);
      done += 1;
    });
    await clock.advance(215);
    expect(done).toBe(2);
  });
});
