import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { request } from 'node:http';
import { openFront } from './front.mjs';

const closing = [];
after(() => Promise.all(closing.map((close) => close())));

async function outbox(entries) {
  const server = createServer((asked, response) => {
    const phone = new URL(asked.url, 'http://x').searchParams.get('phone');
    response.end(JSON.stringify(entries.filter((entry) => entry.phone === phone)));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => new Promise((closed) => server.close(closed)));
  return `http://127.0.0.1:${server.address().port}/dev/outbox`;
}
async function front(more = {}) {
  const opened = await openFront({ listen: { host: '127.0.0.1', port: 0 }, connect: async () => ({ dcs: [] }), outboxes: () => [], readiness: async () => ({ ready: true, reasons: [] }), ...more });
  closing.push(opened.close);
  return `http://127.0.0.1:${opened.port}`;
}

test('codes of all data centers, newest first; one that is down has none', async () => {
  const urls = [await outbox([{ phone: '1', code: 'old', at: '2026-01-01T00:00:00Z' }, { phone: '2', code: 'other', at: '2026-01-01T00:00:00Z' }]), await outbox([{ phone: '1', code: 'new', at: '2026-01-02T00:00:00Z' }]), 'http://127.0.0.1:1/dev/outbox'];
  const root = await front({ outboxes: () => urls });
  const codes = await (await fetch(`${root}/dev/outbox?phone=1`)).json();
  assert.deepEqual(codes.map(({ code }) => code), ['new', 'old']);
});

test('codes are not for a page of another name', async () => {
  const root = await front();
  const status = await new Promise((done) => request(`${root}/dev/outbox?phone=1`, { headers: { host: 'evil.example' } }, (answer) => done(answer.statusCode)).end());
  assert.equal(status, 403);
});

test('connect.json, readiness, and what is not there', async () => {
  const root = await front({ readiness: async () => ({ ready: false, reasons: ['gateway-dc1-0: starting'] }) });
  const connect = await fetch(`${root}/connect.json`);
  assert.deepEqual([connect.status, connect.headers.get('access-control-allow-origin'), await connect.json()], [200, '*', { dcs: [] }]);
  const ready = await fetch(`${root}/readyz`);
  assert.deepEqual([ready.status, (await ready.json()).reasons], [503, ['gateway-dc1-0: starting']]);
  assert.equal((await fetch(`${root}/nothing`)).status, 404);
  assert.equal((await fetch(`${root}/connect.json`, { method: 'POST' })).status, 405);
  const failing = await front({ connect: async () => { throw new Error('no gateway of DC 1 is up'); } });
  assert.equal((await fetch(`${failing}/connect.json`)).status, 502);
});
