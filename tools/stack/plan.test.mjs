import assert from 'node:assert/strict';
import { dirname, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { portsFrom } from '../engines/engines.mjs';
import { peersOf, planStack, servicesOf } from './plan.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const services = servicesOf(root);
const plan = planStack({ root, folder: '/stack', services, dcs: [1, 2], host: '127.0.0.1', port: 4430, basePort: 19400, testPhones: true });

test('those who call are ended before those whom they call', () => {
  assert.equal(services[0], 'gateway');
  assert.equal(services.at(-1), 'keyring');
  assert.ok(services.includes('message-store') && services.includes('auth'));
});

test('two replicas of gateway, message-store and fanout in each DC, one of the others', () => {
  for (const service of services) {
    for (const dc of [1, 2]) {
      const found = plan.processes.filter((each) => each.service === service && each.dc === dc);
      assert.equal(found.length, ['gateway', 'message-store', 'fanout'].includes(service) ? 2 : 1, service);
      assert.deepEqual(found.map((each) => each.env.HELIOGRAPH_REPLICA), found.map((_, index) => String(index)));
      assert.equal(new Set(found.map((each) => each.env.HELIOGRAPH_DATA)).size, 1, 'replicas share their keys');
    }
  }
});

test('no two listen on the same address, and none on an engine\'s', () => {
  const addresses = [...plan.processes, ...plan.balancers].flatMap((each) => [each.httpPort, each.grpcPort, each.service === 'balancer' ? undefined : each.port].filter(Boolean).map((port) => `${each.host}:${port}`));
  addresses.push(...[1, 2].flatMap((dc) => Object.values(portsFrom(19400)).map((port) => `127.0.0.${dc}:${port}`)), `127.0.0.1:${portsFrom(19400).jmx + 1}`);
  assert.equal(new Set(addresses).size, addresses.length);
});

test('clients are told one address of each DC', () => {
  assert.deepEqual(plan.dcs, [{ id: 1, host: '127.0.0.1', port: 4431 }, { id: 2, host: '127.0.0.1', port: 4432 }]);
  for (const each of plan.processes) assert.equal(each.env.HELIOGRAPH_DC_ADDRESSES, '1=127.0.0.1:4431,2=127.0.0.1:4432');
  for (const gateway of plan.processes.filter(({ service }) => service === 'gateway')) {
    assert.equal(gateway.env.HELIOGRAPH_PORT, String(gateway.port));
    assert.equal(gateway.env.HELIOGRAPH_GATEWAY_PROXY_PROTOCOL, 'on');
  }
});

test('peers are listed by DC, service and replica; a proxy may stand in', () => {
  const peers = peersOf(plan, (each) => `${each.name}:1`);
  assert.deepEqual(peers[1]['message-store'], ['message-store-dc1-0:1', 'message-store-dc1-1:1']);
  assert.deepEqual(Object.keys(peers), ['1', '2']);
  assert.deepEqual(Object.keys(peers[2]).sort(), [...services].sort());
});
