import { fakeClock } from '@heliograph/testing/fake-clock';
import { openMemoryStorage } from '@heliograph/storage/memory';
import type { Storage } from '@heliograph/storage/storage';
import { OWNER_BUCKETS, WATCHERS_FRESH_MS } from './limits';
import { contactOwners, ownerBucket } from './tables/contacts';
import { Watchers } from './watchers';

describe('who is told of a user', () => {
  const clock = fakeClock();
  let storage: Storage;
  let reads: number;
  let watchers: Watchers;
  beforeEach(async () => {
    storage = openMemoryStorage({ clock });
    await storage.ensureTables([contactOwners]);
    reads = 0;
    const range = (...query: Parameters<Storage['range']>): ReturnType<Storage['range']> => {
      reads += 1;
      return storage.range(...query);
    };
    watchers = new Watchers({ storage: { range } as Storage, clock });
    await add(7, 100);
  });
  afterEach(() => storage.close());

  const add = (user: number, owner: number): Promise<void> => storage.put(contactOwners, { contact_id: user, bucket: ownerBucket(owner), owner, added_at: 1 });

  it('is read once in a while', async () => {
    expect([await watchers.of(7), await watchers.of(7)]).toEqual([[100], [100]]);
    expect(reads).toBe(OWNER_BUCKETS);
    await add(7, 132);
    await clock.advance(WATCHERS_FRESH_MS);
    expect(await watchers.of(7)).toEqual([100, 132]);
  });

  it('is read anew after a change, and after one that came while it was read', async () => {
    await watchers.of(7);
    await add(7, 132);
    watchers.changed([7]);
    const reading = watchers.of(7);
    watchers.changed([8]);
    expect(await reading).toEqual([100, 132]);
    expect(reads).toBe(2 * OWNER_BUCKETS);
    await watchers.of(7);
    expect(reads).toBe(3 * OWNER_BUCKETS);
  });
});
