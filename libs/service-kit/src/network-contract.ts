import { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import { eventually } from '@heliograph/testing/eventually';
import { CallError } from './call-error';
import type { Client, Handlers } from './kit';
import type { Network } from './network';

/** What services may rely on, whichever way calls travel. One suite, run on every Network. */
export function networkContract(name: string, open: () => Promise<Network>): void {
  describe(name, () => {
    let network: Network;
    const at = { dc: 2, service: 'server', owner: undefined };
    const caller = { dc: 2, service: 'caller', owner: undefined };

    beforeEach(async () => {
      network = await open();
    });
    afterEach(() => network.close());

    const keyring = async (over: Partial<Handlers<typeof KeyringService>>): Promise<Client<typeof KeyringService>> => {
      network.serve(at, KeyringService, {
        getSecret: async () => ({ secret: new Uint8Array(32) }),
        getDataKey: async () => ({}),
        deleteDataKey: async () => ({}),
        ...over,
      });
      await network.listen();
      return network.client(caller, KeyringService);
    };
    const fanout = async (attach: Handlers<typeof FanoutService>['attach']): Promise<Client<typeof FanoutService>> => {
      network.serve(at, FanoutService, { attach, publish: async () => ({}) });
      await network.listen();
      return network.client(caller, FanoutService);
    };

    test('a unary call carries request and response', async () => {
      const client = await keyring({ getDataKey: async ({ scope }) => ({ key: Buffer.from(scope), version: scope.length }) });
      const answer = await client.getDataKey({ scope: 'user:77' });
      expect(Buffer.from(answer.key).toString()).toBe('user:77');
      expect(answer.version).toBe(7);
      expect(answer.$typeName).toBe('heliograph.keyring.v1.GetDataKeyResponse');
    });

    test('fields that are left out have their defaults on the other side', async () => {
      const seen: unknown[] = [];
      const client = await keyring({
        getDataKey: async ({ scope }) => {
          seen.push(scope);
          return {};
        },
      });
      expect((await client.getDataKey({})).version).toBe(0);
      expect(seen).toEqual(['']);
    });

    test.each(['INVALID_ARGUMENT', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED', 'FAILED_PRECONDITION', 'ABORTED', 'RESOURCE_EXHAUSTED', 'UNIMPLEMENTED', 'INTERNAL'] as const)('a handler’s %s arrives with code and message', async (code) => {
      const client = await keyring({ getDataKey: () => Promise.reject(new CallError(code, 'because of the test')) });
      const error = await client.getDataKey({ scope: 'x' }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(CallError);
      expect(error).toMatchObject({ code, delivered: true });
      expect((error as CallError).message).toContain('because of the test');
    });

    test('any other failure becomes INTERNAL, and nothing of it reaches the caller', async () => {
      const client = await keyring({ getDataKey: () => Promise.reject(new Error('secret detail')) });
      const error = await client.getDataKey({ scope: 'x' }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'INTERNAL', outcomeUnknown: true });
      expect(String(error)).not.toContain('secret detail');
    });

    test('the deadline ends the call and aborts the handler', async () => {
      let aborted = false;
      const client = await keyring({
        getDataKey: (_request, { signal }) => new Promise((resolve) => signal.addEventListener('abort', () => {
          aborted = true;
          resolve({});
        })),
      });
      // Connected first: a call that finds no connection in time was certainly not delivered.
      await client.getSecret({});
      await expect(client.getDataKey({}, { deadlineMs: 150 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED', outcomeUnknown: true });
      await eventually(() => aborted);
    });

    test('a caller that gives up gets CANCELLED and the handler learns it', async () => {
      let started = false;
      let aborted = false;
      const client = await keyring({
        getDataKey: (_request, { signal }) => new Promise((resolve) => {
          started = true;
          signal.addEventListener('abort', () => {
            aborted = true;
            resolve({});
          });
        }),
      });
      const giveUp = new AbortController();
      const call = client.getDataKey({}, { signal: giveUp.signal });
      const outcome = expect(call).rejects.toMatchObject({ code: 'CANCELLED' });
      await eventually(() => started);
      giveUp.abort();
      await outcome;
      await eventually(() => aborted);
    });

    test('a signal that is aborted already makes no call', async () => {
      let calls = 0;
      const client = await keyring({
        getDataKey: async () => {
          calls += 1;
          return {};
        },
      });
      await expect(client.getDataKey({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED', delivered: false });
      expect(calls).toBe(0);
    });

    test('nor a stream', async () => {
      let calls = 0;
      const client = await fanout(async function* attach() {
        calls += 1;
        yield { pushes: [] };
      });
      const frames = client.attach((async function* none() {})(), { signal: AbortSignal.abort() })[Symbol.asyncIterator]();
      await expect(frames.next()).rejects.toMatchObject({ code: 'CANCELLED', delivered: false });
      expect(calls).toBe(0);
    });

    test('a stream carries both directions in order', async () => {
      const client = await fanout(async function* attach(requests) {
        for await (const request of requests) yield { pushes: [{ userIds: request.usersAdded }] };
      });
      const requests = (async function* ids() {
        for (let id = 1n; id <= 500n; id += 1n) yield { usersAdded: [id] };
      })();
      const got: bigint[] = [];
      for await (const frame of client.attach(requests)) got.push(...frame.pushes.flatMap((push) => push.userIds));
      expect(got).toEqual(Array.from({ length: 500 }, (_, index) => BigInt(index + 1)));
    });

    test('a handler that starts by sending needs no request', async () => {
      const client = await fanout(async function* attach() {
        yield { pushes: [{ userIds: [5n] }] };
      });
      const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}), return: () => Promise.resolve({ done: true as const, value: undefined }) }) };
      const got: number[] = [];
      for await (const frame of client.attach(never)) got.push(frame.pushes.length);
      expect(got).toEqual([1]);
    });

    test('the end of the requests ends the handler’s loop, and answers still go out', async () => {
      const client = await fanout(async function* attach(requests) {
        let count = 0n;
        for await (const _request of requests) count += 1n;
        yield { pushes: [{ userIds: [count] }] };
        yield { pushes: [{ userIds: [count + 1n] }] };
      });
      const got: bigint[] = [];
      for await (const frame of client.attach((async function* three() {
        for (let turn = 0; turn < 3; turn += 1) yield {};
      })())) got.push(...frame.pushes.flatMap((push) => push.userIds));
      expect(got).toEqual([3n, 4n]);
    });

    test('a stream’s failure arrives with its code, after what was sent before it', async () => {
      const client = await fanout(async function* attach() {
        for (let turn = 0; turn < 3; turn += 1) yield { pushes: [] };
        throw new CallError('RESOURCE_EXHAUSTED', 'too many');
      });
      let frames = 0;
      const reading = (async () => {
        for await (const _frame of client.attach((async function* none() {})())) frames += 1;
      })();
      await expect(reading).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
      expect(frames).toBe(3);
    });

    test('leaving the loop cancels the handler', async () => {
      let aborted = false;
      let finished = false;
      const client = await fanout(async function* attach(_requests, { signal }) {
        signal.addEventListener('abort', () => { aborted = true; });
        try {
          for (;;) {
            yield { pushes: [] };
            await new Promise((resolve) => setImmediate(resolve));
          }
        } finally {
          finished = true;
        }
      });
      for await (const _frame of client.attach((async function* none() {})())) break;
      await eventually(() => aborted && finished);
    });

    test('an aborted signal ends a stream', async () => {
      const client = await fanout(async function* attach(requests) {
        yield { pushes: [] };
        for await (const _request of requests) { /* waits */ }
      });
      const giveUp = new AbortController();
      const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
      const frames = client.attach(never, { signal: giveUp.signal })[Symbol.asyncIterator]();
      await frames.next();
      const ending = expect(frames.next()).rejects.toMatchObject({ code: 'CANCELLED' });
      giveUp.abort();
      await ending;
    });

    test('many messages of many kilobytes pass a stream, bounded', async () => {
      const client = await fanout(async function* attach() {
        for (let turn = 0; turn < 400; turn += 1) yield { pushes: [{ what: { case: 'updates' as const, value: new Uint8Array(20_000).fill(turn) } }] };
      });
      let bytes = 0;
      for await (const frame of client.attach((async function* none() {})())) {
        const [push] = frame.pushes;
        if (push?.what.case === 'updates') bytes += push.what.value.length;
      }
      expect(bytes).toBe(8_000_000);
    });
  });
}
