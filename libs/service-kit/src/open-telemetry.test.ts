import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import { CallError } from './call-error';
import type { Logger } from './kit';
import { LocalNetwork } from './local-network';
import { processLog } from './process-log';
import { startTelemetry, telemetryWanted } from './telemetry';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

interface OtlpSpan { name: string; traceId: string; spanId: string; parentSpanId?: string; kind: number; attributes: { key: string; value: { stringValue?: string } }[] }

describe('OpenTelemetry', () => {
  let collector: Server;
  const received: Record<string, unknown[]> = {};
  const before = { ...process.env };

  beforeAll(async () => {
    collector = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      (received[request.url ?? ''] ??= []).push(JSON.parse(body));
      response.end('{}');
    });
    await new Promise<void>((resolve) => { collector.listen(0, '127.0.0.1', resolve); });
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    process.env['OTEL_EXPORTER_OTLP_PROTOCOL'] = 'http/json';
  });
  afterAll(() => {
    process.env = before;
    collector.closeAllConnections();
    collector.close();
  });

  test('calls are spans of one trace, counted by the current conventions, and logs carry their ids', async () => {
    const telemetry = await startTelemetry(process.env, '2');
    expect(telemetry.enabled).toBe(true);
    const lines: string[] = [];
    const log = processLog({ level: 'info', format: 'json', activeTraceparent: () => telemetry.activeTraceparent(), write: (line) => lines.push(line), forward: telemetry.forwardLog });
    const network = new LocalNetwork({ log: () => silent, record: telemetry.record });
    let seen = '';
    network.serve({ dc: 2, service: 'keyring', owner: undefined }, KeyringService, {
      getSecret: async () => ({}),
      getDataKey: async (_request, context) => {
        seen = context.traceparent;
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

    console.log(Object.keys(received), process.env['OTEL_EXPORTER_OTLP_ENDPOINT']);
    const spans = (received['/v1/traces'] as { resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[] }[]).flatMap((batch) => batch.resourceSpans).flatMap((resource) => resource.scopeSpans).flatMap((scope) => scope.spans);
    const named = (name: string, kind: number): OtlpSpan => spans.find((span) => span.name === name && span.kind === kind) as OtlpSpan;
    const outer = named('outer', 1);
    const calling = named('heliograph.keyring.v1.KeyringService/GetDataKey', 3);
    const handling = named('heliograph.keyring.v1.KeyringService/GetDataKey', 2);
    expect(calling.parentSpanId).toBe(outer.spanId);
    expect(handling.parentSpanId).toBe(calling.spanId);
    expect(handling.traceId).toBe(outer.traceId);
    expect(seen).toBe(`00-${calling.traceId}-${calling.spanId}-01`);
    expect(handling.attributes).toContainEqual({ key: 'rpc.system.name', value: { stringValue: 'in_process' } });
    expect(named('heliograph.keyring.v1.KeyringService/DeleteDataKey', 2).attributes).toContainEqual({ key: 'rpc.response.status_code', value: { stringValue: 'NOT_FOUND' } });
    expect(JSON.parse(lines[0] as string)).toMatchObject({ message: 'made', service: 'keyring', dc: 2, trace_id: handling.traceId, span_id: handling.spanId });

    const metrics = JSON.stringify(received['/v1/metrics']);
    for (const name of ['rpc.server.call.duration', 'rpc.client.call.duration', 'nodejs.eventloop.delay.p99', 'process.cpu.time', 'process.memory.usage', 'heliograph.keyring.keys']) expect(metrics).toContain(`"${name}"`);
    expect(JSON.stringify(received['/v1/logs'])).toContain('made');
  });

  test('is wanted only when something says where to send', () => {
    expect(telemetryWanted({})).toBe(false);
    expect(telemetryWanted({ OTEL_SERVICE_NAME: 'x' })).toBe(false);
    expect(telemetryWanted({ OTEL_TRACES_EXPORTER: 'none' })).toBe(false);
    expect(telemetryWanted({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' })).toBe(true);
    expect(telemetryWanted({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'true' })).toBe(false);
  });
});
