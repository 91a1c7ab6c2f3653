import { create } from '@bufbuild/protobuf';
import { type DialogRecord, DialogRecordSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { compareDialogs, Dialogs } from './dialogs';
import { ARCHIVE } from './ids';

/** What lists say of these records, made from nothing. */
function listsOf(records: ReadonlyMap<number, DialogRecord>): unknown {
  const all = [...records.values()];
  const listed = all.filter(({ topId }) => topId > 0).sort(compareDialogs);
  const byPeer = (a: DialogRecord, b: DialogRecord): number => Number(a.peer - b.peer);
  return [
    listed, listed.filter(({ folderId }) => folderId === ARCHIVE),
    [0, ARCHIVE].map((folder) => all.filter((each) => each.pinnedOrder > 0 && each.folderId === folder).sort((a, b) => a.pinnedOrder - b.pinnedOrder)),
    all.filter(({ membership }) => membership?.present).sort(byPeer),
  ];
}

const listsIn = (dialogs: Dialogs): unknown => [dialogs.list(), dialogs.archived(), [0, ARCHIVE].map((folder) => dialogs.pinned(folder)), dialogs.channels()];

test('lists say what the records say, of the box and of every snapshot, whoever asks first', () => {
  const dialogs = new Dialogs();
  const records = new Map<number, DialogRecord>();
  const snapshots: { snapshot: Dialogs; expected: unknown }[] = [];
  let random = 11;
  const below = (limit: number): number => (random = (random * 48_271) % 2_147_483_647) % limit;
  for (let step = 1; step <= 1_500; step += 1) {
    const peer = 1 + below(30);
    const record = create(DialogRecordSchema, {
      peer: BigInt(peer), topId: below(4) === 0 ? 0 : step, topDate: below(50), folderId: below(3) === 0 ? ARCHIVE : 0, pinnedOrder: below(4) === 0 ? step : 0,
      membership: below(3) === 0 ? { present: below(2) === 0 } : undefined,
    });
    dialogs.set(record);
    records.set(peer, record);
    if (below(5) === 0) snapshots.push({ snapshot: dialogs.snapshot(), expected: listsOf(records) });
    if (below(4) === 0) expect(listsIn(dialogs)).toEqual(listsOf(records));
    const earlier = snapshots[below(snapshots.length || 1)];
    if (below(6) === 0 && earlier !== undefined) expect(listsIn(earlier.snapshot)).toEqual(earlier.expected);
  }
  expect(snapshots.length).toBeGreaterThan(100);
  for (const { snapshot, expected } of snapshots) expect(listsIn(snapshot)).toEqual(expected);
});

test('lists of a snapshot that were made are those of the next one', () => {
  const dialogs = new Dialogs([create(DialogRecordSchema, { peer: 5n, topId: 1, topDate: 1 })]);
  const first = dialogs.snapshot().list();
  expect(dialogs.snapshot().list()).toBe(first);
  dialogs.set(create(DialogRecordSchema, { peer: 6n, topId: 2, topDate: 2 }));
  expect(dialogs.list().map(({ peer }) => peer)).toEqual([6n, 5n]);
  expect(first.map(({ peer }) => peer)).toEqual([5n]);
});
