import { LogTimeout } from './errors';
import type { Appended, AppendRecord, EventLog, Topic } from './event-log';

/**
 * What happens to an append: `ok`; `timeout-written` and `timeout-lost` both answer LogTimeout, and the caller can't tell them
 * apart; `twice`: the records are in the log two times, as after a producer's retry.
 */
export type AppendFault = 'ok' | 'timeout-written' | 'timeout-lost' | 'twice';

export interface LogFaults {
  /** Asked before each append. */
  append?(topic: Topic, partition: number, records: readonly AppendRecord[]): AppendFault;
}

const failed = (): Appended => {
  const promise = Promise.reject<never>(new LogTimeout('timed out by the test'));
  promise.catch(() => {});
  return { firstOffset: promise, durable: promise };
};

/** The same log, failing when `faults` says so. */
export function withLogFaults(log: EventLog, faults: LogFaults): EventLog {
  return {
    ensureTopics: (topics) => log.ensureTopics(topics),
    epoch: (topic) => log.epoch(topic),
    append(topic, partition, records) {
      const fault = faults.append?.(topic, partition, records) ?? 'ok';
      if (fault === 'timeout-lost') return failed();
      if (fault === 'twice') log.append(topic, partition, records);
      const appended = log.append(topic, partition, records);
      return fault === 'timeout-written' ? failed() : appended;
    },
    read: (topic, partition, from, limit) => log.read(topic, partition, from, limit),
    subscribe: (topic, partition, from, handler, options) => log.subscribe(topic, partition, from, handler, options),
    bounds: (topic, partition) => log.bounds(topic, partition),
    findPosition: (group, topic, partition) => log.findPosition(group, topic, partition),
    storePosition: (group, topic, partition, next) => log.storePosition(group, topic, partition, next),
    close: () => log.close(),
  };
}
