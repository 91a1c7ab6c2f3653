import { LruCache } from './lru-cache';

describe('LruCache', () => {
  it('keeps no more than its bound, and what was used lately', () => {
    const cache = new LruCache<number>(10);
    for (let index = 0; index < 100; index++) {
      cache.set(`key ${index}`, index, Infinity);
      expect(cache.get('key 0', 0)).toBe(0);
      expect(cache.size).toBeLessThanOrEqual(10);
    }
    for (let index = 96; index < 100; index++) expect(cache.get(`key ${index}`, 0)).toBe(index);
    expect(cache.get('key 50', 0)).toBeUndefined();
  });

  it('forgets what has ended, was deleted or was replaced, whichever generation it is in', () => {
    const cache = new LruCache<number>(4);
    cache.set('ends', 1, 100);
    cache.set('goes', 1, Infinity);
    cache.set('again', 1, Infinity);
    cache.set('again', 2, Infinity);
    expect([cache.get('ends', 99), cache.get('again', 99)]).toEqual([1, 2]);
    cache.delete('goes');
    expect([cache.get('ends', 100), cache.get('goes', 0), cache.get('ends', 0)]).toEqual([undefined, undefined, undefined]);
  });
});
