import { PlacedRecordsTaker } from '@heliograph/box/placed-records';
import { BOX_UPDATES } from '@heliograph/box/topics';
import { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { PlacedRecordsService } from '@heliograph/protos/heliograph/messagestore/v1/placed_records_pb';
import type { Kit, ServiceDefinition } from '@heliograph/service-kit/kit';
import { BoxFeeds } from './box-feeds';
import { pushBoxUpdates } from './consumers/box-updates';
import type { Deps } from './deps';
import { FEED_SWEEP_MS } from './limits';
import { RecentAuthors } from './recent-authors';
import { Routes } from './routes';
import { attach } from './rpc/attach';
import { publish } from './rpc/publish';

/** Composition root of `fanout`: streams what changes to the gateways that hold an interested session. */
async function compose(kit: Kit): Promise<void> {
  const { telemetry } = kit;
  const routes = new Routes(kit.clock);
  const authors = new RecentAuthors();
  const feeds = new BoxFeeds({
    eventLog: kit.eventLog,
    clock: kit.clock,
    log: kit.log,
    take: (records) => pushBoxUpdates(deps, records),
    followed: (slice, gap) => {
      if (gap) authors.clear();
      routes.followed(slice, gap);
    },
  });
  const deps: Deps = {
    routes,
    authors,
    keyring: kit.keyring,
    feeds,
    clock: kit.clock,
    log: kit.log,
    others: () => kit.replicas(FanoutService).filter((_replica, index) => index !== kit.replica.index),
    metrics: {
      frameSize: telemetry.histogram('heliograph.fanout.frame.size', '{push}', 'Pushes in one frame to a gateway'),
      lag: telemetry.histogram('heliograph.fanout.lag', 's', 'Age of a change when it is queued for its gateways'),
      pushed: telemetry.counter('heliograph.fanout.pushes', '{push}', 'Pushes handed to attached gateways'),
      overflows: telemetry.counter('heliograph.fanout.overflows', '{stream}', 'Streams ended because the gateway took too little'),
      failures: telemetry.counter('heliograph.fanout.failures', '{failure}', 'Events and messages that could not be read or rendered'),
    },
  };
  telemetry.gauge('heliograph.fanout.gateways', '{gateway}', 'Attached gateways', () => routes.gateways);
  const taker = new PlacedRecordsTaker(kit, BOX_UPDATES);
  kit.serve(PlacedRecordsService, { takeRecords: (request) => taker.takeRecords(request) }, { owner: 'fanout' });
  await kit.eventLog.ensureTopics([BOX_UPDATES]);
  // The only replica follows everything from its start, so that nobody has to ask for what came before.
  if (kit.replica.count === 1) await feeds.wantAll();
  const sweeps = kit.clock.every(FEED_SWEEP_MS, () => feeds.sweep());
  kit.onDrain(async () => {
    sweeps.stop();
    routes.close();
    await feeds.close();
  });
  kit.serve(FanoutService, {
    attach: (requests, context) => attach(deps, requests, context),
    publish: (request) => publish(deps, request),
  });
}

export const fanoutService: ServiceDefinition = { name: 'fanout', uses: ['eventLog'], compose };
