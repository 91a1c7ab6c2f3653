import { channelBox } from '@heliograph/box/box-id';
import { openMemoryStorage } from '@heliograph/storage/memory';
import { putOperation, type Storage } from '@heliograph/storage/storage';
import { createHash } from 'node:crypto';
import { POSTS_READ_ROWS } from '../limits';
import { wordTokens } from '../messages/post-tokens';
import { postSlotOf, POSTS_WEEK_SECONDS, postWord, weekOf } from '../tables/post-word';
import { listPosts } from './listPosts';

const NOW = 1_800_000_000;
const clock = { now: () => NOW * 1_000, sleep: () => new Promise<void>(() => {}), every: () => ({ stop() {} }) };
const keyring = { secret: async (purpose: string) => createHash('sha256').update(purpose).digest() };

describe('listPosts', () => {
  let storage: Storage;
  beforeEach(async () => {
    storage = openMemoryStorage({ clock });
    await storage.ensureTables([postWord]);
  });

  async function index(words: readonly string[], date: number, channel: number, id: number): Promise<void> {
    const box = channelBox(channel);
    const tokens = await wordTokens(keyring, words);
    await storage.batch(tokens.map((token) => putOperation(postWord, { token, week: weekOf(date), slot: postSlotOf(box), date, box, id, pts: id }, { version: BigInt(id) })));
  }
  const list = (words: string[], before?: { date: number; channel: bigint; id: number }, limit = 200) =>
    listPosts({ storage, keyring, clock }, { words, before: before && { $typeName: 'heliograph.messagestore.v1.PostPlace', ...before }, limit });
  const ids = ({ posts = [] }: Awaited<ReturnType<typeof list>>): unknown[] => posts.map(({ id }) => id);

  it('goes through the slots of a week in one order, however many rows a slot has', async () => {
    // Channels of two slots: of one ten posts a second, of the other one a second.
    const [busy, calm] = [32, 64];
    expect(postSlotOf(channelBox(busy))).not.toBe(postSlotOf(channelBox(calm)));
    const expected: number[] = [];
    for (let second = 0; second < 30; second += 1) {
      await index(['#tag'], NOW - second, calm, 1_000 + second);
      for (let each = 9; each >= 0; each -= 1) await index(['#tag'], NOW - second, busy, second * 10 + each + 1);
      // Of one second the higher box first: the lower channel.
      expected.push(...Array.from({ length: 10 }, (_, each) => second * 10 + 10 - each), 1_000 + second);
    }
    expect(expected.length).toBeGreaterThan(2 * POSTS_READ_ROWS);
    const found: unknown[] = [];
    for (let before: { date: number; channel: bigint; id: number } | undefined, pages = 0; pages < 20; pages += 1) {
      const page = await list(['#tag'], before, 50);
      found.push(...ids(page));
      if (page.looked === undefined) break;
      before = page.looked as typeof before;
    }
    expect(found).toEqual(expected);
  });

  it('finds what has all of the words, in weeks that lie apart, and not what is too old', async () => {
    await index(['green', 'boat'], NOW - 10, 32, 3);
    await index(['green', 'house'], NOW - 20, 32, 2);
    await index(['green', 'boat'], NOW - 10 * POSTS_WEEK_SECONDS, 64, 1);
    await index(['green', 'boat'], NOW - 40 * POSTS_WEEK_SECONDS, 64, 4);
    expect(ids(await list(['green', 'boat']))).toEqual([3, 1]);
    expect(ids(await list(['green', 'boat', 'house']))).toEqual([]);
    expect(ids(await list(['boat'], { date: NOW - 10, channel: 0n, id: 0 }))).toEqual([3, 1]);
    expect(ids(await list(['boat'], { date: NOW - 10, channel: BigInt(channelBox(32)), id: 3 }))).toEqual([1]);
    expect((await list(['boat'])).looked).toBeUndefined();
    for (const [words, limit] of [[[], 1], [Array.from({ length: 9 }, String), 1], [['a'], 0], [['a'], 201]] as const) await expect(list([...words], undefined, limit)).rejects.toThrow('INVALID_ARGUMENT');
  });
});
