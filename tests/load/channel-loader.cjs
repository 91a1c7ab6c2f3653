// Fills channels of a data folder: node channel-loader.cjs <folder> <box>:<creator>:<members> …
// members: how many of those who live elsewhere, or =<id>,<id>,… of people of this system.
const { fill, openChannels, strangers } = require('./channel-engine.cjs');
const { runProgram } = require('./data-folder.cjs');

async function main([folder, ...jobs]) {
  const { engine, close } = await openChannels(folder);
  for (const job of jobs) {
    const [box, creator, members] = job.split(':');
    const users = members.startsWith('=') ? members.slice(1).split(',').map(Number) : strangers(Number(members));
    await fill(engine, Number(box), Number(creator), users);
    if (users.length >= 1_000) console.error(`loaded ${users.length} members`);
  }
  await close();
}
runProgram(main);
