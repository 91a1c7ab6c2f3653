import type { EventLog, RecordBatch, Subscription } from '@heliograph/event-log/event-log';
import type { Clock, Logger } from '@heliograph/service-kit/kit';
import { RELAY_BATCH_COMMANDS, RETRY_FIRST_MS, RETRY_LONGEST_MS } from './limits';
import { BOX_RELAY } from './topics';

const GROUP = 'box-relay';

/**
 * Carries derived commands to one other DC: in order, the position moved after that DC has them durable. What is carried twice is
 * dropped there by its origin. Commands that are not durable here are not carried: after a crash others would take their place.
 */
export class RelayForwarder {
  private subscription: Subscription | undefined;
  private closed = false;

  constructor(
    private readonly deps: { eventLog: EventLog; clock: Clock; log: Logger; relay(dc: number, commands: Uint8Array[]): Promise<void> },
    private readonly dc: number,
  ) {}

  async start(): Promise<void> {
    const { eventLog, log } = this.deps;
    const { earliest } = await eventLog.bounds(BOX_RELAY, this.dc);
    const from = await eventLog.findPosition(GROUP, BOX_RELAY, this.dc) ?? earliest;
    this.subscription = await eventLog.subscribe(BOX_RELAY, this.dc, from, (batch) => this.forward(batch));
    void this.subscription.ended.then((error) => { if (error !== undefined) log.error({ dc: this.dc, error: String(error) }, 'the relay to another data center stopped; restart the engine'); });
  }

  private async forward(batch: RecordBatch): Promise<void> {
    await batch.durable;
    for (let index = 0; index < batch.records.length && !this.closed; index += RELAY_BATCH_COMMANDS) {
      const records = batch.records.slice(index, index + RELAY_BATCH_COMMANDS);
      const last = records[records.length - 1];
      if (last === undefined || !await this.carry(records.map((record) => record.value))) return;
      await this.deps.eventLog.storePosition(GROUP, BOX_RELAY, this.dc, last.offset + 1n)
        .catch((error: unknown) => this.deps.log.warn({ dc: this.dc, error: String(error) }, 'the position of a relay was not stored; commands may be carried again'));
    }
  }

  /** Repeats until that DC has them; false when the engine ends first. */
  private async carry(commands: Uint8Array[]): Promise<boolean> {
    for (let pause = RETRY_FIRST_MS; !this.closed; pause = Math.min(pause * 2, RETRY_LONGEST_MS)) {
      try {
        await this.deps.relay(this.dc, commands);
        return true;
      } catch (error) {
        this.deps.log.warn({ dc: this.dc, error: String(error) }, 'another data center did not take relayed commands; repeating');
        await this.deps.clock.sleep(pause);
      }
    }
    return false;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.subscription?.close();
  }
}
