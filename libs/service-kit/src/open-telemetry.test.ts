import { execFile, execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { telemetryWanted } from './telemetry';

interface OtlpSpan { name: string; traceId: string; spanId: string; parentSpanId?: string; kind: number; attributes: { key: string; value: { stringValue?: string } }[] }

const root = join(__dirname, '..', '..', '..');

describe('OpenTelemetry', () => {
  let collector: Server;
  const received: Record<string, unknown[]> = {};

  beforeAll(async () => {
    execFileSync(process.execPath, ['tools/build.mjs'], { cwd: root });
    collector = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      (received[request.url ?? ''] ??= []).push(JSON.parse(body));
      response.end('{}');
    });
    await new Promise<void>((resolve) => { collector.listen(0, '127.0.0.1', resolve); });
  }, 60_000);
  afterAll(() => {
    collector.closeAllConnections();
    collector.close();
  });

  const scenario = async (env: Record<string, string>): Promise<Record<string, unknown>[]> => {
    const { stdout } = await promisify(execFile)(process.execPath, ['libs/service-kit/dist/telemetry-scenario.js'], { cwd: root, env: { PATH: process.env['PATH'], ...env } });
    return stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  };

  test('calls are spans of one trace, counted by the current conventions, and logs carry their ids', async () => {
    const [logged, end] = await scenario({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' });
    const spans = (received['/v1/traces'] as { resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[] }[]).flatMap((batch) => batch.resourceSpans).flatMap((resource) => resource.scopeSpans).flatMap((scope) => scope.spans);
    const named = (name: string, kind: number): OtlpSpan => spans.find((span) => span.name === name && span.kind === kind) as OtlpSpan;
    const outer = named('outer', 1);
    const calling = named('heliograph.keyring.v1.KeyringService/GetDataKey', 3);
    const handling = named('heliograph.keyring.v1.KeyringService/GetDataKey', 2);
    expect(calling.parentSpanId).toBe(outer.spanId);
    expect(handling.parentSpanId).toBe(calling.spanId);
    expect(handling.traceId).toBe(outer.traceId);
    expect(end).toMatchObject({ traceparent: `00-${calling.traceId}-${calling.spanId}-01` });
    expect(handling.attributes).toContainEqual({ key: 'rpc.system.name', value: { stringValue: 'in_process' } });
    expect(named('heliograph.keyring.v1.KeyringService/DeleteDataKey', 2).attributes).toContainEqual({ key: 'rpc.response.status_code', value: { stringValue: 'NOT_FOUND' } });
    expect(logged).toMatchObject({ message: 'made', service: 'keyring', dc: 2, trace_id: handling.traceId, span_id: handling.spanId });

    const metrics = JSON.stringify(received['/v1/metrics']);
    for (const name of ['rpc.server.call.duration', 'rpc.client.call.duration', 'nodejs.eventloop.delay.p99', 'process.cpu.time', 'process.memory.usage', 'heliograph.keyring.keys']) expect(metrics).toContain(`"${name}"`);
    expect(JSON.stringify(received['/v1/logs'])).toContain('made');
  }, 30_000);

  test('off, none of its packages is loaded and calls carry no trace', async () => {
    const lines = await scenario({});
    expect(lines.at(-1)).toEqual({ traceparent: '', loaded: 0 });
  }, 30_000);

  test('is wanted only when something says where to send', () => {
    expect(telemetryWanted({})).toBe(false);
    expect(telemetryWanted({ OTEL_SERVICE_NAME: 'x' })).toBe(false);
    expect(telemetryWanted({ OTEL_TRACES_EXPORTER: 'none' })).toBe(false);
    expect(telemetryWanted({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' })).toBe(true);
    expect(telemetryWanted({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'true' })).toBe(false);
  });
});
