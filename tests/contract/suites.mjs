// The four ports, their adapters, and where each runs its contract. A suite is added here when an adapter is.

/**
 * @typedef {object} Adapter
 * @property {string} engine as printed
 * @property {'embedded' | 'real'} kind
 * @property {string} test the file that runs the port's contract on it
 * @property {string} module where its opener is; the test imports it from there
 * @property {string} opener function that opens it
 * @property {'storage' | 'eventLog'} [part] what of the opener's answer is the port, when it answers more
 * @property {'cassandra' | 'kafka' | 'redis' | 's3'} [needs]
 */

/** @type {Record<'storage' | 'event-log' | 'ephemeral' | 'blob', Adapter[]>} */
export const SUITES = {
  storage: [
    { engine: 'embedded', kind: 'embedded', test: 'libs/storage/src/embedded.test.ts', module: 'libs/storage/src/embedded', opener: 'openEmbeddedStorage', part: 'storage' },
    { engine: 'memory', kind: 'embedded', test: 'libs/storage/src/memory.test.ts', module: 'libs/storage/src/memory', opener: 'openMemoryStorage' },
    { engine: 'cassandra', kind: 'real', test: 'libs/storage/src/cassandra.engine-test.ts', module: 'libs/storage/src/cassandra', opener: 'openCassandra', needs: 'cassandra' },
  ],
  'event-log': [
    { engine: 'embedded', kind: 'embedded', test: 'libs/event-log/src/embedded.test.ts', module: 'libs/event-log/src/embedded', opener: 'openEmbedded', part: 'eventLog' },
    { engine: 'memory', kind: 'embedded', test: 'libs/event-log/src/memory.test.ts', module: 'libs/event-log/src/memory', opener: 'openMemoryEventLog' },
    { engine: 'kafka', kind: 'real', test: 'libs/event-log/src/kafka.engine-test.ts', module: 'libs/event-log/src/kafka', opener: 'openKafka', needs: 'kafka' },
  ],
  ephemeral: [
    { engine: 'memory', kind: 'embedded', test: 'libs/ephemeral/src/memory.test.ts', module: 'libs/ephemeral/src/memory', opener: 'openMemoryEphemeral' },
    { engine: 'redis', kind: 'real', test: 'libs/ephemeral/src/redis.engine-test.ts', module: 'libs/ephemeral/src/redis', opener: 'openRedis', needs: 'redis' },
  ],
  blob: [
    { engine: 'files', kind: 'embedded', test: 'libs/blob/src/files.test.ts', module: 'libs/blob/src/files', opener: 'openFileBlob' },
    { engine: 's3', kind: 'real', test: 'libs/blob/src/s3.engine-test.ts', module: 'libs/blob/src/s3', opener: 'openS3', needs: 's3' },
  ],
};

/**
 * Faults that are planted into every adapter of a port (src/faults.ts makes them), and the tests that are run to find each: a part of the
 * contract, to save time. Each must be found.
 * @type {Record<keyof typeof SUITES, { fault: string, among: string }[]>}
 */
export const FAULTS = {
  storage: [
    { fault: 'the last write of a batch is lost', among: 'batch' },
    { fault: 'an older write wins when it comes late', among: 'versions' },
    { fault: 'a range comes reversed', among: 'ranges' },
    { fault: 'a time to live is ignored', among: 'expiry|time to live|TTL' },
    { fault: 'a condition is judged before the write, not with it', among: 'conditions' },
  ],
  'event-log': [
    { fault: 'a record is delivered twice', among: 'subscriber' },
    { fault: 'neighbours are delivered in the wrong order', among: 'subscriber' },
    { fault: 'the last record of a full page is lost', among: 'read' },
    { fault: 'a stored position is one too far', among: 'positions' },
  ],
  ephemeral: [
    { fault: 'a counter lives longer than it was told', among: 'counters' },
    { fault: 'set if absent looks first and sets then', among: 'values' },
    { fault: 'an exchange looks first and sets then', among: 'values' },
    { fault: 'adding what a set has does not renew it', among: 'sets' },
    { fault: 'a message is heard twice', among: 'messages' },
    { fault: 'messages overtake each other', among: 'messages' },
  ],
  blob: [
    { fault: 'a range is torn: its second half comes from elsewhere', among: 'borders|ranges|in parts' },
    { fault: 'a put is seen half written', among: 'mixture' },
    { fault: 'parts are joined in the order of their coming', among: 'order of its parts' },
    { fault: 'what is not there is empty', among: 'not there' },
  ],
};
