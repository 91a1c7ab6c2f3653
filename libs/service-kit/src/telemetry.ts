import type { Telemetry } from './kit';
import type { LogEntry } from './process-log';
import type { RpcRecord } from './rpc-record';

/** What a process observes itself with: instruments per service, records of calls, and an end. */
export interface ProcessTelemetry {
  readonly enabled: boolean;
  /** Instruments of one service. */
  of(service: string, dc: number): Telemetry;
  /** Absent when off. */
  readonly record: RpcRecord | undefined;
  /** traceparent of the running span, or empty. */
  activeTraceparent(): string;
  /** Sends log records by OTLP; absent when no log exporter is wanted. */
  readonly forwardLog?: (record: LogEntry) => void;
  /** Sends what is left; resolves at the latest after TELEMETRY_FLUSH_TIMEOUT_MS. */
  shutdown(): Promise<void>;
}

const nothing = { add() {}, record() {} };

/** Instruments that do nothing. */
export const telemetryOff: Telemetry = {
  enabled: false,
  counter: () => nothing,
  histogram: () => nothing,
  gauge() {},
  span: (_name, _attributes, task) => task(),
};

export const processTelemetryOff: ProcessTelemetry = {
  enabled: false,
  of: () => telemetryOff,
  record: undefined,
  activeTraceparent: () => '',
  shutdown: () => Promise.resolve(),
};

/** True when the standard OpenTelemetry variables name somewhere to send to. */
export function telemetryWanted(env: NodeJS.ProcessEnv): boolean {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return false;
  return ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', 'OTEL_TRACES_EXPORTER', 'OTEL_METRICS_EXPORTER', 'OTEL_LOGS_EXPORTER']
    .some((name) => (env[name] ?? '') !== '' && env[name] !== 'none');
}

/** Loads OpenTelemetry only when it is wanted: off, it costs not even the reading of its packages. */
export async function startTelemetry(env: NodeJS.ProcessEnv, dc: string): Promise<ProcessTelemetry> {
  if (!telemetryWanted(env)) return processTelemetryOff;
  const { startOpenTelemetry } = await import('@heliograph/service-kit/open-telemetry');
  return startOpenTelemetry(env, dc);
}
