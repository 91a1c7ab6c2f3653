import { LogRefused, LogUnavailable } from '../errors';
import type { AppendRecord, LogRecord, Topic } from '../event-log';
import { EPOCH_RECORDS_MAX } from './limits';

/**
 * Which incarnations topics had, in the order in which they were noticed. One partition, never trimmed; a record says "topic T has the
 * id X now, and its epoch is to be F at the least". Key: topic. Value: JSON {id, floor}.
 */
export const EPOCHS_TOPIC: Topic = { name: 'heliograph-epochs', partitions: 1, durability: 'durable', retentionMs: -1, recordBytesMax: 1_024 };

interface Incarnations {
  /** Epoch by topic id. */
  readonly epochs: Map<string, number>;
  highest: number;
}

/** What the epochs' log says so far. A pure function of its records in their order, so every process comes to the same answer. */
export class EpochTable {
  private readonly topics = new Map<string, Incarnations>();
  /** Offset of the next record. */
  next = 0n;

  /**
   * The first record of an id gives it the epoch above all before, for ever: effects bear it in their versions, and under another one the
   * same records would be applied again.
   */
  take(record: LogRecord): void {
    this.next = record.offset + 1n;
    const claim = readClaim(record.value);
    if (claim === undefined) return;
    const { id, floor } = claim;
    const topic = this.topics.get(record.key) ?? { epochs: new Map<string, number>(), highest: 0 };
    this.topics.set(record.key, topic);
    if (topic.epochs.has(id)) return;
    topic.highest = Math.max(topic.highest + 1, floor);
    topic.epochs.set(id, topic.highest);
  }

  find(topic: string, id: string): number | undefined {
    return this.topics.get(topic)?.epochs.get(id);
  }
}

function readClaim(value: Uint8Array): { id: string; floor: number } | undefined {
  try {
    const { id, floor } = JSON.parse(Buffer.from(value).toString()) as { id?: unknown; floor?: unknown };
    return typeof id === 'string' && typeof floor === 'number' && Number.isInteger(floor) && floor >= 1 ? { id, floor } : undefined;
  } catch {
    return undefined;
  }
}

export interface EpochsTransport {
  /** The topic's id now, asked of Kafka. */
  topicId(topic: string): Promise<string>;
  append(records: readonly AppendRecord[]): Promise<void>;
  /** Records of the epochs' topic from an offset on; none at its end. */
  read(from: bigint): Promise<LogRecord[]>;
  /** The end of the epochs' topic, asked now. */
  end(): Promise<bigint>;
}

/**
 * Epochs of topics: raised whenever a topic was made anew. Kafka gives every incarnation of a topic another id, and a log of ids gives
 * them an order that all processes share.
 */
export class Epochs {
  private readonly table = new EpochTable();
  private turn: Promise<void> = Promise.resolve();

  /** @param floor the lowest epoch that a topic made anew gets: for a Kafka that was lost with its epochs while the tables were kept */
  constructor(private readonly transport: EpochsTransport, private readonly floor: number) {}

  /** Id and epoch of the topic as it is now. Throws LogUnavailable, LogTimeout, LogRefused. */
  current(topic: string): Promise<{ id: string; epoch: number }> {
    const asked = this.turn.then(() => this.ask(topic));
    this.turn = asked.then(() => {}, () => {});
    return asked;
  }

  /** The epoch of an incarnation, if it was asked for before. */
  known(topic: string, id: string): number | undefined {
    return this.table.find(topic, id);
  }

  private async ask(topic: string): Promise<{ id: string; epoch: number }> {
    for (let attempt = 0; attempt < 5; attempt++) {
      const id = await this.transport.topicId(topic);
      await this.catchUp();
      if (this.table.find(topic, id) === undefined) {
        await this.transport.append([{ key: topic, value: Buffer.from(JSON.stringify({ id, floor: this.floor })) }]);
        await this.catchUp();
      }
      const epoch = this.table.find(topic, id);
      // Made anew in between: the epoch of what is gone helps nobody.
      if (epoch !== undefined && await this.transport.topicId(topic) === id) return { id, epoch };
    }
    throw new LogUnavailable(`topic ${topic} is made anew again and again`);
  }

  private async catchUp(): Promise<void> {
    const end = await this.transport.end();
    if (end < this.table.next) throw new LogRefused(`${EPOCHS_TOPIC.name} is shorter than it was: it was made anew. Restart with HELIOGRAPH_KAFKA_EPOCH_FLOOR above every epoch given before`);
    while (this.table.next < end) {
      const records = await this.transport.read(this.table.next);
      for (const record of records) this.table.take(record);
      if (this.table.next > EPOCH_RECORDS_MAX) throw new LogRefused(`${EPOCHS_TOPIC.name} holds more than ${EPOCH_RECORDS_MAX} records`);
      if (records.length === 0) throw new LogUnavailable(`${EPOCHS_TOPIC.name} gives no record at ${this.table.next}, though it ends at ${end}`);
    }
  }
}
