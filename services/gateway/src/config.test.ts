import { readGatewayConfig } from './config';

const read = (settings: Record<string, string>) => readGatewayConfig((name) => settings[name], 4430);

test('defaults', () => {
  expect(read({})).toEqual({ host: '127.0.0.1', ports: [4430], proxyProtocol: false, secret: undefined, rsaKeyFile: '.heliograph/gateway/rsa.pem', drainMs: 3_000 });
});

test('draining leaves time to close the rest', () => {
  expect([read({ DRAIN_SECONDS: '25' }).drainMs, read({ DRAIN_SECONDS: '1' }).drainMs]).toEqual([23_500, 500]);
});

test('several ports, each once, beside the DC\'s own', () => {
  expect(read({ PORT: '5000', GATEWAY_PORTS: '443, 80,5000', DATA: '/data' })).toMatchObject({ ports: [5000, 443, 80], rsaKeyFile: '/data/gateway/rsa.pem' });
});

test('proxy protocol and secret', () => {
  expect(read({ GATEWAY_PROXY_PROTOCOL: 'on', GATEWAY_SECRET: '00'.repeat(15) + 'ff', RSA_KEY_FILE: '/k.pem' })).toMatchObject({ proxyProtocol: true, rsaKeyFile: '/k.pem' });
});

test.each([[{ GATEWAY_SECRET: 'abc' }], [{ GATEWAY_PROXY_PROTOCOL: 'maybe' }], [{ GATEWAY_PORTS: '70000' }], [{ PORT: 'x' }]])('%j is refused with a sentence', (settings) => {
  expect(() => read(settings as Record<string, string>)).toThrow(/^HELIOGRAPH_.*must/);
});
