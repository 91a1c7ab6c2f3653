import { openAccessSecrets } from '@heliograph/client-api/access-secrets';
import { changedChats } from '@heliograph/client-api/changed-chats';
import { findMinChannels } from '@heliograph/client-api/chat-views';
import { createDresser } from '@heliograph/client-api/dress';
import { ForAllDresser } from '@heliograph/client-api/dress-for-all';
import { methodOwner } from '@heliograph/client-api/gen/routes';
import { AuthKeyService } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import { ClientApiService } from '@heliograph/protos/heliograph/clientapi/v1/client_api_pb';
import { GatewayService } from '@heliograph/protos/heliograph/gateway/v1/gateway_pb';
import { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { ChannelBoxService } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import { GroupBoxService } from '@heliograph/protos/heliograph/messagestore/v1/group_box_pb';
import { MessageStoreService } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { HandshakeServer } from '@heliograph/mtproto/handshake/handshake-server';
import { Inflater } from '@heliograph/mtproto/inflate';
import { createPacketCipher } from '@heliograph/mtproto/packet/wasm-cipher';
import { SaltSchedule } from '@heliograph/mtproto/salts';
import type { Client, Kit, ServiceDefinition } from '@heliograph/service-kit/kit';
import { asleepOf } from './channels-asleep';
import { readGatewayConfig } from './config';
import { Gateway } from './gateway';
import { CONNECTIONS_MAX } from './limits';
import { Listener } from './listener';
import { createMetrics, observe } from './metrics';
import { openRsaKey } from './rsa-key-file';
import { tlCodec } from './tl-codec';

/** Composition root of `gateway`: MTProto in front, services behind. */
async function compose(kit: Kit): Promise<void> {
  const config = readGatewayConfig((name) => kit.setting(name), kit.dc.port);
  const [rsaKey, saltSecret, accessSecret] = await Promise.all([openRsaKey(config.rsaKeyFile), kit.keyring.secret('salts'), openAccessSecrets(kit)]);
  const auth = kit.client(AuthKeyService);
  const channels = new Map(kit.dcs.map(({ id: dc }) => [dc, kit.client(ChannelBoxService, { dc })]));
  const dresser = createDresser({ users: kit.client(UsersService), chats: kit.client(GroupBoxService), channelsOf: (dc) => channels.get(dc), secretOf: accessSecret, clock: kit.clock });
  const forAll = new ForAllDresser({ users: kit.client(UsersService), channels: (boxes) => findMinChannels({ channelsOf: (dc) => channels.get(dc) }, boxes), clock: kit.clock });
  const messages = kit.client(MessageStoreService);
  const metrics = createMetrics(kit.telemetry);
  const owners = new Map<string, Client<typeof ClientApiService>>();
  const gatewayId = Buffer.from(kit.random(8)).toString('hex');
  const gateway = new Gateway({
    dc: kit.dc.id,
    dcs: kit.dcs.map((dc) => dc.id),
    gatewayId,
    drainMs: config.drainMs,
    clock: kit.clock,
    log: kit.log,
    metrics,
    random: (bytes) => kit.random(bytes),
    schedule: (task) => void setImmediate(task),
    cipher: createPacketCipher({ slots: CONNECTIONS_MAX }),
    salts: new SaltSchedule(saltSecret),
    inflater: new Inflater(),
    handshakes: new HandshakeServer({
      keys: [rsaKey],
      now: () => kit.clock.now(),
      random: (bytes) => kit.random(bytes),
      storeKey: async ({ authKey, keyId, expiresAt }) => {
        const expiresIn = expiresAt === undefined ? 0 : Math.max(1, expiresAt - Math.floor(kit.clock.now() / 1_000));
        return (await auth.storeKey({ authKey, authKeyId: keyId, expiresIn })).stored;
      },
      onOutcome: (outcome) => metrics.handshakes.add(1, { outcome }),
    }),
    codec: tlCodec,
    auth,
    // Where stores are this process's alone, there is no other gateway.
    others: kit.replica.alone ? undefined : {
      gatewayId: Buffer.from(gatewayId, 'hex').readBigUInt64LE(0),
      replica: kit.replica.index,
      ephemeral: kit.ephemeral,
      peer: (replica) => (replica === kit.replica.index ? undefined : kit.replicas(GatewayService)[replica]),
    },
    fanouts: (dc) => (dc === kit.dc.id ? kit.replicas(FanoutService) : kit.replicas(FanoutService, { dc })),
    channelsOf: async (userId) => {
      const { channels } = await messages.listChannels({ userId: BigInt(userId) }, { routeKey: userId });
      return channels.map(({ channel, version, asleep, asleepFrom }) => ({ channel: Number(channel), version: Number(version), asleep, asleepFrom }));
    },
    wakeChannels: async (userId) => {
      const { asleep, later } = await messages.wakeChannels({ userId: BigInt(userId) }, { routeKey: userId });
      return asleepOf(asleep, later);
    },
    owner: methodOwner,
    clientApi: (owner) => {
      let client = owners.get(owner);
      if (client === undefined) owners.set(owner, (client = kit.client(ClientApiService, { owner })));
      return client;
    },
    dress: (viewerId, value) => dresser.dress(viewerId, value),
    dressForAll: (value) => {
      const changed = changedChats(value);
      if (changed !== 'all') for (const box of changed) dresser.invalidateChannel(box);
      return forAll.dress(value);
    },
    invalidate: (userId) => {
      dresser.invalidate(userId);
      forAll.invalidate(userId);
    },
  });
  observe(kit.telemetry, { connections: () => gateway.connectionCount, sessions: () => gateway.sessions.size, keys: () => gateway.keys.size, memberships: () => gateway.channelMembers.size });
  const listener = new Listener(gateway, config);
  let draining = false;
  kit.readiness(() => (draining ? 'draining' : undefined));
  kit.onDrain(async () => {
    draining = true;
    listener.close();
    await gateway.drain();
  });
  kit.serve(GatewayService, { takeSession: async (request) => ({ session: await gateway.handOver(request) }) });
  gateway.start();
  await listener.listen();
  kit.announce({
    publicKey: rsaKey.publicPem,
    fingerprint: BigInt.asIntN(64, rsaKey.fingerprint).toString(),
    websocket: `ws://${kit.dc.host.includes(':') ? `[${kit.dc.host}]` : kit.dc.host}:${kit.dc.port}/apiws`,
    layers: tlCodec.layers,
  });
}

export const gatewayService: ServiceDefinition = { name: 'gateway', uses: ['ephemeral'], goesOnWithout: ['ephemeral'], compose };
