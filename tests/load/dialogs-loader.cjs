// Gives people of a data folder many dialogs: node dialogs-loader.cjs <folder> <receiver>:<dialogs> …
// Each is with somebody of his own, who has written one message.
const { UsersService } = require('../../protos/dist/gen/heliograph/users/v1/users_pb.js');
const { keyringService } = require('../../services/keyring/dist/keyring.module.js');
const { usersService } = require('../../services/users/dist/users.module.js');
const { sealContent } = require('../../libs/box/dist/content.js');
const { dialogSeal } = require('../../libs/box/dist/dialog-key.js');
const { openEngine, runProgram } = require('./data-folder.cjs');

const IN_FLIGHT = 32;

async function main([folder, ...jobs]) {
  const { engine, own, close } = await openEngine(folder, { services: [keyringService, usersService] });
  const users = own.client(UsersService);
  const date = Math.floor(Date.now() / 1000);
  let phone = 447_900_000_000;
  for (const job of jobs) {
    const [receiver, count] = job.split(':').map(Number);
    let next = 0;
    await Promise.all(Array.from({ length: IN_FLIGHT }, async () => {
      while (next < count) {
        const index = (next += 1);
        const sender = Number((await users.createUser({ phone: String((phone += 1)), firstName: `Writer ${index}` })).userId);
        const seal = await dialogSeal(own.keyring, own.dc.id, sender, receiver);
        const content = sealContent(seal, sender, receiver, { _: 'heliograph.messageContent', message: `the only message of dialog ${index}` });
        await engine.submit({ box: BigInt(sender), date, body: { case: 'send', value: { peer: BigInt(receiver), randomId: BigInt(index), content } } });
      }
    }));
    await engine.read(receiver);
    console.error(`loaded ${count} dialogs`);
  }
  await close();
}
runProgram(main);
