import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fakeClock } from '@heliograph/testing/fake-clock';
import { WEBHOOK_TRIES } from '../limits';
import { createSmsWebhook } from './sms-webhook';

/** Answers each request with the next of `statuses`, the last one for ever. */
async function webhook(...statuses: number[]): Promise<{ url: URL; calls: { body: string; headers: IncomingMessage['headers'] }[]; close(): Promise<void> }> {
  const calls: { body: string; headers: IncomingMessage['headers'] }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      calls.push({ body: Buffer.concat(chunks).toString(), headers: request.headers });
      response.writeHead(statuses[Math.min(calls.length, statuses.length) - 1] as number, { location: 'http://127.0.0.1:1/' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/sms`), calls, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Runs a send while its pauses pass at once. */
const clock = { ...fakeClock(), sleep: async () => {} };
const message = { phone: '491512345678', code: '01234' };

it('posts the code, signed', async () => {
  const hook = await webhook(200);
  await createSmsWebhook({ url: hook.url, secret: 'key', allowPrivate: true }, clock)(message);
  const [call] = hook.calls;
  expect(JSON.parse(call?.body ?? '')).toEqual({ ...message, text: 'Heliograph code: 01234' });
  expect(call?.headers['x-heliograph-signature']).toBe(`sha256=${createHmac('sha256', 'key').update(call?.body ?? '').digest('hex')}`);
  await hook.close();
});

it.each([
  ['a failure that may pass, again', [503, 200], 2, undefined],
  ['a failure that stays, until the tries are used up', [500], WEBHOOK_TRIES, 'answered 500'],
  ['a refusal, once', [400], 1, 'answered 400'],
  ['a redirect, once and without following it', [302], 1, 'answered 302'],
])('meets %s', async (_, statuses, calls, error) => {
  const hook = await webhook(...statuses);
  const sending = createSmsWebhook({ url: hook.url, secret: undefined, allowPrivate: true }, clock)(message);
  await (error === undefined ? expect(sending).resolves.toBeUndefined() : expect(sending).rejects.toThrow(error));
  expect(hook.calls).toHaveLength(calls);
  await hook.close();
});

it.each(['127.0.0.1', 'localhost', '[::1]'])('calls no private address: %s', async (host) => {
  const hook = await webhook(200);
  const url = new URL(hook.url);
  url.hostname = host;
  await expect(createSmsWebhook({ url, secret: undefined, allowPrivate: false }, clock)(message)).rejects.toThrow('private address');
  expect(hook.calls).toEqual([]);
  await hook.close();
});
