import { monitorEventLoopDelay } from 'node:perf_hooks';
import { readdirSync } from 'node:fs';
import type { DescMethod } from '@bufbuild/protobuf';
import { type Attributes, context, type Context, metrics, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { logs, SeverityNumber } from '@opentelemetry/api-logs';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { CallError } from './call-error';
import type { Telemetry } from './kit';
import { EVENT_LOOP_RESOLUTION_MS, TELEMETRY_FLUSH_TIMEOUT_MS } from './limits';
import { methodName } from './network';
import type { LogEntry } from './process-log';
import type { RpcRecord, RpcSystem } from './rpc-record';
import type { ProcessTelemetry } from './telemetry';

/** Buckets that the semantic conventions advise for call durations, in seconds. */
const DURATION_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const SEVERITY: Record<LogEntry['level'], SeverityNumber> = { debug: SeverityNumber.DEBUG, info: SeverityNumber.INFO, warn: SeverityNumber.WARN, error: SeverityNumber.ERROR };

/**
 * Traces, metrics and logs by OTLP, configured by the standard OTEL_* variables alone. Instruments follow the semantic
 * conventions (rpc.*, nodejs.*, process.*); what is ours begins with `heliograph.`.
 */
export function startOpenTelemetry(env: NodeJS.ProcessEnv, dcs: string): ProcessTelemetry {
  env['OTEL_SERVICE_NAME'] ??= 'heliograph';
  const sdk = new NodeSDK({ instrumentations: [] });
  sdk.start();
  const tracer = trace.getTracer('heliograph');
  const stopWatching = watchProcess(dcs);
  const logger = logs.getLogger('heliograph');
  return {
    enabled: true,
    of: (service, dc) => serviceTelemetry(service, dc, tracer),
    record: rpcRecord(tracer),
    activeTraceparent: () => traceparentOf(trace.getSpan(context.active())),
    forwardLog: ({ level, message, fields }) => logger.emit({ severityNumber: SEVERITY[level], severityText: level, body: message, attributes: flatAttributes(fields) }),
    shutdown: async () => {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        sdk.shutdown().catch(() => {}),
        new Promise<void>((resolve) => { timer = setTimeout(resolve, TELEMETRY_FLUSH_TIMEOUT_MS); }),
      ]);
      clearTimeout(timer);
      stopWatching();
    },
  };
}

type Tracer = ReturnType<typeof trace.getTracer>;

function serviceTelemetry(service: string, dc: number, tracer: Tracer): Telemetry {
  const meter = metrics.getMeter(`heliograph.${service}`);
  const own: Attributes = { 'heliograph.service': service, 'heliograph.dc': dc };
  const withOwn = (attributes: Attributes | undefined): Attributes => (attributes === undefined ? own : { ...own, ...attributes });
  return {
    enabled: true,
    counter: (name, unit, description) => {
      const counter = meter.createCounter(name, { unit, description });
      return { add: (value, attributes) => counter.add(value, withOwn(attributes)) };
    },
    histogram: (name, unit, description) => {
      const histogram = meter.createHistogram(name, { unit, description, advice: unit === 's' ? { explicitBucketBoundaries: DURATION_BUCKETS_S } : {} });
      return { record: (value, attributes) => histogram.record(value, withOwn(attributes)) };
    },
    gauge: (name, unit, description, read) => {
      meter.createObservableGauge(name, { unit, description }).addCallback((result) => result.observe(read(), own));
    },
    span: (name, attributes, task) => tracer.startActiveSpan(name, { attributes: { ...own, ...attributes } }, async (span) => {
      try {
        return await task();
      } catch (error) {
        failed(span, error);
        throw error;
      } finally {
        span.end();
      }
    }),
  };
}

function rpcRecord(tracer: Tracer): RpcRecord {
  const meter = metrics.getMeter('heliograph.rpc');
  const duration = (side: 'client' | 'server') => meter.createHistogram(`rpc.${side}.call.duration`, { unit: 's', description: `Duration of calls, ${side} side`, advice: { explicitBucketBoundaries: DURATION_BUCKETS_S } });
  const durations = { client: duration('client'), server: duration('server') };
  const begin = (method: DescMethod, side: 'client' | 'server', system: RpcSystem, parent: Context) => {
    const attributes: Attributes = { 'rpc.system.name': system, 'rpc.method': methodName(method) };
    const started = performance.now();
    const span = tracer.startSpan(methodName(method), { kind: side === 'client' ? SpanKind.CLIENT : SpanKind.SERVER, attributes }, parent);
    return {
      span,
      end: (error?: unknown): void => {
        const status = error === undefined ? 'OK' : error instanceof CallError ? error.code : 'INTERNAL';
        const outcome: Attributes = error === undefined ? { 'rpc.response.status_code': status } : { 'rpc.response.status_code': status, 'error.type': status };
        span.setAttributes(outcome);
        if (error !== undefined) failed(span, error);
        span.end();
        durations[side].record((performance.now() - started) / 1000, { ...attributes, ...outcome });
      },
    };
  };
  const within = async <T>(call: ReturnType<typeof begin>, parent: Context, run: () => Promise<T>): Promise<T> => {
    try {
      const result = await context.with(trace.setSpan(parent, call.span), run);
      call.end();
      return result;
    } catch (error) {
      call.end(error);
      throw error;
    }
  };
  return {
    client: (method, system, run) => {
      const parent = context.active();
      const call = begin(method, 'client', system, parent);
      return within(call, parent, () => run(traceparentOf(call.span)));
    },
    server: (method, system, traceparent, run) => {
      const parent = contextOf(traceparent);
      return within(begin(method, 'server', system, parent), parent, run);
    },
    stream: (method, side, system, traceparent) => {
      const call = begin(method, side, system, side === 'client' ? context.active() : contextOf(traceparent));
      return { traceparent: traceparentOf(call.span), end: call.end };
    },
  };
}

function failed(span: Span, error: unknown): void {
  // Only what the closed set says: a message may hold private content.
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof CallError ? error.code : error instanceof Error ? error.name : 'error' });
}

/** W3C trace context (https://www.w3.org/TR/trace-context/#traceparent-header). */
export function traceparentOf(span: Span | undefined): string {
  if (span === undefined) return '';
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The context that a traceparent names; a root context for one that is empty or malformed. */
export function contextOf(traceparent: string): Context {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent);
  if (match === null || /^0+$/.test(match[1] as string) || /^0+$/.test(match[2] as string)) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId: match[1] as string, spanId: match[2] as string, traceFlags: Number.parseInt(match[3] as string, 16), isRemote: true });
}

function flatAttributes(fields: Record<string, unknown>): Record<string, string | number | boolean> {
  const flat: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    flat[name] = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : JSON.stringify(value);
  }
  return flat;
}

/** Health of the process itself: event loop, CPU, memory, open files. */
function watchProcess(dcs: string): () => void {
  const meter = metrics.getMeter('heliograph.process');
  const own: Attributes = { 'heliograph.dcs': dcs };
  const loop = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS });
  loop.enable();
  const seconds = (nanoseconds: number): number => (Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0);
  const delays = (['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'] as const).map((part) => [part, meter.createObservableGauge(`nodejs.eventloop.delay.${part}`, { unit: 's', description: `Event loop delay, ${part}` })] as const);
  const utilization = meter.createObservableGauge('nodejs.eventloop.utilization', { unit: '1', description: 'Share of time the event loop is busy' });
  const cpu = meter.createObservableCounter('process.cpu.time', { unit: 's', description: 'CPU seconds by mode' });
  const memory = meter.createObservableUpDownCounter('process.memory.usage', { unit: 'By', description: 'Resident memory' });
  const heap = meter.createObservableUpDownCounter('v8js.memory.heap.used', { unit: 'By', description: 'Used JavaScript heap' });
  const files = meter.createObservableUpDownCounter('process.unix.file_descriptor.count', { unit: '{file_descriptor}', description: 'Open files and sockets' });
  const uptime = meter.createObservableGauge('process.uptime', { unit: 's', description: 'Time since the process started' });
  let last = performance.eventLoopUtilization();
  const all = [...delays.map(([, gauge]) => gauge), utilization, cpu, memory, heap, files, uptime];
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    const read = { min: loop.min, max: loop.max, mean: loop.mean, stddev: loop.stddev, p50: loop.percentile(50), p90: loop.percentile(90), p99: loop.percentile(99) };
    for (const [part, gauge] of delays) result.observe(gauge, seconds(read[part]), own);
    loop.reset();
    const now = performance.eventLoopUtilization();
    result.observe(utilization, performance.eventLoopUtilization(now, last).utilization, own);
    last = now;
    const { user, system } = process.cpuUsage();
    result.observe(cpu, user / 1e6, { ...own, 'cpu.mode': 'user' });
    result.observe(cpu, system / 1e6, { ...own, 'cpu.mode': 'system' });
    const { rss, heapUsed } = process.memoryUsage();
    result.observe(memory, rss, own);
    result.observe(heap, heapUsed, own);
    result.observe(uptime, process.uptime(), own);
    const open = openFiles();
    if (open !== undefined) result.observe(files, open, own);
  };
  meter.addBatchObservableCallback(observe, all);
  return () => {
    meter.removeBatchObservableCallback(observe, all);
    loop.disable();
  };
}

function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
