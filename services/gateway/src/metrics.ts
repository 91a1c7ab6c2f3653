import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Counter, Histogram, Telemetry } from '@heliograph/service-kit/kit';

/** The gateway's own instruments. */
export interface Metrics {
  accepted: Counter;
  closed: Counter;
  handshakes: Counter;
  packetsIn: Counter;
  packetsOut: Counter;
  messagesIn: Counter;
  messagesOut: Counter;
  badMessages: Counter;
  deliveries: Counter;
  failures: Counter;
  batch: Histogram;
  queryDuration: Histogram;
}

export function createMetrics(telemetry: Telemetry): Metrics {
  const { counter, histogram } = { counter: telemetry.counter.bind(telemetry), histogram: telemetry.histogram.bind(telemetry) };
  return {
    accepted: counter('heliograph.gateway.connections.accepted', '{connection}', 'Client connections taken'),
    closed: counter('heliograph.gateway.connections.closed', '{connection}', 'Client connections closed, by reason'),
    handshakes: counter('heliograph.gateway.handshakes', '{handshake}', 'Key exchanges, by outcome'),
    packetsIn: counter('heliograph.gateway.packets.received', '{packet}', 'MTProto packets from clients'),
    packetsOut: counter('heliograph.gateway.packets.sent', '{packet}', 'MTProto packets to clients'),
    messagesIn: counter('heliograph.gateway.messages.received', '{message}', 'Messages from clients, containers opened'),
    messagesOut: counter('heliograph.gateway.messages.sent', '{message}', 'Messages to clients, containers opened'),
    badMessages: counter('heliograph.gateway.messages.refused', '{message}', 'Messages answered with bad_msg_notification, by code'),
    deliveries: counter('heliograph.gateway.pushes', '{update}', 'Updates pushed to sessions'),
    failures: counter('heliograph.gateway.failures', '{failure}', 'What went wrong inside'),
    batch: histogram('heliograph.gateway.batch.size', '{recipient}', 'Recipients of one body encrypted together'),
    queryDuration: histogram('heliograph.gateway.query.duration', 's', 'Time from query to answer, by method'),
  };
}

/** Gauges of a running gateway. */
export function observe(telemetry: Telemetry, read: { connections(): number; sessions(): number; keys(): number; memberships(): number }): void {
  telemetry.gauge('heliograph.gateway.connections', '{connection}', 'Open client connections', read.connections);
  telemetry.gauge('heliograph.gateway.sessions', '{session}', 'Sessions in memory', read.sessions);
  telemetry.gauge('heliograph.gateway.auth_keys', '{key}', 'Auth keys in memory', read.keys);
  telemetry.gauge('heliograph.gateway.memberships', '{member}', 'Members of channels who are online here, each counted in each', read.memberships);
  if (!telemetry.enabled) return;
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  telemetry.gauge('heliograph.gateway.event_loop.delay.p99', 's', 'Event-loop delay, 99th percentile since the last reading', () => {
    const seconds = delay.percentile(99) / 1e9;
    delay.reset();
    return seconds;
  });
}
