// Gives people of a data folder many dialogs: node dialogs-loader.cjs <folder> <receiver>:<dialogs> …
// Each is with somebody of his own, who has written one message.
const { createTestKit } = require('../../libs/testing/dist/test-kit.js');
const { openEmbeddedPorts } = require('../../libs/service-kit/dist/embedded-ports.js');
const { UsersService } = require('../../protos/dist/gen/heliograph/users/v1/users_pb.js');
const { keyringService } = require('../../services/keyring/dist/keyring.module.js');
const { usersService } = require('../../services/users/dist/users.module.js');
const { createBoxEngine } = require('../../services/message-store/dist/engine/engine.js');
const { sealContent } = require('../../libs/box/dist/content.js');
const { dialogSeal } = require('../../libs/box/dist/dialog-key.js');

const IN_FLIGHT = 32;

async function main() {
  const [folder, ...jobs] = process.argv.slice(2);
  const ports = await openEmbeddedPorts({ folder: `${folder}/dc2`, directory: `${folder}/directory` });
  const kit = await createTestKit({ folder: `${folder}/dc2`, ports });
  await kit.start(keyringService, usersService);
  const own = kit.kit('message-store');
  const engine = await createBoxEngine({
    storage: own.storage, eventLog: own.eventLog, clock: own.clock, log: own.log, telemetry: own.telemetry, random: (bytes) => own.random(bytes), dc: own.dc.id, relayDcs: [], relay: async () => {},
  });
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
  await engine.close();
  await kit.close();
  await ports.eventLog.close();
  await ports.ephemeral.close();
  await ports.blob.close();
  await ports.storage.close();
}
main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
