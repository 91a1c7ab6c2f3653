import { homeDcOf } from '@heliograph/box/box-id';
import { decode } from '@heliograph/protos/codec';
import { CommandSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { AppendRecord, EventLog } from '@heliograph/event-log/event-log';
import type { Table } from '@heliograph/storage/table';
import { boxClaims } from '../tables/box-claims';
import { boxDue } from '../tables/box-due';
import { boxLog } from '../tables/box-log';
import { boxAdminLog } from '../tables/box-admin-log';
import { boxMember } from '../tables/box-member';
import { boxReaction, boxReactor } from '../tables/box-reaction';
import { boxVote, boxVoter } from '../tables/box-vote';
import { boxOrigin } from '../tables/box-origin';
import { boxParked } from '../tables/box-parked';
import { boxPeer } from '../tables/box-peer';
import { boxProgress } from '../tables/box-progress';
import { boxReplicas } from '../tables/box-replicas';
import { boxScheduled } from '../tables/box-scheduled';
import { boxSent } from '../tables/box-sent';
import { boxState } from '../tables/box-state';
import { boxWord } from '../tables/box-word';
import { postWord } from '../tables/post-word';
import { BoxElsewhere, CommandUnknown, type BoxEngine, type BoxEngineDeps } from './contract';
import { DurableReader } from './durable-reader';
import { effectOf } from './effect';
import { BOX_PARTITIONS, BOXES_IN_MEMORY_MAX, DIALOGS_IN_MEMORY_MAX, MEMBER_ROWS_KEPT_MS, TICK_INTERVAL_MS, TICK_TURNS_COUNT } from './limits';
import { Partition } from './partition';
import { SnapshotReader } from './reader';
import { RelayForwarder } from './relay';
import { BOX_COMMANDS, ENGINE_TOPICS, partitionOfBox } from './topics';

/** Every table of the engine, for `ensureTables` of the process. */
export const ENGINE_TABLES: readonly Table[] = [boxLog, boxPeer, boxState, boxMember, boxVote, boxVoter, boxReaction, boxReactor, boxAdminLog, boxOrigin, boxSent, boxWord, postWord, boxParked, boxScheduled, boxDue, boxProgress, boxClaims, boxReplicas];

/**
 * Starts the box engine over its ports (tables and topics are made if they are missing) and resolves when every partition taken from the
 * start is replayed to the log's end. Throws MarkOutOfRange when the stored marks and the log are not of one age.
 * @param options only the simulator gives others: it plants defects that it must find, and lets boxes and rows leave early
 */
export async function createBoxEngine(deps: BoxEngineDeps, { effect = effectOf, boxesInMemory = BOXES_IN_MEMORY_MAX, memberRowsKeptMs = MEMBER_ROWS_KEPT_MS }: { effect?: typeof effectOf; boxesInMemory?: number; memberRowsKeptMs?: number } = {}): Promise<BoxEngine> {
  const { storage, eventLog, clock, log, dc } = deps;
  await storage.ensureTables(ENGINE_TABLES);
  await eventLog.ensureTopics(ENGINE_TOPICS);
  const nextCallId = callIds(deps.random(8));
  const partitions = new Map<number, Partition>();
  const forwarders = new Map<number, RelayForwarder>();
  const share = (whole: number): number => Math.ceil(whole / Math.max(1, partitions.size));
  const host = { storage, eventLog, clock, log, dc, effect, memberRowsKeptMs, fateOf: deps.fateOf, heirNotice: deps.heirNotice, postTokens: deps.postTokens, boxesMax: () => share(boxesInMemory), dialogsMax: () => share(DIALOGS_IN_MEMORY_MAX) };
  const take = async (number: number): Promise<void> => {
    if (partitions.has(number)) return;
    const partition = new Partition(host, number, nextCallId);
    partitions.set(number, partition);
    try {
      await partition.begin();
    } catch (error) {
      partition.drop();
      if (partitions.get(number) === partition) partitions.delete(number);
      throw error;
    }
  };
  const give = async (number: number, atOnce = false): Promise<void> => {
    const partition = partitions.get(number);
    if (partition === undefined) return;
    if (atOnce) partition.drop();
    else await partition.give();
    if (partitions.get(number) === partition) partitions.delete(number);
  };
  const carryTo = async (other: number): Promise<void> => {
    if (forwarders.has(other) || other === dc || !deps.relayDcs.includes(other)) return;
    const forwarder = new RelayForwarder(deps, other);
    forwarders.set(other, forwarder);
    await forwarder.start();
  };
  const stopCarrying = async (other: number): Promise<void> => {
    const forwarder = forwarders.get(other);
    forwarders.delete(other);
    await forwarder?.close();
  };
  // Not all at once: writing the heads of one partition is a burst of work.
  let turn = 0;
  const ticking = clock.every(TICK_INTERVAL_MS / TICK_TURNS_COUNT, () => {
    const now = clock.now();
    for (const partition of partitions.values()) if (partition.partition % TICK_TURNS_COUNT === turn) partition.tick(now);
    turn = (turn + 1) % TICK_TURNS_COUNT;
  });
  const partitionOf = (box: number): Partition => {
    const number = partitionOfBox(box);
    const partition = partitions.get(number);
    if (partition === undefined || partition.isGiven || deps.trusted?.() === false) throw new BoxElsewhere(deps.ownerOf?.(number));
    return partition;
  };
  try {
    await Promise.all((deps.partitions ?? Array.from({ length: BOX_PARTITIONS }, (_, partition) => partition)).map(take));
    for (const other of deps.carriedDcs ?? deps.relayDcs) await carryTo(other);
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
    adopt: async (box, head) => partitionOf(box).adopt(box, head),
    appendRelayed: (commands) => appendRelayed(commands, dc, eventLog),
    take,
    give,
    carryTo,
    stopCarrying,
    owns: (box) => partitions.get(partitionOfBox(box))?.isGiven === false && deps.trusted?.() !== false,
    unreadyReason: () => {
      for (const partition of partitions.values()) if (partition.stopped !== undefined) return partition.stopped;
      return undefined;
    },
    close: async () => {
      for (const forwarder of forwarders.values()) await forwarder.close();
      await Promise.all([...partitions.values()].map((partition) => partition.close()));
      ticking.stop();
    },
  };
}

/** Appends to any partition, taken here or not: appending needs no owner, applying does. */
async function appendRelayed(commands: readonly Uint8Array[], dc: number, eventLog: EventLog): Promise<void> {
  const byPartition = new Map<number, AppendRecord[]>();
  for (const value of commands) {
    const command = decode(CommandSchema, value);
    const box = Number(command.box);
    // A box that moved here is sent on by the DC that its id names.
    if (homeDcOf(box) !== dc && !command.forwarded) throw new CommandUnknown(`box of data center ${homeDcOf(box)} relayed to ${dc}`);
    const partition = partitionOfBox(box);
    const records = byPartition.get(partition);
    const record = { key: String(box), value };
    if (records === undefined) byPartition.set(partition, [record]);
    else records.push(record);
  }
  // Commands of one origin box for one target box are in one partition, in order.
  const appended = await Promise.allSettled([...byPartition].map(([partition, records]) => {
    const { firstOffset, durable } = eventLog.append(BOX_COMMANDS, partition, records);
    firstOffset.catch(() => {});
    return durable;
  }));
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
