import { toBinary } from '@bufbuild/protobuf';
import { DialogRecordSchema, HeadSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import fc from 'fast-check';
import type { Change } from './change';
import { stateOperations } from './rows';
import { content, send, TestBox, type Body } from './test-box';

const ME = 1_048_577 * 32 + 2;
const PEERS = [1_048_580 * 32 + 2, 1_048_583 * 32 + 2];

type Step = { body: Body; other: Parameters<TestBox['apply']>[1] };

/** A command of any kind; ids are small, so that commands meet each other's messages. */
const step = (index: number): fc.Arbitrary<Step> => {
  const peer = fc.constantFrom(...PEERS);
  const id = fc.integer({ min: 2, max: index + 3 });
  const version = BigInt(index + 1) * 10n;
  const plain = (body: fc.Arbitrary<Body>): fc.Arbitrary<Step> => body.map((value) => ({ body: value, other: { date: 1_800_000_000 + index } }));
  const derived = (body: fc.Arbitrary<[number, Body]>): fc.Arbitrary<Step> => body.map(([from, value]) => ({
    body: value, other: { date: 1_800_000_000 + index, origin: { box: BigInt(from), version, index: 0 } },
  }));
  const uid = fc.record({ box: fc.constantFrom(...PEERS, ME).map(BigInt), id });
  return fc.oneof(
    { weight: 4, arbitrary: plain(peer.map((to) => send(to, `m${index}`, { randomId: BigInt(1_000 + (index % 7)) }))) },
    { weight: 4, arbitrary: derived(peer.map((from) => [from, { case: 'deliver', value: { peer: BigInt(from), from: BigInt(from), uid: { box: BigInt(from), id: index + 2 }, content: content(`d${index}`), replyTo: index % 3 === 0 ? { box: BigInt(from), id: Math.max(2, index - 1) } : undefined } }])) },
    plain(id.map((which) => ({ case: 'edit', value: { id: which, content: content(`e${index}`) } }))),
    derived(fc.tuple(peer, uid).map(([from, which]) => [from, { case: 'editCopy', value: { uid: which, content: content(`c${index}`) } }])),
    { weight: 3, arbitrary: plain(fc.record({ ids: fc.array(id, { minLength: 1, maxLength: 4 }), revoke: fc.boolean() }).map((value) => ({ case: 'delete', value }))) },
    derived(fc.tuple(peer, fc.array(uid, { maxLength: 3 })).map(([from, uids]) => [from, { case: 'deleteCopy', value: { uids } }])),
    { weight: 2, arbitrary: plain(fc.record({ peer: peer.map(BigInt), limit: fc.integer({ min: 1, max: 3 }), revoke: fc.boolean() }).map((value) => ({ case: 'deleteHistory', value }))) },
    { weight: 2, arbitrary: plain(fc.record({ peer: peer.map(BigInt), maxId: id }).map((value) => ({ case: 'readInbox', value }))) },
    derived(fc.tuple(peer, id).map(([from, maxId]) => [from, { case: 'readOutbox', value: { peer: BigInt(from), maxId } }])),
    plain(fc.record({ peer: peer.map(BigInt), id, unpin: fc.boolean() }).map((value) => ({ case: 'pin', value }))),
    plain(fc.record({ peer: peer.map(BigInt), at: fc.constantFrom(1, 2).map((later) => 1_800_000_000 + index + later), randomId: fc.bigInt({ min: 2_000n, max: 2_004n }) }).map((message) => ({ case: 'schedule', value: { message: { ...message, content: content(`s${index}`) } } }))),
    plain(fc.record({ peer: peer.map(BigInt), ids: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }) }).map((value) => ({ case: 'deleteScheduled', value }))),
    plain(fc.record({ period: fc.constantFrom(0, 3) }).map(({ period }) => send(PEERS[0] as number, `t${index}`, { randomId: BigInt(5_000 + index), setTtl: { period } }))),
    { weight: 2, arbitrary: plain(fc.tuple(peer, fc.boolean()).map(([to, final]) => ({ case: 'send', value: { peer: BigInt(to), randomId: BigInt(7_000 + index), content: { ...content(`p${index}`), poll: { answers: 2, final } } } }))) },
    { weight: 3, arbitrary: plain(fc.record({ id, options: fc.nat(3) }).map((value) => ({ case: 'vote', value }))) },
    { weight: 1, arbitrary: plain(id.map((each) => ({ case: 'closePoll', value: { id: each } }))) },
    { weight: 2, arbitrary: plain(fc.array(id, { minLength: 1, maxLength: 4 }).map((ids) => ({ case: 'expire', value: { due: ids.map((each) => ({ hour: 500_000, at: 1_800_000_000, kind: 2, id: each })) } }))) },
    plain(fc.record({ peer: peer.map(BigInt), unread: fc.boolean() }).map((value) => ({ case: 'markDialogUnread', value }))),
  );
};
const history = fc.integer({ min: 5, max: 40 }).chain((length) => fc.tuple(...Array.from({ length }, (_, index) => step(index)))) as unknown as fc.Arbitrary<Step[]>;

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part instanceof Uint8Array ? Buffer.from(part).toString('hex') : part)));

/** All that a command decided. */
const decided = (change: Change): unknown => plain({
  error: change.error, duplicate: change.duplicate, pts: change.pts, ptsCount: change.ptsCount, more: change.more,
  derived: change.derived, dialogs: [...change.dialogs.values()], updates: change.updates.map((update) => [update.pts, update.ptsCount, update.change.case]),
});

async function everything(box: TestBox): Promise<unknown> {
  const reader = box.reader();
  const histories = await Promise.all(PEERS.map((peer) => reader.history({ peer, maxId: 0, minId: 0, limit: 100 })));
  return plain({
    head: Buffer.from(toBinary(HeadSchema, box.head)),
    dialogs: PEERS.map((peer) => box.dialogs.get(peer)).filter((dialog) => dialog !== undefined).map((dialog) => Buffer.from(toBinary(DialogRecordSchema, dialog))),
    histories, changes: await reader.changes(1, 1_000),
  });
}

describe('a replay', () => {
  // Rows of any commands after the stored head may be there, whole or in part: those of a crash in the middle of a group, of an
  // engine that was further on, of both.
  test('decides every command as it was decided the first time, and ends in the same state', async () => {
    await fc.assert(fc.asyncProperty(history, fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 2 ** 30 }), async (steps, share, salt) => {
      const stored = Math.floor(steps.length * share);
      const model = await TestBox.open(ME);
      const box = await TestBox.open(ME);
      const first: Change[] = [];
      for (const [index, { body, other }] of steps.entries()) {
        first.push(await model.apply(body, other));
        const change = await box.apply(body, other);
        if (index + 1 === stored) await box.storage.atomicBatch(stateOperations(ME, box.head, PEERS.map((peer) => box.dialogs.get(peer)).filter((dialog) => dialog !== undefined)));
        expect(decided(change)).toEqual(decided(first[index] as Change));
      }
      // A second life over what the first wrote: all rows are there, the head is old.
      await box.load();
      // A third, over a part of them.
      const partial = await TestBox.open(ME);
      let draw = salt;
      for (const [index, change] of first.entries()) {
        const rows = change.rows.map(() => {
          draw = (Math.imul(draw, 1_103_515_245) + 12_345) >>> 0;
          return index < stored || (draw >>> 16) % 2 === 0;
        });
        await partial.take(change, (row) => rows[row] === true);
        if (index + 1 === stored) await partial.storage.atomicBatch(stateOperations(ME, partial.head, PEERS.map((peer) => partial.dialogs.get(peer)).filter((dialog) => dialog !== undefined)));
      }
      await partial.load();
      for (const life of [box, partial]) {
        for (const [index, { body, other }] of steps.entries()) {
          const { version } = first[index] as Change;
          if (life.head.applied >= version) continue;
          const change = await life.effect(life.command(body, other), version);
          expect(decided(change)).toEqual(decided(first[index] as Change));
          await life.take(change);
        }
        expect(await everything(life)).toEqual(await everything(model));
      }
    }), { numRuns: 60 });
  });
});
