import { create } from '@bufbuild/protobuf';
import { channelBox } from '@heliograph/box/box-id';
import { ADMIN } from '@heliograph/box/group-rights';
import { openMemoryEventLog } from '@heliograph/event-log/memory';
import { ContentSchema, DialogRecordSchema, type ScheduledMessage } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Logger } from '@heliograph/service-kit/kit';
import { MemoryDisk, openMemoryStorage } from '@heliograph/storage/memory';
import type { Storage } from '@heliograph/storage/storage';
import { eventually } from '@heliograph/testing/eventually';
import { fakeClock } from '@heliograph/testing/fake-clock';
import { boxDue, DUE_EXPIRY, DUE_SCHEDULED } from '../tables/box-due';
import { boxProgress } from '../tables/box-progress';
import type { BoxEngine, BoxEngineDeps, Outcome } from './contract';
import type { Fate } from './due-sweeper';
import { createBoxEngine } from './engine';
import { SCHEDULED_IDS_MAX, SCHEDULED_MESSAGES_MAX } from './limits';
import { hourOf } from './rows';
import { content, delivery, send, TestBox, type Body } from './test-box';
import { partitionOfBox } from './topics';

const ME = 1_048_577 * 32 + 2;
const PEER = 1_048_580 * 32 + 2;
const NOW = 1_800_000_000;

let randomIds = 50_000n;
const later = (peer: number, text: string, at: number, other: Record<string, unknown> = {}): Body => ({
  case: 'schedule', value: { message: { peer: BigInt(peer), at, randomId: (randomIds += 1n), content: content(text), ...other } },
});
const due = (at: number, kind: number, peer: number, id: number) => ({ hour: hourOf(at), at, kind, peer: BigInt(peer), id });
const kinds = (updates: Outcome['updates']): (string | undefined)[] => updates.map(({ change }) => change.case);

describe('a message that is scheduled', () => {
  const scheduledIn = async (box: TestBox): Promise<ScheduledMessage> => (await box.reader().scheduled(PEER))[0] as ScheduledMessage;

  test('waits in the chat and takes no pts', async () => {
    const box = await TestBox.open(ME);
    const change = await box.apply(later(PEER, 'a', NOW + 60));
    expect(change).toMatchObject({ ptsCount: 0, updates: [{ ptsCount: 0, change: { case: 'scheduled', value: { id: 1, at: NOW + 60 } } }], derived: [] });
    expect(await box.reader().scheduled(PEER)).toMatchObject([{ id: 1, at: NOW + 60, version: box.version }]);
    expect(box.reader().dialogs({ offsetDate: 0, offsetId: 0, offsetPeer: 0, limit: 9, excludePinned: false })).toEqual([]);
    expect(await box.storage.range(boxDue, { slice: partitionOfBox(ME), hour: hourOf(NOW + 60) }, { limit: 9 })).toMatchObject([{ at: NOW + 60, box: ME, kind: DUE_SCHEDULED, peer: PEER, id: 1 }]);
  });

  test('is kept once for one random_id', async () => {
    const box = await TestBox.open(ME);
    const body = later(PEER, 'a', NOW + 60);
    await box.apply(body);
    expect(await box.apply(body)).toMatchObject({ duplicate: true, updates: [] });
    const sent = send(PEER, 'b', { randomId: 77n });
    await box.apply(sent);
    expect((await box.apply(later(PEER, 'b', NOW + 60, { randomId: 77n }))).message).toMatchObject({ randomId: 77n });
    expect(await box.reader().scheduled(PEER)).toHaveLength(1);
  });

  test('is sent when due, once, from where it was', async () => {
    const box = await TestBox.open(ME);
    await box.apply(later(PEER, 'a', NOW + 60, { silent: true }));
    const body: Body = { case: 'sendScheduled', value: { message: await scheduledIn(box), due: due(NOW + 60, DUE_SCHEDULED, PEER, 1) } };
    const sent = await box.apply(body, { date: NOW + 61 });
    expect(sent.message).toMatchObject({ out: true, silent: true, date: NOW + 61, fromScheduled: true });
    expect(kinds(sent.updates)).toEqual(['message', 'scheduledGone']);
    expect(sent.updates[1]?.change.value).toMatchObject({ ids: [1], sentIds: [sent.message?.id] });
    expect(sent.derived).toMatchObject([{ box: PEER, body: { case: 'deliver', value: { silent: true, fromScheduled: false } } }]);
    expect(await box.reader().scheduled(PEER)).toEqual([]);
    expect(await box.storage.range(boxDue, { slice: partitionOfBox(ME), hour: hourOf(NOW + 60) }, { limit: 9 })).toEqual([]);
    expect(await box.apply(body, { date: NOW + 62 })).toMatchObject({ error: undefined, ptsCount: 0, updates: [], derived: [] });
  });

  test('is changed, put off, and not sent as it was before', async () => {
    const box = await TestBox.open(ME);
    await box.apply(later(PEER, 'a', NOW + 60));
    const before = await scheduledIn(box);
    await box.apply({ case: 'schedule', value: { message: { ...before, at: NOW + 7_200, content: create(ContentSchema, content('b')) } } });
    expect(await box.reader().scheduled(PEER)).toMatchObject([{ id: 1, at: NOW + 7_200 }]);
    expect((await box.apply({ case: 'schedule', value: { message: before } })).error).toBe('SCHEDULED_CHANGED');
    expect((await box.apply({ case: 'sendScheduled', value: { message: before } })).error).toBe('SCHEDULED_CHANGED');
    expect(await box.apply({ case: 'sendScheduled', value: { message: before, due: due(NOW + 60, DUE_SCHEDULED, PEER, 1) } })).toMatchObject({ error: undefined, updates: [], rows: [{ kind: 'dueDone' }] });
    expect((await box.apply({ case: 'schedule', value: { message: { ...before, id: 9 } } })).error).toBe('MESSAGE_ID_INVALID');
  });

  test('with other words at the same time keeps its row until it is sent as it is', async () => {
    const box = await TestBox.open(ME);
    await box.apply(later(PEER, 'a', NOW + 60));
    const before = await scheduledIn(box);
    await box.apply({ case: 'schedule', value: { message: before } });
    expect(await box.apply({ case: 'sendScheduled', value: { message: before, due: due(NOW + 60, DUE_SCHEDULED, PEER, 1) } })).toMatchObject({ rows: [], updates: [] });
    const sent = await box.apply({ case: 'sendScheduled', value: { message: await scheduledIn(box), due: due(NOW + 60, DUE_SCHEDULED, PEER, 1) } });
    expect(sent.message?.fromScheduled).toBe(true);
  });

  test('is given up, and dropped where it can go nowhere', async () => {
    const box = await TestBox.open(ME);
    await box.apply(later(PEER, 'a', NOW + 60));
    await box.apply(later(PEER, 'b', NOW + 60));
    expect(await box.apply({ case: 'deleteScheduled', value: { peer: BigInt(PEER), ids: [1, 7] } })).toMatchObject({ updates: [{ change: { value: { ids: [1], sentIds: [] } } }] });
    const dropped = await box.apply({ case: 'sendScheduled', value: { message: await scheduledIn(box), drop: true, due: due(NOW + 60, DUE_SCHEDULED, PEER, 2) } });
    expect(kinds(dropped.updates)).toEqual(['scheduledGone']);
    expect(dropped.message).toBeUndefined();
    expect((await box.apply({ case: 'sendScheduled', value: { message: { peer: BigInt(PEER), id: 2 } } })).error).toBe('MESSAGE_ID_INVALID');
  });

  test('goes to a group as a post', async () => {
    const box = await TestBox.open(ME);
    const group = -(1_048_590 * 32 + 2);
    await box.apply(later(group, 'a', NOW + 60));
    const [message] = await box.reader().scheduled(group);
    const body: Body = { case: 'sendScheduled', value: { message, due: due(NOW + 60, DUE_SCHEDULED, group, 1) } };
    expect(await box.effect(box.command(body), box.version + 1n)).toMatchObject({ deferred: false, derived: [{ box: group, body: { value: { caller: undefined, act: { case: 'post', value: { fromScheduled: true } } } } }] });
    expect(await box.apply({ case: 'sendScheduled', value: { message } }, { callId: 8n })).toMatchObject({ deferred: true, derived: [{ body: { value: { caller: { callId: 8n } } } }] });
  });

  test('has its limit and its ids', async () => {
    const box = await TestBox.open(ME);
    box.dialogs.set(create(DialogRecordSchema, { peer: BigInt(PEER), lastScheduledId: SCHEDULED_IDS_MAX, scheduled: [{ id: 1 }, { id: 2 }] }));
    expect((await box.apply(later(PEER, 'a', NOW + 60))).updates[0]?.change.value).toMatchObject({ id: 3 });
    for (let i = 3; i < SCHEDULED_MESSAGES_MAX; i += 1) await box.apply(later(PEER, 'a', NOW + 60));
    expect((await box.apply(later(PEER, 'a', NOW + 60))).error).toBe('SCHEDULE_TOO_MUCH');
  });
});

describe('an auto-delete period', () => {
  const setTtl = (period: number) => send(PEER, `ttl ${period}`, { setTtl: { period } });

  test('holds for what is written from then on, on both sides', async () => {
    const box = await TestBox.open(ME);
    await box.apply(send(PEER, 'before'));
    const set = await box.apply(setTtl(86_400));
    expect(set.message?.ttlPeriod).toBe(86_400);
    expect(kinds(set.updates)).toEqual(['historyTtl', 'message']);
    expect(set.derived).toMatchObject([{ body: { value: { ttlPeriod: 86_400, setTtl: { period: 86_400, stamp: NOW } } } }]);
    expect((await box.apply(setTtl(86_400))).error).toBe('CHAT_NOT_MODIFIED');
    const after = await box.apply(send(PEER, 'after'));
    expect(after.derived).toMatchObject([{ body: { value: { ttlPeriod: 86_400 } } }]);
    expect(after.rows).toContainEqual({ kind: 'due', at: NOW + 86_400, due: DUE_EXPIRY, peer: 0, id: after.message?.id });
    expect((await box.apply(setTtl(0))).derived).toMatchObject([{ body: { value: { ttlPeriod: 0, setTtl: { period: 0, stamp: NOW + 1 } } } }]);
  });

  test('set by both at once is the same on both sides', async () => {
    const [mine, theirs] = [await TestBox.open(ME), await TestBox.open(PEER)];
    const a = await mine.apply(setTtl(60));
    const b = await theirs.apply(send(ME, 'ttl', { setTtl: { period: 7 } }));
    const bodies = [a, b].map((change) => (change.derived[0] as { body: Body }).body);
    await theirs.apply(bodies[0] as Body, { origin: { box: BigInt(ME), version: 1n, index: 0 } });
    await mine.apply(bodies[1] as Body, { origin: { box: BigInt(PEER), version: 1n, index: 0 } });
    expect([mine.dialogs.get(PEER)?.ttlPeriod, theirs.dialogs.get(ME)?.ttlPeriod]).toEqual([7, 7]);
  });

  test('ends a message when it is over, and not before', async () => {
    const box = await TestBox.open(ME);
    await box.apply(setTtl(60));
    const { message } = await box.apply(send(PEER, 'a'));
    const [body, other] = delivery(PEER, 9, 'theirs', { ttlPeriod: 30 });
    const theirs = (await box.apply(body, other)).message;
    const rows = [message, theirs].map((record) => due(NOW + (record?.ttlPeriod ?? 0), DUE_EXPIRY, 0, record?.id ?? 0));
    const early = await box.apply({ case: 'expire', value: { due: rows } }, { date: NOW + 59 });
    expect(early.updates).toMatchObject([{ change: { case: 'deleted', value: { ids: [theirs?.id] } } }]);
    expect(early.rows.filter(({ kind }) => kind === 'dueDone')).toHaveLength(1);
    expect(box.dialogs.get(PEER)).toMatchObject({ unreadCount: 0, topId: message?.id });
    expect(await box.apply({ case: 'expire', value: { due: rows } }, { date: NOW + 60 })).toMatchObject({ ptsCount: 1, derived: [] });
    expect(await box.apply({ case: 'expire', value: { due: rows } }, { date: NOW + 61 })).toMatchObject({ ptsCount: 0 });
  });

  test('of one\'s own is said first in chats that one begins', async () => {
    const box = await TestBox.open(ME);
    await box.apply({ case: 'setDefaultTtl', value: { period: 60 } });
    expect((await box.apply(send(PEER, 'a'))).error).toBe('DEFAULT_TTL_UNSAID');
    expect((await box.apply(send(ME, 'note'))).error).toBeUndefined();
    await box.apply(setTtl(60));
    expect((await box.apply(send(PEER, 'a'))).message?.ttlPeriod).toBe(60);
    const other = PEER + 96;
    await box.apply(...delivery(other, 4, 'begun by them'));
    expect((await box.apply(send(other, 'b'))).message?.ttlPeriod).toBe(0);
  });
});

describe('what comes due', () => {
  // Half a minute before the end of an hour.
  let clock = fakeClock((NOW + 3_570) * 1_000);
  const disk = new MemoryDisk();
  let storage: Storage;
  let engine: BoxEngine;
  const start = async (other: Partial<BoxEngineDeps> = {}): Promise<void> => {
    const log: Logger = { debug() {}, info() {}, warn() {}, error() {} };
    storage = openMemoryStorage({ disk, clock });
    engine = await createBoxEngine({ storage, eventLog: openMemoryEventLog({ disk, clock }), clock, log, random: (bytes) => new Uint8Array(bytes).fill(7), dc: 2, relayDcs: [], relay: () => Promise.reject(new Error('no relay')), ...other });
  };
  const submit = (box: number, body: Body): Promise<Outcome> => engine.submit({ box: BigInt(box), date: Math.floor(clock.now() / 1_000), body });
  const texts = async (box: number, peer: number): Promise<string[]> => (await (await engine.read(box)).history({ peer, maxId: 0, minId: 0, limit: 100 })).map(({ content: sealed }) => Buffer.from(sealed?.sealed ?? []).toString()).reverse();
  const rowsLeft = async (box: number, from: number, to: number): Promise<number> => {
    let rows = 0;
    for (let hour = hourOf(from); hour <= hourOf(to); hour += 1) rows += (await storage.range(boxDue, { slice: partitionOfBox(box), hour }, { limit: 1_000 })).length;
    return rows;
  };
  const now = (): number => Math.floor(clock.now() / 1_000);
  afterEach(() => engine.close());

  test('is done at its time, after a restart too, and leaves no row', async () => {
    await start();
    await submit(ME, later(PEER, 'soon', now() + 10));
    await submit(ME, later(PEER, 'tomorrow', now() + 86_400));
    await submit(ME, later(PEER, 'in the next hour', now() + 40));
    await clock.advance(8_000);
    expect(await texts(ME, PEER)).toEqual([]);
    await clock.advance(4_000);
    expect(await texts(ME, PEER)).toEqual(['soon']);
    await eventually(async () => (await texts(PEER, ME)).length === 1);
    disk.crash();
    await start();
    await clock.advance(100_000);
    expect(await texts(PEER, ME)).toEqual(['soon', 'in the next hour']);
    const mark = await storage.get(boxProgress, { topic: 'box-due', epoch: 0, partition: partitionOfBox(ME) });
    expect(mark?.next).toBe(BigInt(hourOf(now())));
    await engine.close();
    // Nobody was there for two days.
    clock = fakeClock(clock.now() + 2 * 86_400_000);
    await start();
    await clock.advance(3_000);
    expect(await texts(ME, PEER)).toEqual(['soon', 'in the next hour', 'tomorrow']);
    expect(await rowsLeft(ME, NOW, now())).toBe(0);
  });

  test('goes in both boxes, hundreds at a time', async () => {
    await start();
    await submit(ME, send(PEER, 'ttl', { setTtl: { period: 20 } }));
    await Promise.all(Array.from({ length: 240 }, (_, i) => submit(ME, send(PEER, `m${i}`))));
    await submit(ME, send(PEER, 'ttl off', { setTtl: { period: 0 } }));
    await submit(ME, send(PEER, 'stays'));
    await eventually(async () => (await texts(PEER, ME)).at(-1) === 'stays');
    await clock.advance(25_000);
    expect((await texts(ME, PEER)).slice(-2)).toEqual(['ttl off', 'stays']);
    expect((await texts(PEER, ME)).slice(-2)).toEqual(['ttl off', 'stays']);
    expect((await engine.read(PEER)).dialog(ME)?.unreadCount).toBe((await texts(PEER, ME)).length);
    expect(await rowsLeft(ME, NOW, now())).toBe(0);
    expect(await rowsLeft(PEER, NOW, now())).toBe(0);
  });

  test('is not lost where it came too late for its hour', async () => {
    await start();
    const [body, other] = delivery(PEER + 96, 1_000, 'from a data center that was cut off', { ttlPeriod: 60 });
    await engine.submit({ box: BigInt(ME), date: now() - 4 * 3_600, body, ...other });
    await clock.advance(3_000);
    await eventually(async () => (await engine.read(ME)).dialog(PEER + 96)?.messageCount === 0);
    expect(await rowsLeft(ME, NOW, now())).toBe(0);
  });

  test.each<[Fate, string[], string[]]>([['keep', ['s'], []], ['drop', [], []], ['deliver', ['s'], ['s']]])('as it is told what becomes of it: %s', async (fate, mine, theirs) => {
    await start({ fateOf: async () => fate });
    const [from, to] = [ME + 3_200 * (mine.length + 2 * theirs.length + 1), PEER + 3_200 * (mine.length + 2 * theirs.length + 1)];
    await submit(from, later(to, 's', now() + 5));
    await clock.advance(8_000);
    expect([await texts(from, to), await texts(to, from)]).toEqual([mine, theirs]);
    expect(await rowsLeft(from, now() - 10, now())).toBe(0);
  });

  test('a channel whose creator left is its heir\'s after 7 days, and says so', async () => {
    const box = channelBox(2 ** 20 * 32 * 32 + 2);
    await start();
    const act = (actor: number, what: object) => engine.submit({ box: BigInt(box), date: now(), body: { case: 'channelAct', value: { actor: BigInt(actor), act: what as never } } });
    await act(ME, { case: 'create', value: { titleSealed: Uint8Array.of(1) } });
    await act(ME, { case: 'setAdmin', value: { user: BigInt(PEER), rights: ADMIN.pin_messages } });
    await act(ME, { case: 'leave', value: { heir: BigInt(PEER) } });
    const creator = async () => Number((await engine.read(box)).dialog(box)?.channel?.creator);
    await engine.close();
    clock = fakeClock(clock.now() + 7 * 86_400_000 - 5_000);
    let asked = 0;
    await start({
      heirNotice: async (_, from, to) => {
        asked += 1;
        if (asked === 1) throw new Error('no key');
        return { ...content(`${from} to ${to}`), service: true } as never;
      },
    });
    await clock.advance(2_000);
    expect(await creator()).toBe(ME);
    await clock.advance(60_000);
    await eventually(async () => (await creator()) === PEER);
    expect((await engine.read(box)).dialog(box)?.messageCount).toBe(1);
    expect(await rowsLeft(box, NOW, now())).toBe(0);
  });

  test('is tried again when nobody can tell', async () => {
    let asked = 0;
    await start({
      fateOf: async () => {
        asked += 1;
        if (asked === 1) throw new Error('nobody there');
        return 'deliver';
      },
    });
    const [from, to] = [ME + 32_000, PEER + 32_000];
    await submit(from, later(to, 's', now() + 5));
    await clock.advance(8_000);
    expect(await texts(from, to)).toEqual([]);
    await clock.advance(8_000);
    expect(await texts(from, to)).toEqual(['s']);
  });
});
