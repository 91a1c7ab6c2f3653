import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { BOX_UPDATES } from '@heliograph/box/topics';
import { createKeyringClient } from '@heliograph/crypto/keyring-client';
import { BoxEventSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { type AttachRequestSchema, FanoutService, type Push } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { GrpcDirectory } from '@heliograph/service-kit/grpc-directory';
import { GrpcNetwork } from '@heliograph/service-kit/grpc-network';
import type { Client, Logger } from '@heliograph/service-kit/kit';
import { sliceOf } from '@heliograph/service-kit/slices';
import { eventually } from '@heliograph/testing/eventually';
import { freePort } from '@heliograph/testing/free-port';
import { createTestKit, type TestKit } from '@heliograph/testing/test-kit';
import { fanoutService } from './fanout.module';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const keyring = createKeyringClient({ secret: async () => new Uint8Array(32), dataKey: async () => ({ key: new Uint8Array(32), version: 1 }), deleteDataKey: async () => {} });
const ALICE = 34_000_002;
const BOB = 34_000_034;

/** A gateway's end of the stream to one replica. */
class Attached {
  readonly pushes: Push[] = [];
  readonly slices: number[] = [];
  sliced = false;
  private readonly waiting: MessageInitShape<typeof AttachRequestSchema>[] = [];
  private wake: (() => void) | undefined;
  private readonly stop = new AbortController();

  constructor(client: Client<typeof FanoutService>, name: string) {
    this.announce({ gatewayId: name, broadcasts: false });
    void (async () => {
      for await (const { pushes, slices, sliced } of client.attach(this.announcements(), { signal: this.stop.signal })) {
        this.sliced ||= sliced;
        this.slices.push(...slices);
        this.pushes.push(...pushes);
      }
    })().catch(() => {});
  }

  announce(announcement: MessageInitShape<typeof AttachRequestSchema>): void {
    this.waiting.push(announcement);
    this.wake?.();
  }

  leave(): void {
    this.stop.abort();
    this.wake?.();
  }

  private async *announcements(): AsyncGenerator<MessageInitShape<typeof AttachRequestSchema>> {
    while (!this.stop.signal.aborted) {
      const next = this.waiting.shift();
      if (next) yield next;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

describe('replicas of fanout', () => {
  let ports: number[];
  let kits: TestKit[];
  let network: GrpcNetwork;
  let clients: Client<typeof FanoutService>[];
  let attached: Attached[];

  beforeEach(async () => {
    ports = [await freePort(), await freePort()];
    const directory: GrpcDirectory = { replicas: () => 2, toldApart: () => true, target: async (_dc, _desc, _owner, replica) => `ipv4:127.0.0.1:${ports[replica]}`, listening() {} };
    const first = await createTestKit({ keyring, replica: { index: 0, count: 2, alone: false }, network: new GrpcNetwork({ log: () => silent, directory, port: ports[0] }) });
    const second = await createTestKit({ keyring, replica: { index: 1, count: 2, alone: false }, network: new GrpcNetwork({ log: () => silent, directory, port: ports[1] }), ports: first.ports });
    kits = [first, second];
    for (const kit of kits) await kit.start(fanoutService);
    network = new GrpcNetwork({ log: () => silent, directory });
    clients = [0, 1].map((replica) => network.client({ dc: 2, service: 'gateway', owner: undefined, replica }, FanoutService));
    attached = clients.map((client) => new Attached(client, 'one'));
    await eventually(() => attached.every(({ sliced }) => sliced));
  });
  afterEach(async () => {
    for (const stream of attached) stream.leave();
    await network.close();
    for (const kit of [...kits].reverse()) await kit.close();
  });
  const emit = (box: number): Promise<void> => (kits[0] as TestKit).ports.eventLog.append(BOX_UPDATES, sliceOf(box), [{
    key: String(box), value: toBinary(BoxEventSchema, create(BoxEventSchema, { box: BigInt(box), date: 1, updates: [{ pts: 2, ptsCount: 1, change: { case: 'deleted', value: { ids: [1] } } }] })),
  }]).durable;
  const at = (replica: number): Attached => attached[replica] as Attached;

  test('a replica follows what it is asked to, and says when it does', async () => {
    at(0).announce({ slicesAdded: [sliceOf(ALICE)] });
    await eventually(() => at(0).slices.includes(sliceOf(ALICE)));
    at(0).announce({ usersAdded: [BigInt(ALICE)] });
    at(1).announce({ slicesAdded: [sliceOf(BOB)] });
    await eventually(() => at(1).slices.includes(sliceOf(BOB)));
    at(1).announce({ usersAdded: [BigInt(BOB)] });
    await eventually(async () => {
      await emit(ALICE);
      await emit(BOB);
      return at(0).pushes.length > 0 && at(1).pushes.length > 0;
    });
    for (const replica of [0, 1]) expect(at(replica).pushes.every((push) => Number(push.userIds[0]) === [ALICE, BOB][replica])).toBe(true);
    expect(at(0).slices).toEqual([sliceOf(ALICE)]);
  });

  test('users of a slice that was not asked for are followed too, and told to ask once they are', async () => {
    at(0).announce({ usersAdded: [BigInt(ALICE)] });
    await eventually(() => at(0).pushes.length === 1);
    expect(Buffer.from(at(0).pushes[0]?.what.value as Uint8Array).toString('hex')).toBe('7eaf17e3');
    await emit(ALICE);
    await eventually(() => at(0).pushes.length === 2);
  });

  test('what is published to one reaches the users of the other, and each gateway once where it names no user', async () => {
    at(1).announce({ usersAdded: [BigInt(ALICE)], slicesAdded: [sliceOf(ALICE)], broadcasts: true });
    await eventually(() => at(1).slices.length > 0);
    at(1).pushes.length = 0;
    await (clients[0] as Client<typeof FanoutService>).publish({
      pushes: [{ userIds: [BigInt(ALICE)], what: { case: 'updates', value: Uint8Array.of(1, 2) } }, { what: { case: 'authKeyRevoked', value: 5n } }],
    });
    await eventually(() => at(1).pushes.some((push) => push.what.case === 'authKeyRevoked'));
    expect(at(1).pushes.filter((push) => push.what.case === 'updates' && (push.what.value as Uint8Array).length === 2)).toHaveLength(1);
    expect(at(0).pushes).toEqual([]);
  });

  test('a replica that is down keeps nobody from publishing', async () => {
    await (kits.pop() as TestKit).network.close();
    at(0).announce({ broadcasts: true });
    await eventually(async () => {
      await (clients[0] as Client<typeof FanoutService>).publish({ pushes: [{ what: { case: 'userChanged', value: 5n } }] }, { deadlineMs: 3_000 });
      return at(0).pushes.length > 0;
    });
  });

  test('there is no slice beyond the last', async () => {
    const odd = new Attached(clients[0] as Client<typeof FanoutService>, 'odd');
    await eventually(() => odd.sliced);
    odd.announce({ slicesAdded: [BOX_UPDATES.partitions] });
    odd.announce({ usersAdded: [BigInt(ALICE)] });
    await emit(ALICE);
    expect(odd.pushes).toEqual([]);
    odd.leave();
  });
});
