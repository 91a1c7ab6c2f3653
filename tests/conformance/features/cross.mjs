// Different libraries, and so different layers, talking to each other.
import assert from 'node:assert/strict';
import { incoming } from './expect.mjs';

/** One entry per ordered pair of libraries. */
export function crossClientFeatures(stages) {
  return stages.flatMap((from) => stages.filter((to) => to !== from).map((to) => [`${from.library} → ${to.library}`, async () => {
    const { id } = await from.a.op('importContact', { phone: to.bPhone, firstName: 'Other library' });
    assert.equal(id, to.bId);
    const text = `from ${from.library} to ${to.library} ${Date.now()}`;
    const mark = to.b.mark();
    const sent = await from.a.op('send', { peer: id, text });
    await to.b.update((update) => incoming(update)?.text === text, text, 8000, mark);
    await from.a.op('edit', { peer: id, id: sent.id, text: `${text} edited` });
    await to.b.update((update) => update._ === 'updateEditMessage' && update.message.message === `${text} edited`, 'the edit', 8000, mark);
  }]));
}
