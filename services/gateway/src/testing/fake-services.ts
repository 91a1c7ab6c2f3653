import { createHash, randomBytes } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { METHOD_OWNERS } from '@heliograph/client-api/gen/routes';
import { RpcError } from '@heliograph/client-api/rpc-error';
import type { Keyring } from '@heliograph/crypto/keyring';
import { AuthKeyService, type ReportClientRequest } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import { type Caller, ClientApiService, type InvokeResponseSchema } from '@heliograph/protos/heliograph/clientapi/v1/client_api_pb';
import { FanoutService, type PushSchema } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { ChannelBoxService } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import { MessageStoreService } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Kit, ServiceDefinition } from '@heliograph/service-kit/kit';
import { authKeyId } from '@heliograph/mtproto/key-id';
import type { Api, MethodName } from '@heliograph/tl/api';
import { readMethod } from '@heliograph/tl/reader';
import { writeResult } from '@heliograph/tl/writer';

export interface FakeKey {
  id: bigint;
  bytes: Buffer;
  expiresAt: number;
  permanentKeyId: bigint;
  userId: number;
  bot: boolean;
  layer: number;
  /** Another session ended the login. */
  revoked?: boolean;
}

type SessionChange = NonNullable<MessageInitShape<typeof InvokeResponseSchema>['sessionChange']>;
/** What a fake method is given beside its request. */
export interface FakeCall {
  caller: Caller;
  change(change: SessionChange['change']): void;
}
type FakeMethod = (request: never, call: FakeCall) => unknown;

/** The services behind a gateway, as far as its tests need them: keys in a map, methods as functions, pushes by hand. */
export class FakeServices {
  readonly keys = new Map<bigint, FakeKey>();
  readonly methods = new Map<string, FakeMethod>();
  /** Names of the methods called, in order. */
  readonly called: string[] = [];
  readonly reports: ReportClientRequest[] = [];
  /** Users, and channels, that gateways have announced. */
  readonly online = new Set<number>();
  /** The channels that users are in, by their boxes; for whom they were asked for, and what comes before the answer. */
  readonly channelsOf = new Map<number, { channel: number; version: number; asleep?: boolean; asleepFrom?: number }[]>();
  /** Users whose archived channels were looked after. */
  readonly woken: number[] = [];
  readonly listed: number[] = [];
  beforeListing: ((userId: number) => Promise<void>) | undefined;
  /** findKey calls so far. */
  lookups = 0;
  /** True: the auth service answers nothing but failures. */
  authDown = false;
  attaches = 0;
  private readonly streams = new Set<{ queue: MessageInitShape<typeof PushSchema>[]; wake: () => void; broken: boolean }>();

  /** A key that a client may use without a handshake. */
  addKey(change: Partial<FakeKey> = {}): FakeKey {
    const bytes = randomBytes(256);
    const id = authKeyId(bytes);
    const key: FakeKey = { id, bytes, expiresAt: 0, permanentKeyId: id, userId: 0, bot: false, layer: 0, ...change };
    this.keys.set(id, key);
    return key;
  }

  /** Answers a client method. */
  on<M extends MethodName>(method: M, answer: (request: Api[M]['request'], call: FakeCall) => Api[M]['result'] | Promise<Api[M]['result']>): void {
    this.methods.set(method, answer as FakeMethod);
  }

  push(...pushes: MessageInitShape<typeof PushSchema>[]): void {
    for (const stream of this.streams) {
      stream.queue.push(...pushes);
      stream.wake();
    }
  }

  /** Ends every stream to gateways. */
  breakStreams(): void {
    for (const stream of this.streams) {
      stream.broken = true;
      stream.wake();
    }
  }

  readonly keyring: Keyring = {
    secret: async (purpose) => createHash('sha256').update(purpose).digest(),
    dataKey: () => Promise.reject(new Error('the gateway has no data keys')),
    findDataKey: () => Promise.reject(new Error('the gateway has no data keys')),
    deleteDataKey: () => Promise.reject(new Error('the gateway has no data keys')),
  };

  readonly service: ServiceDefinition = { name: 'fakes', compose: (kit) => this.compose(kit) };

  private async compose(kit: Kit): Promise<void> {
    const unused = (): never => {
      throw new CallError('UNIMPLEMENTED', 'the gateway does not call this');
    };
    kit.serve(AuthKeyService, {
      storeKey: async ({ authKey, authKeyId: id, expiresIn }) => {
        this.keys.set(id, {
          id, bytes: Buffer.from(authKey), expiresAt: expiresIn === 0 ? 0 : Math.floor(kit.clock.now() / 1_000) + expiresIn, permanentKeyId: expiresIn === 0 ? id : 0n, userId: 0, bot: false, layer: 0,
        });
        return { stored: true };
      },
      findKey: async ({ authKeyId: id }) => {
        this.lookups += 1;
        if (this.authDown) throw new CallError('UNAVAILABLE', 'down');
        const key = this.keys.get(id);
        if (key === undefined) return { found: false };
        return { found: true, authKey: key.bytes, expiresAt: key.expiresAt, permanentKeyId: key.permanentKeyId, userId: BigInt(key.userId), bot: key.bot, layer: key.layer, revoked: key.revoked ?? false };
      },
      reportClient: async (request) => {
        this.reports.push(request);
        return {};
      },
      destroyKey: async ({ authKeyId: id }) => ({ destroyed: this.keys.delete(id) }),
      listLogins: unused, redeemExport: unused, acceptLoginToken: unused, endImported: unused, loginLasts: unused,
    });
    for (const owner of METHOD_OWNERS) kit.serve(ClientApiService, { invoke: async ({ query, caller }) => this.invoke(query, caller as Caller) }, { owner });
    kit.serve(UsersService, {
      getViews: async ({ viewerId, userIds }) => ({ users: userIds.map((id) => ({ id, self: id === viewerId, firstName: `User ${id}` })) }),
      checkContact: unused, createUser: unused, findByPhone: unused, findByUsernames: unused, touchPresence: unused, announceJoined: unused,
      findBlocks: unused, findContactOwners: unused, tellPeer: unused, takeNotices: unused,
    });
    kit.serve(MessageStoreService, {
      listChannels: async ({ userId }) => {
        this.listed.push(Number(userId));
        await this.beforeListing?.(Number(userId));
        return { channels: (this.channelsOf.get(Number(userId)) ?? []).map(({ channel, version, asleep, asleepFrom }) => ({ channel: BigInt(channel), version: BigInt(version), asleep, asleepFrom })) };
      },
      wakeChannels: async ({ userId }) => {
        this.woken.push(Number(userId));
        return {};
      },
      notify: unused, appendRelayed: unused, forgetContact: unused, getDialogSettings: unused,
    });
    kit.serve(ChannelBoxService, {
      getChannels: async ({ channels }) => ({ channels: channels.map((channel) => ({ channel, title: `Channel ${-channel - 1_000_000_000_000n}`, record: { date: 1, memberCount: 3 } })) }),
      act: unused, query: unused, listMembers: unused, listAdminLog: unused,
    });
    kit.serve(FanoutService, { attach: (requests) => this.attach(requests), publish: unused });
  }

  private async invoke(query: Uint8Array, caller: Caller): Promise<MessageInitShape<typeof InvokeResponseSchema>> {
    const { name, request } = readMethod(query);
    this.called.push(name);
    const method = this.methods.get(name);
    let sessionChange: SessionChange | undefined;
    try {
      if (method === undefined) throw new RpcError(400, 'NOT_IMPLEMENTED');
      const result = await method(request as never, { caller, change: (change) => (sessionChange = { change }) });
      return { outcome: { case: 'result', value: writeResult(name, result as never, 'newest') }, sessionChange };
    } catch (error) {
      if (error instanceof RpcError) return { outcome: { case: 'error', value: { code: error.code, message: error.type } }, sessionChange };
      throw error;
    }
  }

  private async *attach(requests: AsyncIterable<{ gatewayId: string; usersAdded: bigint[]; usersRemoved: bigint[] }>): AsyncGenerator<{ pushes: MessageInitShape<typeof PushSchema>[] }> {
    this.attaches += 1;
    const stream = { queue: [] as MessageInitShape<typeof PushSchema>[], wake: () => {}, broken: false };
    this.streams.add(stream);
    const reading = (async () => {
      for await (const { gatewayId, usersAdded, usersRemoved } of requests) {
        if (gatewayId !== '') this.online.clear();
        for (const id of usersAdded) this.online.add(Number(id));
        for (const id of usersRemoved) this.online.delete(Number(id));
      }
    })().catch(() => undefined).finally(() => {
      stream.broken = true;
      stream.wake();
    });
    try {
      yield { pushes: [] };
      for (;;) {
        if (stream.queue.length > 0) yield { pushes: stream.queue.splice(0) };
        else if (stream.broken) break;
        else await new Promise<void>((resolve) => { stream.wake = resolve; });
      }
    } finally {
      this.streams.delete(stream);
      void reading;
    }
  }
}
