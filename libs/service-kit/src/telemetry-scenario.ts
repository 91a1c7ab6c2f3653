import { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import { CallError } from './call-error';
import type { Logger } from './kit';
import { LocalNetwork } from './local-network';
import { processLog } from './process-log';
import { startTelemetry } from './telemetry';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** For the tests: a process of its own that makes two calls under telemetry, prints its log, and the traceparent that its handler saw. */
async function scenario(): Promise<void> {
  const telemetry = await startTelemetry(process.env, '2');
  const log = processLog({ level: 'info', format: 'json', activeTraceparent: () => telemetry.activeTraceparent(), write: (line) => void process.stdout.write(line), forward: telemetry.forwardLog });
  const network = new LocalNetwork({ log: () => silent, record: telemetry.record });
  let traceparent = '';
  network.serve({ dc: 2, service: 'keyring', owner: undefined }, KeyringService, {
    getSecret: async () => ({}),
    getDataKey: async (_request, context) => {
      traceparent = context.traceparent;
      log.of('keyring', 2).info({ version: 1 }, 'made');
      return {};
    },
    deleteDataKey: () => Promise.reject(new CallError('NOT_FOUND', 'no such key')),
  });
  const client = network.client({ dc: 2, service: 'test', owner: undefined }, KeyringService);
  telemetry.of('keyring', 2).counter('heliograph.keyring.keys', '{key}', 'Keys made').add(2, { kind: 'dialog' });
  await telemetry.of('keyring', 2).span('outer', {}, async () => client.getDataKey({}));
  await client.deleteDataKey({}).catch(() => {});
  await telemetry.shutdown();
  const loaded = Object.keys(require.cache).filter((path) => path.includes('@opentelemetry'));
  process.stdout.write(`${JSON.stringify({ traceparent, loaded: loaded.length })}\n`);
}

void scenario();
