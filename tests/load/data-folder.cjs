// The box engine over a data folder that no system uses now, with the services that a loader asks.
const { createTestKit } = require('../../libs/testing/dist/test-kit.js');
const { openEmbeddedPorts } = require('../../libs/service-kit/dist/embedded-ports.js');
const { createBoxEngine } = require('../../services/message-store/dist/engine/engine.js');

const DC = 2;

/**
 * @param {string} folder of a system
 * @param {{ services?: object[], relayDcs?: number[], watch?: (storage: object) => object }} [options] relayDcs: other data centers, to which nothing is carried; watch: wraps the engine's storage
 */
async function openEngine(folder, { services = [], relayDcs = [], watch = (storage) => storage } = {}) {
  const ports = await openEmbeddedPorts({ folder: `${folder}/dc${DC}`, directory: `${folder}/directory` });
  const kit = await createTestKit({ folder: `${folder}/dc${DC}`, ports });
  await kit.start(...services);
  const own = kit.kit('message-store');
  const engine = await createBoxEngine({
    storage: watch(own.storage), eventLog: own.eventLog, clock: own.clock, log: own.log, telemetry: own.telemetry, random: (bytes) => own.random(bytes), dc: own.dc.id,
    relayDcs, carriedDcs: [], relay: async () => {},
  });
  return {
    engine, own,
    async close() {
      await engine.close();
      await kit.close();
      await ports.eventLog.close();
      await ports.ephemeral.close();
      await ports.blob.close();
      await ports.storage.close();
    },
  };
}

/** Runs a program to its end, whatever it has left open; what it throws is shown, and its exit code is 1. */
function runProgram(main) {
  main(process.argv.slice(2)).then(() => process.exit(0), (error) => {
    console.error(error);
    process.exit(1);
  });
}

module.exports = { openEngine, runProgram };
