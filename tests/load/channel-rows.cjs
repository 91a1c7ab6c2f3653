// Rows that posts to channels of several sizes write: node channel-rows.cjs <folder> <posts> <subscribers> …
// Prints, as JSON, per size the rows of a post by table. What is written behind, once for many posts (box_state, progress), is told apart.
const { randomBytes } = require('node:crypto');
const { act, fill, openChannels, strangers } = require('./channel-engine.cjs');
const { runProgram } = require('./data-folder.cjs');

const CREATOR = 1_000 * 32 + 2;
const firstChannel = 1_000_000_000 - (1_000_000_000 % 32) + 2;
const boxOf = (index) => -1_000_000_000_000 - (firstChannel + index * 32);

async function main([folder, posts, ...sizes]) {
  const rows = new Map();
  const note = (table, row) => {
    const key = `${row.box}/${table.name}`;
    rows.set(key, (rows.get(key) ?? 0) + 1);
  };
  const watch = (storage) => new Proxy(storage, {
    get: (target, name) => {
      const method = target[name];
      if (typeof method !== 'function') return method;
      return (...args) => {
        if (name === 'put' || name === 'insertIfAbsent' || name === 'replaceIf') note(args[0], args[1]);
        if (name === 'batch' || name === 'atomicBatch') for (const operation of args[0]) note(operation.table, operation.row ?? operation.key);
        return method.apply(target, args);
      };
    },
  });
  const { engine, close } = await openChannels(folder, watch);
  const sealed = new Uint8Array(randomBytes(300));
  const results = [];
  for (const [index, size] of sizes.map(Number).entries()) {
    const box = boxOf(index);
    await act(engine, box, CREATOR, { case: 'create', value: { titleSealed: sealed, aboutSealed: new Uint8Array(0), broadcast: true } });
    await fill(engine, box, CREATOR, strangers(size - 1));
    rows.clear();
    for (let post = 0; post < Number(posts); post += 1) {
      await act(engine, box, CREATOR, { case: 'post', value: { randomId: randomBytes(8).readBigInt64LE(), content: { sealed, tokens: new Uint8Array(randomBytes(64)) } } });
    }
    const own = [...rows].filter(([key]) => key.startsWith(`${box}/`)).map(([key, count]) => [key.slice(key.indexOf('/') + 1), count]);
    results.push({ size, tables: Object.fromEntries(own), elsewhere: [...rows].filter(([key]) => !key.startsWith(`${box}/`) && !key.startsWith('undefined/')).length });
  }
  await close();
  console.log(JSON.stringify(results));
}
runProgram(main);
