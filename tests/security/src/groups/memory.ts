import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { begun, encode, makeKey, Person } from '../client/person';
import { containerBody, describe, messageId, MESSAGE, packedBody, pingBody, Session } from '../client/session';
import { int32, int64, longVector } from '../client/tl-bytes';
import { Wire } from '../client/wire';
import type { Row } from '../report';
import type { Stage } from '../stage';

/** What the process may grow by under one attack: its budgets, and what a garbage collector leaves lying about. */
const GROWTH_BYTES_MAX = 220 * 1_048_576;
const MIB = 1_048_576;
const SESSIONS = 24;
const UNACKED_SESSIONS = 12;
const UNACKED_ANSWERS = 30;
/** Of answers to somebody who is not logged in; a login has few of them behind it. */
const UNACKED_BYTES_MAX = MIB;
const LONG_VECTOR = 500_000;
const PARTIAL_CONNECTIONS = 600;
const PARTIAL_BYTES = 900_000;
/** The gateway's PARTIAL_BYTES_TOTAL_MAX. */
const PARTIAL_TOTAL_BYTES = 256 * MIB;

/** `inputMessageID` */
const INPUT_MESSAGE_ID = 0xa676a322;

/** An attack that makes the server hold memory: what it grew by at most, and whether others are served meanwhile. */
function holding(stage: Stage, name: string, growthMax: number, attack: (session: Session) => Promise<string | void>): Row {
  return {
    name: `${name}: memory stays bounded, others are served`,
    run: async () => {
      const { gateway, system } = stage;
      const session = await Session.open(gateway, await makeKey(gateway));
      const bystander = await Session.open(gateway, await makeKey(gateway));
      await Promise.all([session.ping(), bystander.ping()]);
      session.wire.onFrame = () => undefined;
      const before = system.memoryBytes();
      let peak = before;
      const watch = setInterval(() => {
        peak = Math.max(peak, system.memoryBytes());
      }, 25);
      try {
        const note = await attack(session);
        await bystander.ping();
        peak = Math.max(peak, system.memoryBytes());
        assert.ok(peak - before < growthMax, `the process grew by ${Math.round((peak - before) / MIB)} MiB`);
        return `${Math.round((peak - before) / MIB)} MiB${note === undefined ? '' : `, ${note}`}`;
      } finally {
        clearInterval(watch);
        session.close();
        bystander.close();
      }
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends in several sessions of one key, in slices that the server can follow. */
async function inManySessions(session: Session, each: (sessionId: bigint) => void): Promise<void> {
  for (let i = 0; i < SESSIONS; i++) {
    each(randomBytes(8).readBigUInt64LE(0));
    await pause(60);
  }
}

/** DESIGN section 12: nothing that one client does makes the server hold memory without a bound. Nobody is logged in here. */
export function memoryRows(stage: Stage): Row[] {
  return [
    holding(stage, 'queries that unpack to 4 MiB and wait for a message that never comes', GROWTH_BYTES_MAX, async (session) => {
      const swollen = packedBody(gzipSync(Buffer.concat([encode('help.getNearestDc', {}), Buffer.alloc(4 * MIB - 64)])));
      await inManySessions(session, (sessionId) => {
        for (let i = 0; i < 30; i++) session.send(Buffer.concat([int32(MESSAGE.invokeAfterMsg), int64(messageId() + (1n << 34n)), swollen]), { sessionId, seqNo: 2 * i + 1 });
      });
      return `${Math.round((SESSIONS * 30 * swollen.length) / 1_024)} KiB sent, which are ${SESSIONS * 30 * 4} MiB`;
    }),
    {
      name: 'answers that are never acknowledged: a key that nobody is logged in under keeps few of them, over all its sessions',
      run: async () => {
        const key = await makeKey(stage.gateway);
        const query = begun(encode('help.getCountriesList', { lang_code: 'en', hash: 0 }));
        const sessions = await Promise.all(Array.from({ length: UNACKED_SESSIONS }, () => Session.open(stage.gateway, key)));
        for (const session of sessions) {
          session.acknowledges = false;
          await session.ping();
          await Promise.all(Array.from({ length: UNACKED_ANSWERS }, () => session.call(query, 20_000)));
        }
        let keptBytes = 0;
        let sentBytes = 0;
        for (const session of sessions) {
          const answers = session.received.filter(({ constructor }) => constructor === MESSAGE.rpcResult);
          sentBytes += answers.reduce((sum, { body }) => sum + body.length, 0);
          session.clear();
          session.send(Buffer.concat([int32(MESSAGE.resendRequest), longVector(answers.map(({ id }) => id))]));
          await session.ping();
          keptBytes += session.received.filter(({ constructor }) => constructor === MESSAGE.rpcResult).reduce((sum, { body }) => sum + body.length, 0);
        }
        for (const session of sessions) session.close();
        assert.ok(sentBytes > 2 * UNACKED_BYTES_MAX, `only ${sentBytes} bytes were answered`);
        assert.ok(keptBytes <= UNACKED_BYTES_MAX, `${Math.round(keptBytes / 1_024)} KiB of ${Math.round(sentBytes / 1_024)} are kept`);
        return `${Math.round(keptBytes / 1_024)} KiB of ${Math.round(sentBytes / 1_024)} are kept`;
      },
    },
    holding(stage, 'message ids to remember, in many sessions', GROWTH_BYTES_MAX, async (session) => {
      await inManySessions(session, (sessionId) => {
        for (let container = 0; container < 8; container++) session.send(containerBody(Array.from({ length: 1_000 }, () => ({ id: messageId(), seqNo: 0, body: pingBody() }))), { sessionId, seqNo: 0 });
      });
    }),
    holding(stage, `a vector of ${LONG_VECTOR} constructors, packed, in many queries at once`, GROWTH_BYTES_MAX, async () => {
      const person = await Person.signUp(stage.gateway, stage.phone(), 'Vector');
      const ids = Buffer.alloc(8 * LONG_VECTOR);
      for (let i = 0; i < LONG_VECTOR; i++) ids.writeUInt32LE(INPUT_MESSAGE_ID, 8 * i);
      // messages.getMessages
      const swollen = packedBody(gzipSync(Buffer.concat([int32(0x63c66506), int32(0x1cb5c415), int32(LONG_VECTOR), ids])));
      const outcomes = new Map<string, number>();
      await Promise.all(Array.from({ length: 48 }, async () => {
        const outcome = describe(await person.raw(swollen, 30_000)).replace(/\d{3,} bytes/, '… bytes');
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }));
      person.close();
      return [...outcomes].map(([outcome, count]) => `${count} × ${outcome}`).join(', ');
    }),
    holding(stage, `${PARTIAL_CONNECTIONS} packets of a megabyte that never end`, PARTIAL_TOTAL_BYTES + GROWTH_BYTES_MAX, async () => {
      const part = Buffer.concat([int32(1_000_000), randomBytes(PARTIAL_BYTES)]);
      const wires: Wire[] = [];
      for (let i = 0; i < PARTIAL_CONNECTIONS; i += 20) {
        const some = await Promise.all(Array.from({ length: 20 }, () => Wire.open(stage.gateway, { localAddress: '127.0.0.71' })));
        for (const wire of some) wire.raw(part);
        wires.push(...some);
        await pause(30);
      }
      await pause(500);
      const turnedAway = wires.filter(({ closed }) => closed).length;
      for (const wire of wires) wire.close();
      assert.ok(turnedAway > 0, 'all of them were kept');
      return `${turnedAway} were cut off`;
    }),
  ];
}
