import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { channelOfBox } from '@heliograph/box/box-id';
import type { AppendRecord, LogRecord, RecordBatch, Topic } from '@heliograph/event-log/event-log';
import type { BoxEngineDeps } from '@heliograph/message-store/engine/contract';
import type { BoxState, Read, ReadAnswer } from '@heliograph/message-store/engine/change';
import { Dialogs } from '@heliograph/message-store/engine/dialogs';
import type { effectOf } from '@heliograph/message-store/engine/effect';
import { versionOf } from '@heliograph/message-store/engine/ids';
import { SnapshotReader } from '@heliograph/message-store/engine/reader';
import { loadState } from '@heliograph/message-store/engine/row-reader';
import { SentMemory } from '@heliograph/message-store/engine/sent-memory';
import { BOX_COMMANDS, BOX_RELAY } from '@heliograph/message-store/engine/topics';
import { boxLog } from '@heliograph/message-store/tables/box-log';
import { boxMember } from '@heliograph/message-store/tables/box-member';
import { boxProgress } from '@heliograph/message-store/tables/box-progress';
import { boxSent } from '@heliograph/message-store/tables/box-sent';
import { boxState, STATE_DIALOG, STATE_HEAD } from '@heliograph/message-store/tables/box-state';
import { ChannelMemberSchema, CommandSchema, DialogRecordSchema, HeadSchema, MessageRecordSchema, SendSchema, type ChannelMember, type MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { deleteOperation, type RangeQuery, type Storage, type WriteOperation } from '@heliograph/storage/storage';
import type { Table } from '@heliograph/storage/table';
import type { Attack } from './attack';

type Row = Record<string, unknown>;

/** The defects at the end of reference/box.md, each as the smallest wrapper that makes the engine behave so. */
export const ATTACKS: readonly Attack[] = [
  {
    name: 'rule 1 skipped: commands at or below the head are applied again',
    deps: (deps) => withStorage(deps, {
      range: async (table, partition, query) => {
        const rows = await deps.storage.range(table, partition as never, query) as Row[];
        return table !== boxState ? rows : rows.map((row) => {
          const v = row.v as Uint8Array;
          if (row.kind === STATE_HEAD) return { ...row, v: toBinary(HeadSchema, { ...fromBinary(HeadSchema, v), applied: 0n }) };
          if (row.kind === STATE_DIALOG) return { ...row, v: toBinary(DialogRecordSchema, { ...fromBinary(DialogRecordSchema, v), version: 0n }) };
          return row;
        });
      },
    }),
  },
  {
    name: 'rows are written some time after it is said',
    kind: 'separate',
    deps: (deps, { scheduler, random, owner }) => withStorage(deps, {
      batch: (operations) => {
        scheduler.after(random.between(20, 400), owner, () => { deps.storage.batch(operations).catch(() => {}); });
        return Promise.resolve();
      },
    }),
  },
  {
    name: 'head before derived commands',
    deps: (deps, { scheduler, random, owner }) => withAppend(deps, (topic, partition, records, append) => {
      if (!areDerived(records)) return append(topic, partition, records);
      scheduler.after(random.between(2_500, 6_000), owner, () => { append(topic, partition, records).durable.catch(() => {}); });
      return { firstOffset: Promise.resolve(0n), durable: Promise.resolve() };
    }),
  },
  {
    name: 'origin mark dropped',
    deps: (deps, { dc }) => withRecords(deps, BOX_COMMANDS, (record) => {
      const command = fromBinary(CommandSchema, record.value);
      if (command.origin !== undefined) command.origin.version = versionOf(dc.epoch, record.offset);
      return toBinary(CommandSchema, command);
    }),
  },
  {
    name: 'derived commands appended in parallel',
    kind: 'separate',
    deps: (deps, { random }) => withAppend(deps, (topic, partition, records, append) => {
      if (!areDerived(records)) return append(topic, partition, records);
      const each = random.shuffle(records).map((record) => append(topic, partition, [record]));
      for (const one of each) one.firstOffset.catch(() => {});
      return { firstOffset: Promise.resolve(0n), durable: Promise.all(each.map((one) => one.durable)).then(() => undefined) };
    }),
  },
  {
    name: 'deletions counted without the mark',
    kind: 'separate',
    deps: (deps) => withStorage(deps, {
      getMany: async (table, keys) => {
        const rows = await deps.storage.getMany(table, keys as never) as (Row | undefined)[];
        return table !== boxLog ? rows : rows.map((row) => (row !== undefined && fromBinary(MessageRecordSchema, row.v as Uint8Array).deletedVersion !== 0n ? undefined : row));
      },
    }),
  },
  {
    name: 'a clock read in apply',
    deps: (deps, { scheduler }) => withRecords(deps, BOX_COMMANDS, (record) => {
      const command = fromBinary(CommandSchema, record.value);
      command.date = Math.floor(scheduler.now / 1_000);
      return toBinary(CommandSchema, command);
    }),
  },
  {
    name: 'an unordered map iterated into ids',
    effect: (original, { random }) => (state, command, version) => {
      const { change, effect } = original(state, command, version);
      const shuffled = (function* (): typeof effect {
        yield* effect;
        change.derived.splice(0, change.derived.length, ...random.shuffle(change.derived));
      })();
      return { change, effect: shuffled };
    },
  },
  {
    name: 'TTL decides what is remembered',
    deps: (deps, { scheduler }) => withStorage(deps, {
      range: async (table, partition, query) => {
        const rows = await deps.storage.range(table, partition as never, query) as Row[];
        return table === boxSent ? rows.filter((row) => (row.date as number) >= scheduler.now / 1_000 - 2) : rows;
      },
    }),
  },
  {
    name: 'zombie with a cached head',
    kind: 'separate',
    zombies: true,
    deps: (deps, { owner }) => {
      const asleep = new Set<number>();
      // Awake again, it goes on where the partition is by now, with the heads that it had.
      return withBatches(deps, BOX_COMMANDS, (partition, records) => {
        if ((owner as { woke?: boolean }).woke !== true || asleep.has(partition)) return records;
        asleep.add(partition);
        return records.map((record) => ({ ...record, value: nothing(fromBinary(CommandSchema, record.value).box) }));
      });
    },
  },
  { name: 'handed records taken without looking where they stand', kind: 'separate', zombies: true, blindHands: true },
  { name: 'epoch not raised when the topic was made anew', kind: 'separate', remake: true, keepEpoch: true },
  {
    name: 'random_id forgotten: a retry after unknown is a new message',
    effect: (original) => (state, command, version) => original(Object.create(state, { sent: { value: new SentMemory() } }) as typeof state, command, version),
  },
  {
    name: 'who may write in a group is decided before the command has its place',
    effect: (original) => (state, command, version) => original(command.body.case === 'groupAct' && command.body.value.act.case === 'post' ? withAllMembers(state) : state, command, version),
  },
  {
    name: 'posts go to those who were members a moment ago',
    effect: (original) => (state, command, version) => {
      const { change, effect } = original(state, command, version);
      const late = (function* (): typeof effect {
        yield* effect;
        const sent = change.derived.find((derived) => 'body' in derived && derived.body.case === 'deliver' && !derived.body.value.out);
        if (sent === undefined || command.body.case !== 'groupAct' || command.body.value.act.case !== 'post') return;
        for (const { peer, member } of state.dialogs.all()) if (member?.kicked === true) change.derived.push({ ...sent, box: Number(peer) });
      })();
      return { change, effect: late };
    },
  },
  {
    name: 'who may write in a channel is decided before the command has its place',
    effect: (original) => (state, command, version) => {
      const isPost = command.body.case === 'channelAct' && command.body.value.act.case === 'post';
      return withAnswers(original(state, command, version), ({ kind }, answer) => (
        isPost && kind === 'members' ? (answer as (ChannelMember | undefined)[]).map((member) => member && { ...member, present: true, banned: 0 }) : answer));
    },
  },
  {
    name: 'a group takes posts that it does not discuss any more',
    effect: (original) => (state, command, version) => {
      if (command.body.case !== 'discussPost') return original(state, command, version);
      const { change, effect } = original(linkedTo(state, Number(command.origin?.box ?? 0n)), command, version);
      const trusting = (function* (): typeof effect {
        yield* effect;
        const row = change.dialogs.get(state.box);
        if (row !== undefined) row.channel = state.dialogs.get(state.box)?.channel;
      })();
      return { change, effect: trusting };
    },
  },
  {
    name: 'what becomes of a post is told to the group of now, wherever the post is',
    effect: (original) => (state, command, version) => withAnswers(original(state, command, version), ({ kind }, answer) => {
      const { linked = 0n, broadcast = false } = state.dialogs.get(state.box)?.channel ?? {};
      return kind === 'messages' && broadcast ? withRecord(answer, { discussion: linked }) : answer;
    }),
  },
  { name: 'the row of a member goes when the next one is written', deps: (deps) => withHastyMemberRows(deps) },
  {
    name: 'the row of a member goes when the next one is written, and nobody misses it',
    deps: (deps) => withStorage(withHastyMemberRows(deps), {
      range: async (table, partition, query) => {
        const rows = await deps.storage.range(table, partition as never, query) as Row[];
        // As if each row followed the one that is there before it.
        return table !== boxMember ? rows : rows.map((row, index) => ({
          ...row, v: toBinary(ChannelMemberSchema, { ...fromBinary(ChannelMemberSchema, row.v as Uint8Array), previous: (rows[index + 1]?.version ?? 0n) as bigint }),
        }));
      },
    }),
  },
  {
    name: 'an answer is counted without asking whether it was',
    effect: (original) => (state, command, version) => withAnswers(original(state, command, version), ({ kind }, answer) => (kind === 'messages' ? withRecord(answer, { repliesVersion: 0n }) : answer)),
  },
  {
    name: 'what is due is sent without asking whether it still waits',
    effect: (original) => (state, command, version) => {
      const { body } = command;
      if (body.case !== 'sendScheduled' || body.value.message === undefined || body.value.message.peer < 0n) return original(state, command, version);
      return original(state, { ...command, body: { case: 'send', value: create(SendSchema, { peer: body.value.message.peer, randomId: body.value.message.randomId, content: body.value.message.content }) } }, version);
    },
  },
  {
    name: 'the mark of the sweeps is ahead of what they did',
    deps: (deps) => withStorage(deps, {
      get: async (table, key) => {
        const row = await deps.storage.get(table, key as never) as Row | undefined;
        return table !== boxProgress || row === undefined || row.topic !== 'box-due' ? row : { ...row, next: (row.next as bigint) + 2n };
      },
    }),
  },
  {
    name: 'a reaction that its row has already takes no pts',
    effect: (original) => (state, command, version) => {
      const { change, effect } = original(state, command, version);
      const { body } = command;
      const reaction = body.case === 'react' || body.case === 'reactCopy' ? body.value.reaction : undefined;
      const user = body.case === 'react' ? command.box : reaction?.user;
      const thrifty = (function* (): typeof effect {
        let known = false;
        let step = effect.next();
        while (step.done !== true) {
          const answer: ReadAnswer = yield step.value;
          if (step.value.kind === 'messages') known = (answer as (MessageRecord | undefined)[]).some((record) => record?.reactions.some((each) => each.user === user && each.token === reaction?.token));
          step = effect.next(answer);
        }
        if (!known) return;
        change.rows.length = change.updates.length = change.ptsCount = 0;
        change.pts = state.head.pts;
      })();
      return { change, effect: thrifty };
    },
  },
  {
    name: 'votes are judged by a poll as later commands left it',
    kind: 'separate',
    deps: (deps) => withStorage(deps, {
      getMany: async (table, keys) => {
        const rows = await deps.storage.getMany(table, keys as never) as (Row | undefined)[];
        return table !== boxLog ? rows : rows.map((row) => (row === undefined ? row : { ...row, v: withoutVoteVersions(row.v as Uint8Array) }));
      },
    }),
  },
  {
    name: 'relay forwards twice and out of order',
    dcs: 2,
    deps: (deps, { scheduler, random }) => ({
      ...deps,
      relay: (dc, commands) => {
        for (let i = 0; i < 2; i += 1) scheduler.after(random.between(1, 2_000), undefined, () => { deps.relay(dc, commands).catch(() => {}); });
        return Promise.resolve();
      },
    }),
  },
  {
    name: 'a write answered "timeout" is taken for done',
    kind: 'separate',
    deps: (deps) => withStorage(deps, { batch: (operations) => deps.storage.batch(operations).catch(() => {}) }),
  },
  {
    name: 'a read during a half-done batch',
    kind: 'separate',
    read: async (_engine, box, { dc }) => {
      // As a replica would that asks no owner and trusts the newest row it finds.
      const { head, dialogs } = await loadState(dc.tables, box);
      let { pts } = head;
      for (const row of (await dc.rowsOf(box)).log) pts = Math.max(pts, row.id);
      return new SnapshotReader(dc.tables, { box, head: { ...head, pts, topId: pts }, dialogs, indexed: 0 });
    },
  },
  {
    name: 'answered and derived before anything is durable',
    kind: 'embedded',
    deps: (deps) => {
      const hasty = withBatches(deps, BOX_COMMANDS, (_partition, records) => records, Promise.resolve());
      return withStorage(hasty, {
        batch: (operations) => {
          deps.storage.batch(operations).catch(() => {});
          return Promise.resolve();
        },
      });
    },
  },
  {
    name: 'applied when it is appended, before the log holds it',
    kind: 'separate',
    deps: (deps) => withHastyRecords(deps),
  },
  {
    name: 'relayed before the derived command is durable',
    kind: 'embedded',
    slowDisk: true,
    dcs: 2,
    deps: (deps) => withBatches(deps, BOX_RELAY, (_partition, records) => records, Promise.resolve()),
  },
];

/** A poll of which nobody can tell any more when its votes came and when it was closed. */
function withoutVoteVersions(v: Uint8Array): Uint8Array {
  const record = fromBinary(MessageRecordSchema, v);
  if (record.poll === undefined) return v;
  const closed = record.pollClosedVersion === 0n ? 0n : 1n;
  return toBinary(MessageRecordSchema, { ...record, pollVotes: record.pollVotes.map((vote) => ({ ...vote, version: 0n })), pollClosedVersion: closed });
}

type AnyStorage = {
  get(table: Table, key: Row): Promise<Row | undefined>;
  getMany(table: Table, keys: readonly Row[]): Promise<(Row | undefined)[]>;
  range(table: Table, partition: Row, query: RangeQuery<Table>): Promise<Row[]>;
  batch(operations: readonly WriteOperation[]): Promise<void>;
};

type Computed = ReturnType<typeof effectOf>;

/** An effect that gets other answers to what it reads. */
function withAnswers({ change, effect }: Computed, answered: (read: Read, answer: ReadAnswer) => ReadAnswer): Computed {
  const deceived = (function* (): typeof effect {
    let step = effect.next();
    while (step.done !== true) step = effect.next(answered(step.value, yield step.value));
  })();
  return { change, effect: deceived };
}

const withRecord = (answer: ReadAnswer, other: Partial<MessageRecord>): ReadAnswer => (answer as (MessageRecord | undefined)[]).map((record) => record && { ...record, ...other });

function withStorage(deps: BoxEngineDeps, other: Partial<AnyStorage>): BoxEngineDeps {
  return { ...deps, storage: { ...deps.storage, ...other as Partial<Storage> } };
}

/** With each row of a member, the one before it goes. */
function withHastyMemberRows(deps: BoxEngineDeps): BoxEngineDeps {
  return withStorage(deps, {
    batch: (operations) => deps.storage.batch(operations.flatMap((operation) => {
      if (operation.kind !== 'put' || operation.table !== boxMember) return [operation];
      const { previous } = fromBinary(ChannelMemberSchema, operation.row.v as Uint8Array);
      const { box, slot, user } = operation.row as { box: number; slot: number; user: number };
      return previous === 0n ? [operation] : [operation, deleteOperation(boxMember, { box, slot, user, version: previous }, { version: previous + 1n })];
    })),
  });
}

type Append = BoxEngineDeps['eventLog']['append'];
function withAppend(deps: BoxEngineDeps, append: (topic: Topic, partition: number, records: readonly AppendRecord[], original: Append) => ReturnType<Append>): BoxEngineDeps {
  const original = deps.eventLog.append.bind(deps.eventLog);
  return { ...deps, eventLog: { ...deps.eventLog, append: (topic, partition, records) => append(topic, partition, records, original) } };
}

function withBatches(deps: BoxEngineDeps, which: Topic, change: (partition: number, records: LogRecord[]) => LogRecord[], durable?: Promise<void>): BoxEngineDeps {
  const { eventLog } = deps;
  return {
    ...deps,
    eventLog: {
      ...eventLog,
      subscribe: (topic, partition, from, handler, options) => {
        const changed = (batch: RecordBatch): Promise<void> => handler({ records: change(partition, batch.records), durable: durable ?? batch.durable });
        return eventLog.subscribe(topic, partition, from, topic.name === which.name ? changed : handler, options);
      },
    },
  };
}

/** Who reads a partition is given what is appended here at once, as if it had its place. */
function withHastyRecords(deps: BoxEngineDeps): BoxEngineDeps {
  const { eventLog } = deps;
  const readers = new Map<number, { next: bigint; take(batch: RecordBatch): Promise<void> }>();
  return {
    ...deps,
    eventLog: {
      ...eventLog,
      subscribe: (topic, partition, from, handler, options) => {
        const reader = {
          next: from,
          take: (batch: RecordBatch): Promise<void> => {
            reader.next = (batch.records.at(-1)?.offset ?? reader.next - 1n) + 1n;
            return handler(batch);
          },
        };
        if (topic.name === BOX_COMMANDS.name) readers.set(partition, reader);
        return eventLog.subscribe(topic, partition, from, reader.take, options);
      },
      append: (topic, partition, records) => {
        const reader = topic.name === BOX_COMMANDS.name ? readers.get(partition) : undefined;
        const first = reader?.next ?? 0n;
        void reader?.take({ records: records.map((record, index) => ({ ...record, offset: first + BigInt(index) })), durable: Promise.resolve() });
        return eventLog.append(topic, partition, records);
      },
    },
  };
}

function withRecords(deps: BoxEngineDeps, which: Topic, value: (record: LogRecord) => Uint8Array): BoxEngineDeps {
  return withBatches(deps, which, (_partition, records) => records.map((record) => ({ ...record, value: value(record) })));
}

/** Nobody has gone yet. */
function withAllMembers(state: BoxState): BoxState {
  const rows = state.dialogs.all().map((row) => (row.member === undefined ? row : { ...row, member: { ...row.member, left: false, kicked: false } }));
  return Object.create(state, { dialogs: { value: new Dialogs(rows) } }) as BoxState;
}

/** The channel as if it discussed that broadcast. */
function linkedTo(state: BoxState, broadcast: number): BoxState {
  const rows = state.dialogs.all().map((row) => (row.channel === undefined ? row : { ...row, channel: { ...row.channel, linked: BigInt(channelOfBox(broadcast)) } }));
  return Object.create(state, { dialogs: { value: new Dialogs(rows) } }) as BoxState;
}

function areDerived(records: readonly AppendRecord[]): boolean {
  const [first] = records;
  return first !== undefined && first.value.length > 0 && isCommand(first) && fromBinary(CommandSchema, first.value).origin !== undefined;
}
/** Events are no commands; their keys are boxes too, so they are told by what they decode to. */
function isCommand(record: AppendRecord): boolean {
  try {
    return fromBinary(CommandSchema, record.value).body.case !== undefined;
  } catch {
    return false;
  }
}

/** A command that does nothing. */
function nothing(box: bigint): Uint8Array {
  return toBinary(CommandSchema, create(CommandSchema, { effect: 1, box, body: { case: 'readOutbox', value: { peer: 1n, maxId: 1 } } }));
}
