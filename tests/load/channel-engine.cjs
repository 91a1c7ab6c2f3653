// The box engine over a data folder that no system uses now, and channels filled through it.
const { randomBytes } = require('node:crypto');
const { createBoxEngine } = require('../../services/message-store/dist/engine/engine.js');
const { systemClock } = require('../../libs/service-kit/dist/system-clock.js');
const { openEmbeddedPorts } = require('../../libs/service-kit/dist/embedded-ports.js');

const DC = 2;
/** Where those live who fill channels: what they are told is carried there by nobody, and costs nothing here. */
const ELSEWHERE = 1;
/** As many as one command brings in. */
const INVITED_AT_ONCE = 200;
const COMMANDS_IN_FLIGHT = 8;
/** Above the ids of those whom a system of this size makes. */
const FIRST_STRANGER = 100_000_000;
const log = { debug() {}, info() {}, warn: console.error, error: console.error };
const clock = systemClock(() => log);
const now = () => Math.floor(Date.now() / 1000);

/** @param watch wraps the storage */
async function openEngine(folder, watch = (storage) => storage) {
  const ports = await openEmbeddedPorts({ folder: `${folder}/dc${DC}`, directory: `${folder}/directory` });
  const engine = await createBoxEngine({
    storage: watch(ports.storage), eventLog: ports.eventLog, clock, log, random: (bytes) => new Uint8Array(randomBytes(bytes)), dc: DC, relayDcs: [ELSEWHERE], carriedDcs: [], relay: async () => {},
  });
  return {
    engine,
    async close() {
      await engine.close();
      await ports.eventLog.close();
      await ports.ephemeral.close();
      await ports.blob.close();
      await ports.storage.close();
    },
  };
}

/** One act of somebody in a channel. Throws what the channel refuses. */
async function act(engine, box, actor, which) {
  const outcome = await engine.submit({ box: BigInt(box), date: now(), callerAuthKeyId: 1n, callerSessionId: 1n, body: { case: 'channelAct', value: { actor: BigInt(actor), act: which } } });
  if (outcome.error) throw new Error(outcome.error);
  return outcome;
}

/** People who live elsewhere. */
const strangers = (count) => Array.from({ length: count }, (_, index) => (FIRST_STRANGER + index) * 32 + ELSEWHERE);

/** Brings people into a channel. */
async function fill(engine, box, creator, users) {
  let next = 0;
  await Promise.all(Array.from({ length: COMMANDS_IN_FLIGHT }, async () => {
    while (next < users.length) {
      const page = users.slice(next, next += INVITED_AT_ONCE);
      await act(engine, box, creator, { case: 'invite', value: { users: page.map(BigInt) } });
    }
  }));
}

module.exports = { openEngine, act, fill, strangers };
