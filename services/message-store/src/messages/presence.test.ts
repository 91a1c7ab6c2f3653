import type { Logger } from '@heliograph/service-kit/kit';
import { PRESENCE_TOUCH_GATHER_MS, PRESENCE_TOUCH_SECONDS, PRESENCE_TOUCHES_PER_CALL_MAX } from '../limits';
import { PresenceTouches } from './presence';

/** Time that stands still until `pass`. */
function touches({ fails = 0 } = {}) {
  let now = 0;
  const sleepers: (() => void)[] = [];
  const calls: number[][] = [];
  const presence = new PresenceTouches(
    {
      touchPresence: async ({ userIds }) => {
        calls.push((userIds ?? []).map(Number));
        if (calls.length <= fails) throw new Error('away');
        return {} as never;
      },
    },
    { now: () => now, sleep: (ms) => { expect(ms).toBe(PRESENCE_TOUCH_GATHER_MS); return new Promise((resolve) => { sleepers.push(resolve); }); } },
    { debug: () => {} } as unknown as Logger,
  );
  const pass = async (ms: number) => {
    now += ms;
    for (const wake of sleepers.splice(0)) wake();
    await new Promise(setImmediate);
  };
  return { presence, calls, pass };
}

describe('PresenceTouches', () => {
  it('tells of all who were active meanwhile in one call, each once', async () => {
    const { presence, calls, pass } = touches();
    for (const user of [1, 2, 1]) presence.touch(user);
    expect(calls).toEqual([]);
    await pass(PRESENCE_TOUCH_GATHER_MS);
    presence.touch(2);
    presence.touch(3);
    await pass(PRESENCE_TOUCH_GATHER_MS);
    expect(calls).toEqual([[1, 2], [3]]);
    await pass(PRESENCE_TOUCH_SECONDS * 1000);
    presence.touch(1);
    await pass(PRESENCE_TOUCH_GATHER_MS);
    expect(calls[2]).toEqual([1]);
  });

  it('names no more in one call than it may', async () => {
    const { presence, calls, pass } = touches();
    for (let user = 0; user <= PRESENCE_TOUCHES_PER_CALL_MAX; user += 1) presence.touch(user);
    await pass(PRESENCE_TOUCH_GATHER_MS);
    await pass(PRESENCE_TOUCH_GATHER_MS);
    expect(calls.map(({ length }) => length)).toEqual([PRESENCE_TOUCHES_PER_CALL_MAX, 1]);
  });

  it('tells anew of those whose call failed', async () => {
    const { presence, calls, pass } = touches({ fails: 1 });
    presence.touch(1);
    await pass(PRESENCE_TOUCH_GATHER_MS);
    presence.touch(1);
    await pass(PRESENCE_TOUCH_GATHER_MS);
    expect(calls).toEqual([[1], [1]]);
  });
});
