import { fromBinary } from '@bufbuild/protobuf';
import { CommandSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { AppendRecord } from '@heliograph/event-log/event-log';
import type { Table } from '@heliograph/storage/table';
import { boxLog } from '../tables/box-log';
import { boxOrigin } from '../tables/box-origin';
import { boxPeer } from '../tables/box-peer';
import { boxProgress } from '../tables/box-progress';
import { boxSent } from '../tables/box-sent';
import { boxState } from '../tables/box-state';
import { boxWord } from '../tables/box-word';
import { CommandUnknown, type BoxEngine, type BoxEngineDeps } from './contract';
import { DurableReader } from './durable-reader';
import { effectOf } from './effect';
import { BOX_PARTITIONS, BOXES_IN_MEMORY_MAX, DIALOGS_IN_MEMORY_MAX, TICK_INTERVAL_MS, TICK_TURNS_COUNT } from './limits';
import { Partition } from './partition';
import { SnapshotReader } from './reader';
import { RelayForwarder } from './relay';
import { dcOfBox, ENGINE_TOPICS, partitionOfBox } from './topics';

/** Every table of the engine, for `ensureTables` of the process. */
export const ENGINE_TABLES: readonly Table[] = [boxLog, boxPeer, boxState, boxOrigin, boxSent, boxWord, boxProgress];

/**
 * Starts the box engine over its ports (tables and topics are made if they are missing) and resolves when every owned partition is
 * replayed to the log's end. Throws MarkOutOfRange when the stored marks and the log are not of one age.
 * @param options only the simulator gives others: it plants defects that it must find, and lets boxes leave memory early
 */
export async function createBoxEngine(deps: BoxEngineDeps, { effect = effectOf, boxesInMemory = BOXES_IN_MEMORY_MAX }: { effect?: typeof effectOf; boxesInMemory?: number } = {}): Promise<BoxEngine> {
  const { storage, eventLog, clock, log, dc } = deps;
  await storage.ensureTables(ENGINE_TABLES);
  await eventLog.ensureTopics(ENGINE_TOPICS);
  const owned = deps.partitions ?? Array.from({ length: BOX_PARTITIONS }, (_, partition) => partition);
  const nextCallId = callIds(deps.random(8));
  const share = Math.max(1, owned.length);
  const host = { storage, eventLog, clock, log, dc, effect, boxesMax: Math.ceil(boxesInMemory / share), dialogsMax: Math.ceil(DIALOGS_IN_MEMORY_MAX / share) };
  const partitions = new Map(owned.map((partition) => [partition, new Partition(host, partition, nextCallId)]));
  const forwarders = deps.relayDcs.filter((other) => other !== dc).map((other) => new RelayForwarder(deps, other));
  // Not all at once: writing the heads of one partition is a burst of work.
  const turns = Array.from({ length: TICK_TURNS_COUNT }, (_, turn) => [...partitions.values()].filter((_partition, index) => index % TICK_TURNS_COUNT === turn));
  let turn = 0;
  const ticking = clock.every(TICK_INTERVAL_MS / TICK_TURNS_COUNT, () => {
    const now = clock.now();
    for (const partition of turns[turn] ?? []) partition.tick(now);
    turn = (turn + 1) % TICK_TURNS_COUNT;
  });
  const partitionOf = (box: number): Partition => {
    const partition = partitions.get(partitionOfBox(box));
    if (partition === undefined) throw new CommandUnknown('another replica owns the box');
    return partition;
  };
  try {
    await Promise.all([...partitions.values()].map((partition) => partition.begin()));
    for (const forwarder of forwarders) await forwarder.start();
  } catch (error) {
    ticking.stop();
    throw error;
  }
  return {
    submit: async (command) => partitionOf(Number(command.box)).submit(command),
    read: async (box) => {
      const snapshot = await partitionOf(box).snapshot(box);
      return new DurableReader(new SnapshotReader(storage, snapshot), () => snapshot.rowsDurable());
    },
    appendRelayed: (commands) => appendRelayed(commands, dc, partitions),
    unreadyReason: () => {
      for (const partition of partitions.values()) if (partition.stopped !== undefined) return partition.stopped;
      return undefined;
    },
    close: async () => {
      for (const forwarder of forwarders) await forwarder.close();
      await Promise.all([...partitions.values()].map((partition) => partition.close()));
      ticking.stop();
    },
  };
}

/** Appends to any partition, owned or not: appending needs no owner, applying does. */
async function appendRelayed(commands: readonly Uint8Array[], dc: number, partitions: ReadonlyMap<number, Partition>): Promise<void> {
  const byPartition = new Map<Partition, AppendRecord[]>();
  for (const value of commands) {
    const box = Number(fromBinary(CommandSchema, value).box);
    const partition = partitions.get(partitionOfBox(box));
    if (dcOfBox(box) !== dc || partition === undefined) throw new CommandUnknown(`box of data center ${dcOfBox(box)} relayed to ${dc}`);
    const records = byPartition.get(partition);
    const record = { key: String(box), value };
    if (records === undefined) byPartition.set(partition, [record]);
    else records.push(record);
  }
  // Commands of one origin box for one target box are in one partition, in order.
  const appended = await Promise.allSettled([...byPartition].map(([partition, records]) => partition.append(records)));
  const failed = appended.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw new CommandUnknown(String(failed.reason));
}

/** Call ids that no other process (nor an earlier life of this one) uses: 40 random bits, then a counter. */
function callIds(random: Uint8Array): () => bigint {
  const prefix = random.subarray(0, 5).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) << 24n;
  let counter = 0;
  return () => {
    counter = counter === 0xffffff ? 1 : counter + 1;
    return prefix | BigInt(counter);
  };
}
