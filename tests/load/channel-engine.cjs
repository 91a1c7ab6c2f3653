// Channels filled through the engine over a data folder.
const { openEngine } = require('./data-folder.cjs');

/** Where those live who fill channels: what they are told is carried there by nobody, and costs nothing here. */
const ELSEWHERE = 1;
/** As many as one command brings in. */
const INVITED_AT_ONCE = 200;
const COMMANDS_IN_FLIGHT = 8;
/** Above the ids of those whom a system of this size makes. */
const FIRST_STRANGER = 100_000_000;
const now = () => Math.floor(Date.now() / 1000);

const openChannels = (folder, watch) => openEngine(folder, { relayDcs: [ELSEWHERE], watch });

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

module.exports = { openChannels, act, fill, strangers };
