import { VIEWERS_EXACT_MAX } from '../limits';
import { Viewers } from './viewers';

const seenBy = (count: number, step = 32): Viewers => {
  const viewers = new Viewers();
  for (let index = 0; index < count; index += 1) viewers.add(34_000_002 + index * step);
  return viewers;
};

describe('viewers', () => {
  it('count once each', () => {
    const viewers = new Viewers();
    expect([viewers.add(5), viewers.add(5), viewers.add(2 ** 40)]).toEqual([true, false, true]);
    expect(viewers.count).toBe(2);
  });

  it('are exact up to a limit', () => {
    expect(seenBy(VIEWERS_EXACT_MAX).count).toBe(VIEWERS_EXACT_MAX);
  });

  it.each([2_000, 20_000, 300_000])('are estimated beyond: %d', (count) => {
    const viewers = seenBy(count);
    expect(Math.abs(viewers.count - count) / count).toBeLessThan(0.05);
    expect(viewers.add(34_000_002)).toBe(false);
    expect(viewers.bytes().length).toBeLessThan(4_200);
  });

  it('never become fewer', () => {
    const viewers = new Viewers();
    let last = 0;
    for (let user = 1; user <= 3_000; user += 1) {
      viewers.add(user * 32);
      expect(viewers.count).toBeGreaterThanOrEqual(last);
      last = viewers.count;
    }
  });

  it.each([0, 3, 1_500])('are the same when they are read again: %d', (count) => {
    const viewers = seenBy(count);
    const again = Viewers.from(viewers.bytes(), viewers.count);
    expect(again.count).toBe(viewers.count);
    expect(again.bytes()).toEqual(viewers.bytes());
    if (count > 0) expect(again.add(34_000_002)).toBe(false);
  });
});
