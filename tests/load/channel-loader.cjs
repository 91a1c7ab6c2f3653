// Fills channels of a data folder: node channel-loader.cjs <folder> <box>:<creator>:<members> …
// members: how many of those who live elsewhere, or =<id>,<id>,… of people of this system.
const { fill, openEngine, strangers } = require('./channel-engine.cjs');

async function main() {
  const [folder, ...jobs] = process.argv.slice(2);
  const { engine, close } = await openEngine(folder);
  for (const job of jobs) {
    const [box, creator, members] = job.split(':');
    const users = members.startsWith('=') ? members.slice(1).split(',').map(Number) : strangers(Number(members));
    await fill(engine, Number(box), Number(creator), users);
    if (users.length >= 1_000) console.error(`loaded ${users.length} members`);
  }
  await close();
}
main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
