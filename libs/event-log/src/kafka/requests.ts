import type { WireReader, WireWriter } from './wire';

/**
 * The requests of Kafka's protocol that this adapter makes, each in one version that brokers from 3.1 to 4.x speak (produce in two: by
 * topic name, and by topic id from 4.1 on). Field names are those of kafka.apache.org/protocol.
 */
export interface RequestKind<Q, A> {
  readonly name: string;
  readonly key: number;
  readonly version: number;
  /** Header and answer carry tagged fields. */
  readonly flexible: boolean;
  write(writer: WireWriter, question: Q): void;
  read(reader: WireReader): A;
}

const CONSUMER = -1;
const READ_UNCOMMITTED = 0;

// ── metadata ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface BrokerAddress {
  node: number;
  host: string;
  port: number;
}
export interface PartitionMetadata {
  code: number;
  index: number;
  /** Node, or −1 while there is none. */
  leader: number;
  leaderEpoch: number;
  replicas: number[];
}
export interface TopicMetadata {
  code: number;
  name: string;
  /** 32 hexadecimal digits. */
  id: string;
  partitions: PartitionMetadata[];
}
export const METADATA: RequestKind<{ topics: readonly string[] }, { brokers: BrokerAddress[]; topics: TopicMetadata[] }> = {
  name: 'Metadata',
  key: 3,
  version: 12,
  flexible: true,
  write(writer, { topics }) {
    writer.array(topics, (name) => writer.raw(NO_ID).nullableString(name).noTags());
    // no topics are made by asking; no authorized operations
    writer.boolean(false).boolean(false).noTags();
  },
  read(reader) {
    reader.int32();
    const brokers = reader.array(() => {
      const broker = { node: reader.int32(), host: reader.string(), port: reader.int32() };
      reader.string();
      reader.skipTags();
      return broker;
    });
    reader.string();
    reader.int32();
    const topics = reader.array(() => {
      const topic = { code: reader.int16(), name: reader.string(), id: reader.uuid() };
      reader.boolean();
      const partitions = reader.array(() => {
        const partition = { code: reader.int16(), index: reader.int32(), leader: reader.int32(), leaderEpoch: reader.int32(), replicas: reader.array(() => reader.int32()) };
        reader.array(() => reader.int32());
        reader.array(() => reader.int32());
        reader.skipTags();
        return partition;
      });
      reader.int32();
      reader.skipTags();
      return { ...topic, partitions };
    });
    return { brokers, topics };
  },
};
const NO_ID = Buffer.alloc(16);

// ── produce ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ProduceQuestion {
  /** −1: all replicas in sync. */
  acks: number;
  timeoutMs: number;
  topics: readonly { name: string; id: string; partitions: readonly { index: number; batch: Buffer }[] }[];
}
export interface ProduceAnswer {
  /** `topic`: name or id, as the version has it. */
  topics: { topic: string; partitions: { index: number; code: number; firstOffset: bigint; message: string }[] }[];
}
function produce(version: number, byId: boolean): RequestKind<ProduceQuestion, ProduceAnswer> {
  return {
    name: 'Produce',
    key: 0,
    version,
    flexible: true,
    write(writer, { acks, timeoutMs, topics }) {
      writer.nullableString(undefined).int16(acks).int32(timeoutMs);
      writer.array(topics, ({ name, id, partitions }) => {
        if (byId) writer.raw(Buffer.from(id, 'hex'));
        else writer.string(name);
        writer.array(partitions, ({ index, batch }) => writer.int32(index).byteArray(batch).noTags()).noTags();
      }).noTags();
    },
    read(reader) {
      const topics = reader.array(() => {
        const topic = byId ? reader.uuid() : reader.string();
        const partitions = reader.array(() => {
          const partition = { index: reader.int32(), code: reader.int16(), firstOffset: reader.int64() };
          reader.int64();
          reader.int64();
          const rejected = reader.array(() => {
            reader.int32();
            const message = reader.string();
            reader.skipTags();
            return message;
          });
          const message = reader.string();
          reader.skipTags();
          return { ...partition, message: message === '' ? rejected.join('; ') : message };
        });
        reader.skipTags();
        return { topic, partitions };
      });
      return { topics };
    },
  };
}
export const PRODUCE_BY_NAME = produce(9, false);
export const PRODUCE_BY_ID = produce(13, true);

// ── fetch ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface FetchPartition {
  index: number;
  leaderEpoch: number;
  offset: bigint;
  bytesMax: number;
}
export interface FetchQuestion {
  waitMs: number;
  bytesMax: number;
  /** KIP-227. 0 and −1: no session. 0 and 0: begin one. */
  sessionId: number;
  sessionEpoch: number;
  /** By topic id. In a session: what changed. */
  topics: readonly { id: string; partitions: readonly FetchPartition[] }[];
  forgotten: readonly { id: string; partitions: readonly number[] }[];
}
export interface FetchedPartition {
  index: number;
  code: number;
  /** End of what consumers may see. */
  highWatermark: bigint;
  logStart: bigint;
  /** Record batches, a view of the answer. */
  batches: Buffer;
}
export interface FetchAnswer {
  code: number;
  sessionId: number;
  topics: { id: string; partitions: FetchedPartition[] }[];
}
export const FETCH: RequestKind<FetchQuestion, FetchAnswer> = {
  name: 'Fetch',
  key: 1,
  version: 13,
  flexible: true,
  write(writer, { waitMs, bytesMax, sessionId, sessionEpoch, topics, forgotten }) {
    // at least one byte
    writer.int32(CONSUMER).int32(waitMs).int32(1).int32(bytesMax).int8(READ_UNCOMMITTED).int32(sessionId).int32(sessionEpoch);
    writer.array(topics, ({ id, partitions }) => {
      writer.raw(Buffer.from(id, 'hex'));
      writer.array(partitions, (partition) => {
        writer.int32(partition.index).int32(partition.leaderEpoch).int64(partition.offset).int32(-1).int64(-1n).int32(partition.bytesMax).noTags();
      }).noTags();
    });
    writer.array(forgotten, ({ id, partitions }) => {
      writer.raw(Buffer.from(id, 'hex'));
      writer.array(partitions, (index) => writer.int32(index)).noTags();
    });
    writer.string('').noTags();
  },
  read(reader) {
    reader.int32();
    const code = reader.int16();
    const sessionId = reader.int32();
    const topics = reader.array(() => {
      const id = reader.uuid();
      const partitions = reader.array(() => {
        const partition = { index: reader.int32(), code: reader.int16(), highWatermark: reader.int64() };
        reader.int64();
        const logStart = reader.int64();
        reader.array(() => {
          reader.int64();
          reader.int64();
          reader.skipTags();
        });
        reader.int32();
        const batches = reader.byteArray();
        reader.skipTags();
        return { ...partition, logStart, batches };
      });
      reader.skipTags();
      return { id, partitions };
    });
    return { code, sessionId, topics };
  },
};

// ── the log's ends ───────────────────────────────────────────────────────────────────────────────────────────────────

/** What `offset` is asked for in place of a time. */
export const EARLIEST = -2n;
export const LATEST = -1n;
export const LIST_OFFSETS: RequestKind<
  { at: bigint; topics: readonly { name: string; partitions: readonly { index: number; leaderEpoch: number }[] }[] },
  { topics: { name: string; partitions: { index: number; code: number; offset: bigint }[] }[] }
> = {
  name: 'ListOffsets',
  key: 2,
  version: 7,
  flexible: true,
  write(writer, { at, topics }) {
    writer.int32(CONSUMER).int8(READ_UNCOMMITTED);
    writer.array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, ({ index, leaderEpoch }) => writer.int32(index).int32(leaderEpoch).int64(at).noTags()).noTags();
    }).noTags();
  },
  read(reader) {
    reader.int32();
    const topics = reader.array(() => {
      const name = reader.string();
      const partitions = reader.array(() => {
        const partition = { index: reader.int32(), code: reader.int16() };
        reader.int64();
        const offset = reader.int64();
        reader.int32();
        reader.skipTags();
        return { ...partition, offset };
      });
      reader.skipTags();
      return { name, partitions };
    });
    return { topics };
  },
};

// ── stored positions ─────────────────────────────────────────────────────────────────────────────────────────────────

export const FIND_COORDINATOR: RequestKind<{ group: string }, { code: number; message: string; broker: BrokerAddress }> = {
  name: 'FindCoordinator',
  key: 10,
  version: 3,
  flexible: true,
  write(writer, { group }) {
    writer.string(group).int8(0).noTags();
  },
  read(reader) {
    reader.int32();
    return { code: reader.int16(), message: reader.string(), broker: { node: reader.int32(), host: reader.string(), port: reader.int32() } };
  },
};

/** Of a group without members: generation −1, no member (a "simple consumer"). */
export const OFFSET_COMMIT: RequestKind<
  { group: string; topics: readonly { name: string; partitions: readonly { index: number; offset: bigint; note: string }[] }[] },
  { topics: { name: string; partitions: { index: number; code: number }[] }[] }
> = {
  name: 'OffsetCommit',
  key: 8,
  version: 8,
  flexible: true,
  write(writer, { group, topics }) {
    writer.string(group).int32(-1).string('').nullableString(undefined);
    writer.array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, ({ index, offset, note }) => writer.int32(index).int64(offset).int32(-1).string(note).noTags()).noTags();
    }).noTags();
  },
  read(reader) {
    reader.int32();
    const topics = reader.array(() => {
      const name = reader.string();
      const partitions = reader.array(() => {
        const partition = { index: reader.int32(), code: reader.int16() };
        reader.skipTags();
        return partition;
      });
      reader.skipTags();
      return { name, partitions };
    });
    return { topics };
  },
};

export const OFFSET_FETCH: RequestKind<
  { group: string; topics: readonly { name: string; partitions: readonly number[] }[] },
  { code: number; topics: { name: string; partitions: { index: number; code: number; offset: bigint; note: string }[] }[] }
> = {
  name: 'OffsetFetch',
  key: 9,
  version: 7,
  flexible: true,
  write(writer, { group, topics }) {
    writer.string(group);
    writer.array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, (index) => writer.int32(index)).noTags();
    });
    writer.boolean(false).noTags();
  },
  read(reader) {
    reader.int32();
    const topics = reader.array(() => {
      const name = reader.string();
      const partitions = reader.array(() => {
        const index = reader.int32();
        const offset = reader.int64();
        reader.int32();
        const note = reader.string();
        const code = reader.int16();
        reader.skipTags();
        return { index, offset, note, code };
      });
      reader.skipTags();
      return { name, partitions };
    });
    return { topics, code: reader.int16() };
  },
};

// ── a connection's beginning, a producer's ───────────────────────────────────────────────────────────────────────────

export const INIT_PRODUCER_ID: RequestKind<undefined, { code: number; producerId: bigint; producerEpoch: number }> = {
  name: 'InitProducerId',
  key: 22,
  version: 3,
  flexible: true,
  write(writer) {
    writer.nullableString(undefined).int32(60_000).int64(-1n).int16(-1).noTags();
  },
  read(reader) {
    reader.int32();
    return { code: reader.int16(), producerId: reader.int64(), producerEpoch: reader.int16() };
  },
};

export const API_VERSIONS: RequestKind<undefined, { code: number; versions: Map<number, { lowest: number; highest: number }> }> = {
  name: 'ApiVersions',
  key: 18,
  version: 0,
  flexible: false,
  write() {},
  read(reader) {
    const code = reader.int16();
    const versions = new Map<number, { lowest: number; highest: number }>();
    for (let count = reader.int32(); count > 0; count--) versions.set(reader.int16(), { lowest: reader.int16(), highest: reader.int16() });
    return { code, versions };
  },
};

export const SASL_HANDSHAKE: RequestKind<{ mechanism: string }, { code: number; mechanisms: string[] }> = {
  name: 'SaslHandshake',
  key: 17,
  version: 1,
  flexible: false,
  write(writer, { mechanism }) {
    writer.shortString(mechanism);
  },
  read(reader) {
    const code = reader.int16();
    const mechanisms: string[] = [];
    for (let count = reader.int32(); count > 0; count--) mechanisms.push(reader.shortString());
    return { code, mechanisms };
  },
};

export const SASL_AUTHENTICATE: RequestKind<{ bytes: Uint8Array }, { code: number; message: string; bytes: Buffer; lifetimeMs: bigint }> = {
  name: 'SaslAuthenticate',
  key: 36,
  version: 2,
  flexible: true,
  write(writer, { bytes }) {
    writer.byteArray(bytes).noTags();
  },
  read(reader) {
    return { code: reader.int16(), message: reader.string(), bytes: reader.byteArray(), lifetimeMs: reader.int64() };
  },
};

/** Every kind, for the check that a broker is new enough. */
export const NEEDED: readonly RequestKind<never, unknown>[] = [METADATA, PRODUCE_BY_NAME, FETCH, LIST_OFFSETS, FIND_COORDINATOR, OFFSET_COMMIT, OFFSET_FETCH, INIT_PRODUCER_ID];
