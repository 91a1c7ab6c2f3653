// Fills a data folder with private messages through the services themselves, without sockets: node loader.cjs <folder> <phone A> <phone B> <count> [<count> …]
// Prints, per count, the ids of a new pair of people of which the first has received so many messages.
const { keyringService } = require('../../services/keyring/dist/keyring.module.js');
const { sealContent } = require('../../libs/box/dist/content.js');
const { dialogSeal } = require('../../libs/box/dist/dialog-key.js');
const { openEngine, runProgram } = require('./data-folder.cjs');

/** Below the engine's bound of commands that wait for one box. */
const IN_FLIGHT = 200;

async function main([folder, ...jobs]) {
  const { engine, own, close } = await openEngine(folder, { services: [keyringService] });
  const date = Math.floor(Date.now() / 1000);
  for (const job of jobs) {
    const [receiver, sender, count] = job.split(':').map(Number);
    const seal = await dialogSeal(own.keyring, own.dc.id, sender, receiver);
    let next = 0;
    const sendAll = async () => {
      while (next < count) {
        const index = (next += 1);
        const content = sealContent(seal, sender, receiver, { _: 'heliograph.messageContent', message: `message ${index} of a long conversation about nothing in particular` });
        await engine.submit({ box: BigInt(sender), effect: 1, date, body: { case: 'send', value: { peer: BigInt(receiver), randomId: BigInt(index), content } } });
      }
    };
    await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count) }, sendAll));
    await engine.read(receiver);
    console.log(`loaded ${count}`);
  }
  await close();
}
runProgram(main);
