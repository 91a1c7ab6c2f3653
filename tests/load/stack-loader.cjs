// Fills boxes of a running stack: node stack-loader.cjs <peers file> <receiver>:<sender>:<count> …
// The commands go in as a relay of another data center brings them, so that the box engine makes every row.
const { MessageStoreService } = require('../../protos/dist/gen/heliograph/messagestore/v1/message_store_pb.js');
const { sealContent } = require('../../libs/box/dist/content.js');
const { dialogSeal } = require('../../libs/box/dist/dialog-key.js');
const { GrpcNetwork } = require('../../libs/service-kit/dist/grpc-network.js');
const { keyringClient } = require('../../libs/service-kit/dist/keyring-client.js');
const { encodeCommand } = require('../../services/message-store/dist/engine/wire.js');
const { peersDirectory } = require('../../libs/service-kit/dist/peers.js');
const { runProgram } = require('./data-folder.cjs');

const DC = 2;
const BATCH_COMMANDS = 250;
const BATCHES_IN_FLIGHT = 4;

async function main([peers, ...jobs]) {
  const log = { debug() {}, info() {}, warn: console.error, error: console.error };
  const network = new GrpcNetwork({ log: () => log, directory: peersDirectory((name) => (name === 'PEERS' ? `static:${peers}` : undefined)) });
  const store = network.client({ dc: DC, service: 'loader', owner: undefined }, MessageStoreService);
  const keyring = keyringClient(network, DC, 'loader');
  const date = Math.floor(Date.now() / 1000);
  for (const job of jobs) {
    const [receiver, sender, count] = job.split(':').map(Number);
    const seal = await dialogSeal(keyring, DC, sender, receiver);
    let next = 0;
    const appendAll = async () => {
      while (next < count) {
        const commands = [];
        while (commands.length < BATCH_COMMANDS && next < count) {
          const index = (next += 1);
          const content = sealContent(seal, sender, receiver, { _: 'heliograph.messageContent', message: `message ${index} of a long conversation about nothing in particular` });
          commands.push(encodeCommand({ date, body: { case: 'send', value: { peer: BigInt(receiver), randomId: BigInt(index), content } } }, sender, 1, 0n));
        }
        await store.appendRelayed({ commands }, { deadlineMs: 30_000 });
      }
    };
    await Promise.all(Array.from({ length: BATCHES_IN_FLIGHT }, appendAll));
    console.error(`appended ${count}`);
  }
  await network.close();
}
runProgram(main);
