import { channelBox } from '@heliograph/box/box-id';
import { openMemoryStorage } from '@heliograph/storage/memory';
import type { Storage } from '@heliograph/storage/storage';
import { eventually } from '@heliograph/testing/eventually';
import { ChannelCounts } from './channel-counts';
import { partitionOfBox } from './engine/topics';
import { COUNTED_POSTS_MAX, COUNTS_BATCH_ROWS } from './limits';
import { channelCount } from './tables/channel-count';

const CHANNEL = channelBox(1_000_000_034);
const clock = { now: () => 0, sleep: () => new Promise<void>(() => {}), every: () => ({ stop() {} }) };
const log = { debug() {}, info() {}, warn() {}, error() {} };
const SEEN = (viewer: number) => ({ viewer, forwarded: false });
const NOTHING = { viewer: 0, forwarded: false };

describe('counts of posts', () => {
  let storage: Storage;
  let counts: ChannelCounts;
  beforeEach(async () => {
    storage = openMemoryStorage({ clock });
    await storage.ensureTables([channelCount]);
    counts = new ChannelCounts(storage, clock, log);
  });

  it('tell each viewer once, and every forward', async () => {
    expect(await counts.count(CHANNEL, [3, 900], SEEN(5))).toEqual([{ views: 1, forwards: 0 }, { views: 1, forwards: 0 }]);
    expect(await counts.count(CHANNEL, [900, 4], SEEN(5))).toEqual([{ views: 1, forwards: 0 }, { views: 1, forwards: 0 }]);
    expect(await counts.count(CHANNEL, [3], SEEN(6))).toEqual([{ views: 2, forwards: 0 }]);
    expect(await counts.count(CHANNEL, [3], { viewer: 0, forwarded: true })).toEqual([{ views: 2, forwards: 1 }]);
    expect(await counts.count(CHANNEL, [3, 7], NOTHING)).toEqual([{ views: 2, forwards: 1 }, { views: 0, forwards: 0 }]);
  });

  it('count what is asked for at the same time in one place', async () => {
    await Promise.all([1, 2, 3].map((viewer) => counts.count(CHANNEL, [3], SEEN(viewer))));
    expect(await counts.count(CHANNEL, [3], NOTHING)).toEqual([{ views: 3, forwards: 0 }]);
  });

  it('are written together, and read again by the next owner', async () => {
    await counts.count(CHANNEL, [3, 4], SEEN(5));
    await counts.release(partitionOfBox(CHANNEL), true);
    const next = new ChannelCounts(storage, clock, log);
    expect(await next.count(CHANNEL, [3], SEEN(5))).toEqual([{ views: 1, forwards: 0 }]);
    expect(await next.count(CHANNEL, [3], SEEN(6))).toEqual([{ views: 2, forwards: 0 }]);
    await next.close();
    expect(await counts.count(CHANNEL, [3], NOTHING)).toEqual([{ views: 2, forwards: 0 }]);
  });

  it('are written again where storage failed', async () => {
    await counts.count(CHANNEL, [3], SEEN(5));
    const batch = jest.spyOn(storage, 'batch').mockRejectedValueOnce(new Error('away'));
    await counts.flush();
    await counts.flush();
    await counts.flush();
    expect(batch).toHaveBeenCalledTimes(2);
    expect(await new ChannelCounts(storage, clock, log).count(CHANNEL, [3], NOTHING)).toEqual([{ views: 1, forwards: 0 }]);
  });

  it('are written before their time when there are too many', async () => {
    const batch = jest.spyOn(storage, 'batch');
    for (let id = 1; id <= COUNTED_POSTS_MAX; id += 100) await counts.count(CHANNEL, Array.from({ length: 100 }, (_, index) => id + index), SEEN(5));
    expect(batch).not.toHaveBeenCalled();
    await counts.count(CHANNEL, [COUNTED_POSTS_MAX + 1], SEEN(5));
    await eventually(() => batch.mock.calls.length >= COUNTED_POSTS_MAX / COUNTS_BATCH_ROWS);
    expect(await new ChannelCounts(storage, clock, log).count(CHANNEL, [1], NOTHING)).toEqual([{ views: 1, forwards: 0 }]);
  });

  it('leave memory when others are asked about', async () => {
    await counts.count(CHANNEL, [1], SEEN(5));
    for (let id = 2; id <= COUNTED_POSTS_MAX + 1; id += 100) await counts.count(CHANNEL, Array.from({ length: 100 }, (_, index) => id + index), NOTHING);
    await counts.flush();
    const read = jest.spyOn(storage, 'getMany');
    expect(await counts.count(CHANNEL, [1], NOTHING)).toEqual([{ views: 1, forwards: 0 }]);
    expect(read).toHaveBeenCalledTimes(1);
  });
});
