import { BOX_UPDATES } from '@heliograph/box/topics';
import { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Kit, ServiceDefinition } from '@heliograph/service-kit/kit';
import { pushBoxUpdates } from './consumers/box-updates';
import type { Deps } from './deps';
import { onPublishedElsewhere, PUBLISHED_CHANNEL } from './published';
import { Routes } from './routes';
import { attach } from './rpc/attach';
import { publish } from './rpc/publish';

/** Composition root of `fanout`: streams what changes to the gateways that hold an interested session. */
async function compose(kit: Kit): Promise<void> {
  const { telemetry } = kit;
  const routes = new Routes(kit.clock);
  const deps: Deps = {
    routes,
    keyring: kit.keyring,
    ephemeral: kit.ephemeral,
    clock: kit.clock,
    log: kit.log,
    replica: Buffer.from(kit.random(8)).toString('hex'),
    metrics: {
      frameSize: telemetry.histogram('heliograph.fanout.frame.size', '{push}', 'Pushes in one frame to a gateway'),
      lag: telemetry.histogram('heliograph.fanout.lag', 's', 'Age of a change when it is queued for its gateways'),
      pushed: telemetry.counter('heliograph.fanout.pushes', '{push}', 'Pushes handed to attached gateways'),
      overflows: telemetry.counter('heliograph.fanout.overflows', '{stream}', 'Streams ended because the gateway took too little'),
      failures: telemetry.counter('heliograph.fanout.failures', '{failure}', 'Events and messages that could not be read or rendered'),
    },
  };
  telemetry.gauge('heliograph.fanout.gateways', '{gateway}', 'Attached gateways', () => routes.gateways);
  await kit.eventLog.ensureTopics([BOX_UPDATES]);
  const published = await kit.ephemeral.subscribe(PUBLISHED_CHANNEL, (message) => onPublishedElsewhere(deps, message));
  // Every replica reads every partition from now on and renders only for the users of its own gateways; what came before, their sessions
  // ask for when their gateway attaches.
  const subscriptions = await Promise.all(Array.from({ length: BOX_UPDATES.partitions }, async (_, partition) => {
    const { next } = await kit.eventLog.bounds(BOX_UPDATES, partition);
    return kit.eventLog.subscribe(BOX_UPDATES, partition, next, ({ records }) => pushBoxUpdates(deps, records));
  }));
  kit.onDrain(async () => {
    routes.close();
    await published.close();
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
  });
  kit.serve(FanoutService, {
    attach: (requests, context) => attach(deps, requests, context),
    publish: (request) => publish(deps, request),
  });
}

export const fanoutService: ServiceDefinition = { name: 'fanout', uses: ['eventLog', 'ephemeral'], compose };
