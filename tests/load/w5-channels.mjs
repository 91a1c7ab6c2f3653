// W5's part of channels: a post writes the same rows whether ten people read it or a million.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFolder } from './loaded.mjs';

/** Written behind, once for all that changed in some seconds. */
const BEHIND = new Set(['box_state', 'box_progress']);

export async function channelPosts({ subscribers = [10, 1_000_000], posts = 200 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'heliograph-posts-'));
  try {
    const results = JSON.parse(await loadFolder('channel-rows.cjs', folder, [posts, ...subscribers]));
    const rows = results.map(({ tables }) => Object.entries(tables).filter(([table]) => !BEHIND.has(table)));
    const perPost = rows.map((each) => each.reduce((sum, [, count]) => sum + count, 0) / posts);
    const same = JSON.stringify(rows[0].sort()) === JSON.stringify(rows.at(-1).sort()) && results.every(({ elsewhere }) => elsewhere === 0);
    return [
      ...results.map(({ size }, index) => ({ workload: `W5 channel of ${size}`, figure: 'rows per post', value: perPost[index], more: rows[index].map(([table, count]) => `${table} ${count / posts}`).join(', ') })),
      { workload: 'W5', figure: `rows of a post, ${subscribers.at(-1)} : ${subscribers[0]} subscribers`, value: perPost.at(-1) / perPost[0], bar: '1', ok: same },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
