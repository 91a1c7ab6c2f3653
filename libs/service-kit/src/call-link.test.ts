import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Client as Channel, credentials, Server, ServerCredentials, type ServerDuplexStream, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { CarryRequestSchema, CarryResponseSchema, type CarryRequest, type CarryResponse } from '@heliograph/protos/heliograph/link/v1/link_pb';
import { KeyringService, GetDataKeyResponseSchema } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import { eventually } from '@heliograph/testing/eventually';
import { openTcpProxy, type TcpProxy } from '@heliograph/testing/tcp-proxy';
import { CallLink, NoLink } from './call-link';
import { DeadlineWheel } from './deadline-wheel';
import { LinkServer, type LinkedMethod } from './link-server';
import { LINK_CALLS_MAX } from './limits';

const METHOD = 'heliograph.keyring.v1.KeyringService/GetDataKey';
/** No test waits for it: machines are slow at times. */
const soon = (): number => Date.now() + 60_000;
/** Of the tests of silence. */
const QUICK = { quietMs: 60, probeMs: 60 };

describe('a link', () => {
  let server: Server | undefined;
  let channel: Channel | undefined;
  /** Before the server. */
  let proxy: TcpProxy | undefined;
  /** Frames and calls that the server took. */
  let frames: number;
  let release: (() => void)[];

  const open = async (linked: boolean, patience?: typeof QUICK): Promise<{ link: CallLink; links: LinkServer }> => {
    frames = 0;
    release = [];
    const wheel = new DeadlineWheel();
    const answer: LinkedMethod = {
      method: KeyringService.method.getDataKey,
      run: async (request) => {
        const { scope } = request as unknown as { scope: string };
        if (scope === 'slow') await new Promise<void>((resolve) => { release.push(resolve); });
        return toBinary(GetDataKeyResponseSchema, create(GetDataKeyResponseSchema, { version: scope.length }));
      },
    };
    const links = new LinkServer(new Map([[METHOD, answer]]), wheel);
    server = new Server();
    const { carry } = links.implementation as { carry(stream: ServerDuplexStream<CarryRequest, CarryResponse>): void };
    const counted = { carry: (stream: ServerDuplexStream<CarryRequest, CarryResponse>) => {
      stream.on('data', () => { frames += 1; });
      carry(stream);
    } } as unknown as UntypedServiceImplementation;
    if (linked) server.addService(links.definition, counted);
    const port = await new Promise<number>((resolve, reject) => server?.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error === null ? resolve(bound) : reject(error))));
    proxy = await openTcpProxy({ target: { host: '127.0.0.1', port } });
    channel = new Channel(`127.0.0.1:${proxy.port}`, credentials.createInsecure());
    return { link: new CallLink(channel, wheel, patience), links };
  };
  afterEach(async () => {
    for (const resume of release) resume();
    channel?.close();
    server?.forceShutdown();
    await proxy?.close();
  });
  const request = (scope: string): Uint8Array => toBinary(KeyringService.method.getDataKey.input, create(KeyringService.method.getDataKey.input, { scope }));
  const version = (bytes: Uint8Array): number => fromBinary(GetDataKeyResponseSchema, bytes).version;

  test('carries what is due in one turn in one frame, and answers in any order', async () => {
    const { link } = await open(true);
    const slow = link.call(METHOD, request('slow'), soon(), undefined, '');
    const quick = await Promise.all(Array.from({ length: 50 }, (_, index) => link.call(METHOD, request('x'.repeat(index)), soon(), undefined, '')));
    expect(quick.map(version)).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(frames).toBe(1);
    release.forEach((resume) => resume());
    expect(version(await slow)).toBe(4);
  });

  test('a server without links is told from one that failed, and left alone for a while', async () => {
    const { link } = await open(false);
    expect(link.usable).toBe(true);
    await expect(link.call(METHOD, request('x'), soon(), undefined, '')).rejects.toBeInstanceOf(NoLink);
    expect(link.usable).toBe(false);
  });

  test('a link that closes answers what it took; later calls go over the next', async () => {
    const { link, links } = await open(true);
    const slow = link.call(METHOD, request('slow'), soon(), undefined, '');
    await eventually(() => release.length === 1);
    links.drain();
    // Refused, not lost: the caller goes on elsewhere.
    await expect(link.call(METHOD, request('x'), soon(), undefined, '')).rejects.toMatchObject({ code: 'UNAVAILABLE', delivered: false });
    release[0]?.();
    expect(version(await slow)).toBe(4);
  });

  test('a server that is cut off leaves the fate of what it took unknown', async () => {
    const { link } = await open(true);
    const slow = link.call(METHOD, request('slow'), soon(), undefined, '');
    const fate = expect(slow).rejects.toMatchObject({ code: 'UNAVAILABLE', delivered: true });
    await eventually(() => release.length === 1);
    server?.forceShutdown();
    await fate;
  });

  test('a server that falls silent is left alone until it is heard again', async () => {
    const { link } = await open(true, QUICK);
    expect(version(await link.call(METHOD, request('xy'), soon(), undefined, ''))).toBe(2);
    // As a process that stands still: its connections stay, and nobody reads them.
    proxy?.set({ cut: true });
    const early = link.call(METHOD, request('xyz'), soon(), undefined, '');
    await eventually(() => link.silent);
    const from = performance.now();
    await expect(link.call(METHOD, request('x'), soon(), undefined, '')).rejects.toMatchObject({ code: 'UNAVAILABLE', delivered: false });
    expect(performance.now() - from).toBeLessThan(1_000);
    proxy?.clear();
    // What had left is answered after all.
    expect(version(await early)).toBe(3);
    await eventually(() => !link.silent);
    expect(version(await link.call(METHOD, request('x'), soon(), undefined, ''))).toBe(1);
  });

  test('calls that wait for a connection which nobody answers reached nobody', async () => {
    const { link } = await open(true, QUICK);
    proxy?.set({ cut: true });
    await expect(link.call(METHOD, request('x'), soon(), undefined, '')).rejects.toMatchObject({ code: 'UNAVAILABLE', delivered: false });
    proxy?.clear();
    await eventually(() => link.call(METHOD, request('x'), soon(), undefined, '').then(() => true, () => false));
  });

  test('a call that takes its time makes no server silent', async () => {
    const { link } = await open(true, QUICK);
    const slow = link.call(METHOD, request('slow'), soon(), undefined, '');
    const quietUntil = performance.now() + 5 * (QUICK.quietMs + QUICK.probeMs);
    await eventually(() => performance.now() > quietUntil);
    expect(link.silent).toBe(false);
    release.forEach((resume) => resume());
    expect(version(await slow)).toBe(4);
  });

  test('an unknown method, an unreadable request and too many calls are refused by a code', async () => {
    const { link } = await open(true);
    await expect(link.call('none/None', request('x'), soon(), undefined, '')).rejects.toMatchObject({ code: 'UNIMPLEMENTED' });
    await expect(link.call(METHOD, Uint8Array.of(0xff), soon(), undefined, '')).rejects.toMatchObject({ code: 'INTERNAL' });
    const many = Array.from({ length: LINK_CALLS_MAX + 1 }, () => link.call(METHOD, request('x'), soon(), undefined, ''));
    await expect(many.pop()).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', delivered: false });
    await Promise.all(many);
  });

  test('frames are what the contract says', () => {
    const bytes = toBinary(CarryRequestSchema, create(CarryRequestSchema, { calls: [{ id: 7, method: METHOD }], cancelled: [9] }));
    expect(fromBinary(CarryRequestSchema, bytes)).toMatchObject({ calls: [{ id: 7, method: METHOD }], cancelled: [9] });
    expect(fromBinary(CarryResponseSchema, toBinary(CarryResponseSchema, create(CarryResponseSchema, { closing: true }))).closing).toBe(true);
  });
});
