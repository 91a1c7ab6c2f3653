import type { EventLog, RecordBatch, Subscription } from '@heliograph/event-log/event-log';
import type { Clock, Logger } from '@heliograph/service-kit/kit';
import { RELAY_BATCH_COMMANDS, RETRY_FIRST_MS, RETRY_LONGEST_MS } from './limits';
import { BOX_RELAY } from './topics';

/** Whose positions tell what another DC has taken. */
export const RELAY_GROUP = 'box-relay';

/**
 * Carries derived commands to one other DC: in order, the position moved after that DC has them durable. What is carried twice, by this
 * forwarder or by one that was given up and woke, is dropped there by its origin. Commands that are not durable here are not carried: after
 * a crash others would take their place.
 */
export class RelayForwarder {
  private subscription: Subscription | undefined;
  private readonly stopped = new AbortController();

  constructor(
    private readonly deps: { eventLog: EventLog; clock: Clock; log: Logger; relay(dc: number, commands: Uint8Array[], signal?: AbortSignal): Promise<void> },
    private readonly dc: number,
  ) {}

  /** Begins at the stored position. */
  async start(): Promise<void> {
    const { eventLog } = this.deps;
    const { earliest } = await eventLog.bounds(BOX_RELAY, this.dc);
    const from = await eventLog.findPosition(RELAY_GROUP, BOX_RELAY, this.dc) ?? earliest;
    if (this.closed) return;
    const subscription = await eventLog.subscribe(BOX_RELAY, this.dc, from, (batch) => this.forward(batch));
    this.subscription = subscription;
    if (this.closed) return subscription.close();
    void subscription.ended.then((error) => { if (error !== undefined) void this.beginAgain(error); });
  }

  private get closed(): boolean {
    return this.stopped.signal.aborted;
  }

  /** The log could not be read on. */
  private async beginAgain(error: Error): Promise<void> {
    const { clock, log } = this.deps;
    let reason: unknown = error;
    for (let pause = RETRY_FIRST_MS; !this.closed; pause = Math.min(pause * 2, RETRY_LONGEST_MS)) {
      log.error({ dc: this.dc, error: String(reason) }, 'the relay to another data center stopped; it begins again from its position');
      await clock.sleep(pause, this.stopped.signal);
      if (this.closed) return;
      try {
        return await this.start();
      } catch (failure) {
        reason = failure;
      }
    }
  }

  private async forward(batch: RecordBatch): Promise<void> {
    await batch.durable;
    for (let index = 0; index < batch.records.length && !this.closed; index += RELAY_BATCH_COMMANDS) {
      const records = batch.records.slice(index, index + RELAY_BATCH_COMMANDS);
      const last = records[records.length - 1];
      if (last === undefined || !await this.carry(records.map((record) => record.value))) return;
      await this.deps.eventLog.storePosition(RELAY_GROUP, BOX_RELAY, this.dc, last.offset + 1n)
        .catch((error: unknown) => this.deps.log.warn({ dc: this.dc, error: String(error) }, 'the position of a relay was not stored; commands may be carried again'));
    }
  }

  /** Repeats until that DC has them; false when the engine ends first. */
  private async carry(commands: Uint8Array[]): Promise<boolean> {
    for (let pause = RETRY_FIRST_MS; !this.closed; pause = Math.min(pause * 2, RETRY_LONGEST_MS)) {
      try {
        await this.deps.relay(this.dc, commands, this.stopped.signal);
        return true;
      } catch (error) {
        if (this.closed) return false;
        this.deps.log.warn({ dc: this.dc, error: String(error) }, 'another data center did not take relayed commands; repeating');
        await this.deps.clock.sleep(pause, this.stopped.signal);
      }
    }
    return false;
  }

  /** Stops; a call that is under way is given up, and repeated by who carries next. */
  async close(): Promise<void> {
    this.stopped.abort();
    await this.subscription?.close();
  }
}
