import type { Socket } from 'node:net';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AuthKeyService } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import type { ClientApiService } from '@heliograph/protos/heliograph/clientapi/v1/client_api_pb';
import type { FanoutService, Push } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { SessionStateSchema, TakeSessionRequest } from '@heliograph/protos/heliograph/gateway/v1/gateway_pb';
import type { EstablishedKey, HandshakeServer } from '@heliograph/mtproto/handshake/handshake-server';
import type { Inflater } from '@heliograph/mtproto/inflate';
import { checkClientMessageId, MessageIds, oldestClientMessageId } from '@heliograph/mtproto/message-id';
import { NO_SLOT, type OpenedPacket, type PacketCipher } from '@heliograph/mtproto/packet/cipher';
import { RandomPool } from '@heliograph/mtproto/packet/random-pool';
import { HANDSHAKE_SALT_LIFETIME_S, type SaltSchedule } from '@heliograph/mtproto/salts';
import { Transport, type TransportSettings } from '@heliograph/mtproto/transport/transport';
import { TRANSPORT_ERROR } from '@heliograph/mtproto/transport/transport-error';
import { isUnencrypted, openUnencrypted, packetKeyId, sealUnencrypted } from '@heliograph/mtproto/unencrypted';
import type { Client, Clock, Logger } from '@heliograph/service-kit/kit';
import { sliceOf } from '@heliograph/service-kit/slices';
import { AuthKey, type Login } from './auth-key';
import { AuthKeys } from './auth-keys';
import type { Codec } from './codec';
import { homeDcOf } from '@heliograph/box/box-id';
import { Backlog } from './backlog';
import { ChannelLists, type Listed } from './channel-lists';
import { ChannelMembers } from './channel-members';
import { ChannelPushes } from './channel-pushes';
import { asleepOf, ChannelsAsleep, type Asleep } from './channels-asleep';
import { Connection, type GatewaySocket, PAUSE, type Waiting } from './connection';
import { addressBucket } from './domain/address-bucket';
import { CONSTRUCTOR } from './domain/constructors';
import { type Message, openContainer, ownBytes } from './domain/container';
import type { DisconnectReason } from './domain/disconnect-reason';
import { isAnswered, messageKind, parityFault } from './domain/message-kind';
import { constructorOf, MalformedError } from './domain/tl-cursor';
import { TimerWheel } from './domain/timer-wheel';
import {
  CLOSE_GRACE_MS, CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX, DRAIN_LINGER_MS, DRAIN_SLICE_CONNECTIONS_MIN, DRAIN_SLICES, DRAIN_SPREAD_RATIO, FIRST_PACKET_TIMEOUT_MS, HAND_OVER_WAIT_MS, HANDSHAKE_TIMEOUT_MS, HANDSHAKE_WARM_UP_DELAY_MS, IDLE_TASKS_MAX, IDLE_TIMEOUT_MS, INBOX_MESSAGES_MAX,
  LINGERING_SOCKETS_MAX, OUTBOUND_BYTES_MAX, OUTBOUND_BYTES_UNAUTHORISED_MAX, OUTBOUND_PAUSE_BYTES, OUTBOUND_STALL_MS, PACKET_TIMEOUT_MS, QUERY_OVERHEAD_BYTES, RECHECKED_LOGINS_PER_TICK, RECOVERY_SESSIONS_PER_TICK, TIMER_TICK_MS,
  UNKNOWN_KEYS_PER_CONNECTION_MAX, WAITING_PACKET_BYTES_MAX, WAITING_PACKETS_MAX,
} from './limits';
import { FanoutLinks } from './fanout-links';
import { Intake } from './intake';
import type { Metrics } from './metrics';
import { Online } from './online';
import { Outbox } from './outbox';
import { badMsgNotification, type BadMessageCode } from './protocol/bad-msg-notification';
import { badServerSalt } from './protocol/bad-server-salt';
import { SERVICE_MESSAGES } from './protocol/handlers';
import { newSessionCreated } from './protocol/new-session-created';
import { Pushes } from './pushes';
import { Queries } from './queries';
import { ReadBatch } from './read-batch';
import { ReceiveBuffer } from './receive-buffer';
import { rpcError } from './rpc-failure';
import type { Inboxed, Session } from './session';
import { SessionClaims, type Claimed, type SessionClaimsDeps } from './session-claims';
import { describeSession, resumeSession } from './session-state';
import { Sessions } from './sessions';

export interface GatewayDeps {
  dc: number;
  /** All data centers. */
  dcs: readonly number[];
  /** Tells this gateway from others at fanout. */
  gatewayId: string;
  /** Milliseconds that draining may take. */
  drainMs: number;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  random(bytes: number): Uint8Array;
  /** Runs a task after the current turn of the event loop (setImmediate). */
  schedule(task: () => void): void;
  cipher: PacketCipher;
  salts: SaltSchedule;
  inflater: Inflater;
  handshakes: HandshakeServer;
  codec: Codec;
  auth: Pick<Client<typeof AuthKeyService>, 'findKey' | 'reportClient' | 'destroyKey'>;
  /** What other gateways there may be; undefined: none, ever. */
  others: Omit<SessionClaimsDeps, 'clock' | 'log' | 'failures'> | undefined;
  /** One client for each replica of fanout there is now in a data center. */
  fanouts(dc: number): readonly Pick<Client<typeof FanoutService>, 'attach'>[];
  /** The channels that a user is in. */
  channelsOf(userId: number): Promise<readonly Listed[]>;
  /** Has archived channels of a user looked after; those that still wait for a message. */
  wakeChannels(userId: number): Promise<readonly Asleep[]>;
  owner(method: string): string | undefined;
  clientApi(owner: string): Pick<Client<typeof ClientApiService>, 'invoke'>;
  dress(viewerId: number, value: object): Promise<void> | undefined;
  /** As everybody may see them. */
  dressForAll(value: object): Promise<void> | undefined;
  invalidate(userId: number): void;
}

/** Milliseconds of one salt period; salts are looked up once in each. */
const SALT_PERIOD_MS = 1_800_000;

/** Connections, keys, sessions and what flows between clients and services. */
export class Gateway {
  readonly keys: AuthKeys;
  readonly sessions: Sessions;
  readonly outbox: Outbox;
  readonly queries: Queries;
  readonly online: Online;
  readonly pushes: Pushes;
  readonly channelMembers: ChannelMembers;
  readonly channelPushes: ChannelPushes;
  private readonly channelsAsleep: ChannelsAsleep;
  private readonly channelLists: ChannelLists;
  readonly stream: FanoutLinks;
  readonly intake: Intake;
  private readonly claims: SessionClaims | undefined;
  private readonly backlog: Backlog;
  private readonly connections = new Set<Connection>();
  /** Sockets that still send their last bytes, with the time when they are cut off. */
  private readonly lingering = new Map<GatewaySocket, number>();
  private readonly perAddress = new Map<string, number>();
  private readonly wheel: TimerWheel<Connection>;
  readonly reads: ReadBatch<Connection>;
  private readonly ids: MessageIds;
  private readonly opened: OpenedPacket = { salt: 0n, sessionId: 0n, messageId: 0n, seqNo: 0, body: new Uint8Array(), quickAckToken: 0 };
  private readonly draining = new AbortController();
  private stopped = false;
  private ticker: { stop(): void } | undefined;
  private streaming: Promise<void> | undefined;
  private recovering: Iterator<Session> | undefined;
  /** Slices of users whose sessions are being told that pushes may be missing. */
  private readonly lostSlices = new Set<number>();
  /** Keys that are asked about because revocations may have been missed. */
  private rechecking: Iterator<AuthKey> | undefined;
  private readonly idleTasks = new Map<Session, (() => void)[]>();

  constructor(readonly deps: GatewayDeps) {
    const { cipher, codec, metrics, log } = deps;
    this.wheel = new TimerWheel(deps.clock.now());
    this.reads = new ReadBatch(deps.clock, (connection, chunk) => this.receiveBytes(connection, chunk));
    this.ids = new MessageIds(() => deps.clock.now());
    this.intake = new Intake({ closeConnection: (connection, reason) => this.closeConnection(connection, reason) });
    this.claims = deps.others === undefined ? undefined : new SessionClaims({ ...deps.others, clock: deps.clock, log, failures: metrics.failures });
    this.backlog = new Backlog((connection) => this.closeConnection(connection, 'slow-reader'));
    this.keys = new AuthKeys({ auth: deps.auth, now: () => this.now(), onForget: (key) => this.forgetSessions(key) });
    const random = new RandomPool((bytes) => bytes.set(deps.random(bytes.length)));
    this.sessions = new Sessions({
      now: () => this.now(),
      uniqueId: () => Buffer.from(random.take(8)).readBigUInt64LE(0),
      onConnected: (session) => {
        this.online.update(session);
        this.claims?.keep(session);
      },
      onDisconnected: (session) => {
        this.online.update(session);
        this.claims?.leave(session);
      },
      onForget: (session) => {
        this.queries.forget(session);
        this.outbox.forget(session);
        this.idleTasks.delete(session);
        for (const inboxed of session.inbox ?? []) this.queries.bytes.release(session.key, inboxed);
        session.inbox = undefined;
      },
      closeConnection: (connection) => this.closeConnection(connection, 'session-replaced'),
    });
    this.outbox = new Outbox({
      ids: this.ids, cipher,
      schedule: (task) => deps.schedule(task),
      now: () => this.now(),
      currentSalt: (key, nowMs) => this.currentSalt(key, nowMs),
      holdKey: (connection, key) => this.holdKey(connection, key),
      onWritten: (connection) => this.closeIfDone(connection),
      onDefect: (connection, error) => this.onDefect(connection, error),
      countSent: (messages, packets) => {
        metrics.messagesOut.add(messages);
        metrics.packetsOut.add(packets);
      },
      countBatch: (recipients) => metrics.batch.record(recipients),
    });
    this.queries = new Queries({
      dc: deps.dc, alone: deps.others === undefined, codec, keys: this.keys, outbox: this.outbox, inflater: deps.inflater, auth: deps.auth,
      owner: (method) => deps.owner(method),
      clientApi: (owner) => deps.clientApi(owner),
      dress: (viewerId, value) => deps.dress(viewerId, value),
      now: () => this.now(),
      log,
      onLoginChanged: (login) => this.updateLogin(login),
      onStateAnswered: (session) => this.pushes.release(session),
      onIdle: (session) => this.onIdle(session),
      holdInbox: (session) => this.holdInbox(session),
      releaseInbox: (session) => this.releaseInbox(session),
      duration: metrics.queryDuration,
      failures: metrics.failures,
    });
    this.online = new Online({
      onUserAdded: (userId) => {
        this.stream.userAdded(userId);
        this.channelLists.userAdded(userId);
      },
      onUserRemoved: (userId) => {
        this.stream.userRemoved(userId);
        this.channelLists.userRemoved(userId);
        this.channelMembers.forget(userId);
        this.channelsAsleep.forget(userId);
      },
      onSoleChanged: (userId) => this.stream.userChanged(userId),
    });
    this.pushes = new Pushes({
      codec, online: this.online, outbox: this.outbox, log, failures: metrics.failures, deliveries: metrics.deliveries,
      dress: (viewerId, value) => deps.dress(viewerId, value),
      invalidate: (userId) => deps.invalidate(userId),
      layer: (session) => this.layerOf(session),
      sessionsOfKey: (keyId) => (this.keys.login(keyId)?.keys ?? []).flatMap((key) => [...key.sessions.values()]),
      onKeyRevoked: (keyId, push) => this.revoke(keyId, push.exceptSessionId),
    });
    this.channelMembers = new ChannelMembers({
      now: () => this.now(),
      isOnline: (userId) => this.online.has(userId),
      onChannelAdded: (channel) => this.stream.channelAdded(channel),
      onChannelRemoved: (channel) => this.stream.channelRemoved(channel),
    });
    this.channelPushes = new ChannelPushes({
      codec, online: this.online, members: this.channelMembers, log, failures: metrics.failures,
      now: () => this.now(),
      schedule: (task) => deps.schedule(task),
      dress: (viewerId, value) => deps.dress(viewerId, value),
      dressForAll: (value) => deps.dressForAll(value),
      layer: (session) => this.layerOf(session),
      hand: (session, body) => this.pushes.hand(session, body),
    });
    this.channelsAsleep = new ChannelsAsleep({ wake: (userId) => deps.wakeChannels(userId), isOnline: (userId) => this.online.has(userId), now: () => deps.clock.now(), log });
    this.channelLists = new ChannelLists({
      channelsOf: (userId) => deps.channelsOf(userId),
      members: this.channelMembers, asleep: this.channelsAsleep, clock: deps.clock, log,
      isOnline: (userId) => this.online.has(userId),
      onMissed: (userId, channels) => {
        if (channels !== undefined) return this.channelPushes.tellMissed(userId, channels);
        for (const session of this.online.sessionsOf(userId)) if (session.listening) this.pushes.recover(session);
      },
    });
    this.stream = new FanoutLinks({
      gatewayId: deps.gatewayId, dc: deps.dc, dcs: deps.dcs, clock: deps.clock, log,
      fanouts: (dc) => deps.fanouts(dc),
      users: () => this.online.users,
      channels: () => this.channelMembers.channels,
      soleSession: (userId) => {
        const session = this.online.soleSessionOf(userId);
        const authKeyId = session?.key.login?.permanentKeyId;
        return session === undefined || authKeyId === undefined ? undefined : { authKeyId, sessionId: session.id };
      },
      onPush: (push) => this.takePush(push),
      onLost: (dc, slices) => this.onLost(dc, slices),
      onBroadcastsLost: () => {
        this.rechecking = this.keys.all();
      },
    });
  }

  private takePush(push: Push): void {
    const { what } = push;
    switch (what.case) {
      case 'channel':
        this.channelPushes.deliver(push, what.value);
        if (what.value.posted) this.channelsAsleep.posted(Number(what.value.channel));
        return;
      case 'channelRoute':
        for (const userId of push.userIds) this.channelPushes.route(Number(userId), what.value);
        return;
      case 'channelsAsleep':
        for (const userId of push.userIds) this.channelsAsleep.set(Number(userId), asleepOf(what.value.channels, what.value.later));
        return;
      default:
        return this.pushes.deliver(push);
    }
  }

  private onLost(dc: number, slices: ReadonlySet<number>): void {
    if (dc === this.deps.dc) {
      for (const slice of slices) this.lostSlices.add(slice);
      this.recovering = this.listeningSessions();
    }
    for (const channel of this.channelMembers.channels) if (homeDcOf(channel) === dc && slices.has(sliceOf(channel))) this.channelPushes.tellAllMissed(channel);
  }

  private layerOf(session: Session): number {
    return this.queries.layer(session) || this.deps.codec.newestLayer;
  }

  now(): number {
    return this.deps.clock.now();
  }

  get connectionCount(): number {
    return this.connections.size;
  }

  /** Starts the timer and the stream from fanout. */
  start(): void {
    this.ticker = this.deps.clock.every(TIMER_TICK_MS, () => this.tick());
    const { signal } = this.draining;
    void this.deps.clock.sleep(HANDSHAKE_WARM_UP_DELAY_MS, signal).then(() => {
      if (!signal.aborted) this.deps.handshakes.warmUp();
    });
    this.streaming = this.stream.run();
  }

  /**
   * Ends all connections in slices, each when what is under way on it is answered, then stops; serves them, and other gateways, until then.
   * Resolves within `drainMs` and a little.
   */
  async drain(): Promise<void> {
    this.draining.abort();
    const { drainMs } = this.deps;
    const until = this.now() + drainMs;
    const all = [...this.connections];
    const slices = Math.max(1, Math.min(DRAIN_SLICES, Math.ceil(all.length / DRAIN_SLICE_CONNECTIONS_MIN)));
    const size = Math.ceil(all.length / slices);
    const pauseMs = drainMs * DRAIN_SPREAD_RATIO / slices;
    for (let start = 0; start < all.length; start += size) {
      for (const connection of all.slice(start, start + size)) this.end(connection, 'drained', until);
      // Uneven pauses keep clients from coming back to the others in step.
      if (start + size < all.length) await this.deps.clock.sleep(pauseMs * (0.5 + (this.deps.random(1)[0] as number) / 255));
    }
    while (this.connections.size > 0 && this.now() < until) await this.deps.clock.sleep(10);
    for (const connection of [...this.connections]) this.closeConnection(connection, 'drained', true);
    const lingerUntil = this.now() + DRAIN_LINGER_MS;
    const left = this.claims?.leaveBehind(this.recentSessions(), () => this.now() >= lingerUntil);
    while (this.lingering.size > 0 && this.now() < lingerUntil) await this.deps.clock.sleep(10);
    this.cutLingering(Infinity);
    if (left !== undefined) await Promise.race([left, this.deps.clock.sleep(Math.max(0, lingerUntil - this.now()))]);
    this.stopped = true;
    this.ticker?.stop();
    this.channelLists.stop();
    this.stream.stop();
    await this.streaming;
    await this.deps.handshakes.stop();
  }

  // Connections

  /** Takes a connection, or closes it at a limit. */
  accept(socket: Socket, settings: TransportSettings): void {
    const address = socket.remoteAddress ?? '';
    const { metrics, cipher } = this.deps;
    if (this.connections.size >= CONNECTIONS_MAX) return this.turnAway(socket, 'too-many-connections');
    if (!settings.trustProxy && !this.countAddress(address, 1)) return this.turnAway(socket, 'too-many-from-address');
    const slot = cipher.allocate();
    if (slot === NO_SLOT) {
      if (!settings.trustProxy) this.countAddress(address, -1);
      return this.turnAway(socket, 'too-many-connections');
    }
    const own = socket as GatewaySocket;
    const connection = new Connection(this, own, slot, new Transport(cipher, slot, settings), settings.trustProxy ? '' : address, this.now());
    own.gw = connection;
    own.setNoDelay(true);
    own.on('drain', onSocketDrain);
    own.on('error', onSocketError);
    own.on('close', onSocketClose);
    RECEIVED.read(own);
    this.connections.add(connection);
    connection.deadlineAt = connection.acceptedAt + FIRST_PACKET_TIMEOUT_MS;
    this.wheel.arm(connection);
    metrics.accepted.add(1);
  }

  /** The client's address became known, from a PROXY protocol header. */
  moveAddress(connection: Connection, address: string): void {
    if (connection.closed) return;
    const before = connection.address;
    if (before !== '') this.countAddress(before, -1);
    connection.address = '';
    this.intake.onAddress(connection, before);
    if (!this.countAddress(address, 1)) return this.closeConnection(connection, 'too-many-from-address');
    connection.address = address;
    this.intake.onAddress(connection, '');
  }

  receiveBytes(connection: Connection, chunk: Buffer): void {
    if (connection.closed) return;
    const { packets } = connection;
    try {
      connection.transport.receive(chunk, connection);
    } catch (error) {
      return this.onDefect(connection, error);
    }
    if (connection.closed) return;
    if (connection.packets === packets && connection.packetBeganAt === 0) connection.packetBeganAt = this.now();
    this.setDeadline(connection);
  }

  /** Something failed that never should: this connection pays for it, no other. */
  private onDefect(connection: Connection, error: unknown): void {
    this.deps.metrics.failures.add(1, { what: 'defect' });
    this.deps.log.error({ error: error instanceof Error ? { name: error.name, stack: error.stack } : { name: typeof error } }, 'a packet failed in the gateway');
    this.closeConnection(connection, 'internal-failure');
  }

  onBackPressure(connection: Connection): void {
    const waiting = connection.waitingBytes;
    if (waiting > ((connection.key?.login?.userId ?? 0) === 0 ? OUTBOUND_BYTES_UNAUTHORISED_MAX : OUTBOUND_BYTES_MAX)) return this.closeConnection(connection, 'slow-reader');
    this.backlog.set(connection, waiting);
    if (connection.closed) return;
    if (waiting > OUTBOUND_PAUSE_BYTES) connection.pause(PAUSE.backPressure);
    if (connection.stalledAt !== 0) return;
    connection.stalledAt = this.now();
    connection.sentWhenStalled = connection.bytesOut - waiting;
    this.setDeadline(connection);
  }

  onDrained(connection: Connection): void {
    connection.stalledAt = 0;
    this.backlog.set(connection, 0);
    connection.resume(PAUSE.backPressure);
  }

  /** ping_delay_disconnect: closes unless another ping moves the time. */
  disconnectAfter(connection: Connection, seconds: number): void {
    connection.disconnectAt = this.now() + seconds * 1_000;
    this.setDeadline(connection);
  }

  /** Closes as soon as what is under way is answered and written, at the latest at `until` (default: after CLOSE_GRACE_MS). */
  end(connection: Connection, reason: DisconnectReason, until = this.now() + CLOSE_GRACE_MS): void {
    if (connection.closed || connection.ending !== undefined) return;
    connection.ending = reason;
    connection.deadlineAt = until;
    this.wheel.arm(connection);
    this.closeIfDone(connection);
  }

  /** Closes now. `polite`: bytes already given to the socket still go out. */
  closeConnection(connection: Connection, reason: DisconnectReason, polite = false): void {
    if (connection.closed) return;
    const goodbye = polite ? connection.transport.goodbye() : undefined;
    if (goodbye !== undefined) connection.socket.write(goodbye);
    connection.closed = true;
    this.connections.delete(connection);
    this.wheel.remove(connection);
    this.intake.release(connection);
    this.backlog.set(connection, 0);
    if (connection.address !== '') this.countAddress(connection.address, -1);
    this.sessions.detach(connection);
    this.releaseKey(connection);
    if (connection.handshake !== undefined) this.deps.handshakes.end(connection.handshake);
    connection.handshake = undefined;
    connection.waiting = undefined;
    connection.sealedSession = undefined;
    connection.transport.destroy();
    this.deps.cipher.release(connection.slot);
    if (polite) {
      // Only our side ends: closing both with bytes of the client unread would reset the connection, and take from it what it hasn't read yet.
      // A peer that doesn't end its side must not keep the socket.
      if (this.lingering.size >= LINGERING_SOCKETS_MAX) this.cutOldestLingering();
      this.lingering.set(connection.socket, this.now() + CLOSE_GRACE_MS);
      connection.socket.resume();
      connection.socket.end();
    } else connection.socket.destroy();
    this.deps.metrics.closed.add(1, { reason });
  }

  private turnAway(socket: Socket, reason: DisconnectReason): void {
    this.deps.metrics.closed.add(1, { reason });
    socket.on('error', () => undefined);
    socket.destroy();
  }

  /** False at the limit; then nothing was counted. */
  private countAddress(address: string, change: 1 | -1): boolean {
    const bucket = addressBucket(address);
    const count = (this.perAddress.get(bucket) ?? 0) + change;
    if (change > 0 && count > CONNECTIONS_PER_ADDRESS_MAX) return false;
    if (count <= 0) this.perAddress.delete(bucket);
    else this.perAddress.set(bucket, count);
    return true;
  }

  private setDeadline(connection: Connection): void {
    if (connection.closed || connection.ending !== undefined) return;
    const deadlineAt = this.deadline(connection);
    const sooner = deadlineAt < connection.deadlineAt;
    connection.deadlineAt = deadlineAt;
    if (sooner) this.wheel.arm(connection);
  }

  private deadline(connection: Connection): number {
    let at = connection.acceptedAt + (connection.packets === 0 ? FIRST_PACKET_TIMEOUT_MS : HANDSHAKE_TIMEOUT_MS);
    if (connection.authenticated) at = this.now() + IDLE_TIMEOUT_MS;
    if (connection.packetBeganAt !== 0) at = Math.min(at, connection.packetBeganAt + PACKET_TIMEOUT_MS);
    if (connection.disconnectAt !== 0) at = Math.min(at, connection.disconnectAt);
    if (connection.stalledAt !== 0) at = Math.min(at, connection.stalledAt + OUTBOUND_STALL_MS);
    return at;
  }

  private onDeadline(connection: Connection): void {
    const now = this.now();
    if (connection.ending !== undefined) return this.closeConnection(connection, connection.ending, true);
    if (connection.stalledAt !== 0 && connection.stalledAt + OUTBOUND_STALL_MS <= now) {
      const sent = connection.bytesOut - connection.waitingBytes;
      if (sent <= connection.sentWhenStalled) return this.closeConnection(connection, 'slow-reader');
      connection.sentWhenStalled = sent;
      connection.stalledAt = now;
      connection.deadlineAt = this.deadline(connection);
      return this.wheel.arm(connection);
    }
    if (connection.disconnectAt !== 0 && connection.disconnectAt <= now) return this.closeConnection(connection, 'ping-delay');
    if (connection.packetBeganAt !== 0 && connection.packetBeganAt + PACKET_TIMEOUT_MS <= now) return this.closeConnection(connection, 'packet-timeout');
    this.closeConnection(connection, connection.authenticated ? 'idle' : 'handshake-timeout');
  }

  private tick(): void {
    this.wheel.advance(this.now(), (connection) => this.onDeadline(connection));
    this.cutLingering(this.now());
    this.outbox.flushAcks();
    this.sessions.expire();
    this.queries.expire();
    this.claims?.refresh((session) => this.sessions.forget(session));
    this.recoverSome();
    this.recheckSome();
  }

  private cutOldestLingering(): void {
    const [oldest] = this.lingering.keys();
    if (oldest === undefined) return;
    this.lingering.delete(oldest);
    oldest.destroy();
  }

  private cutLingering(before: number): void {
    for (const [socket, at] of this.lingering) {
      if (at > before) return;
      this.lingering.delete(socket);
      socket.destroy();
    }
  }

  /** The socket is gone, whoever ended it. */
  onSocketClosed(connection: Connection): void {
    this.lingering.delete(connection.socket);
    this.closeConnection(connection, 'closed-by-client');
  }

  // Packets

  receivePacket(connection: Connection, packet: Buffer, quickAck: boolean): void {
    this.deps.metrics.packetsIn.add(1);
    if (connection.waiting !== undefined) return this.holdPacket(connection, packet, quickAck);
    if (packet.byteLength < 8) return this.closeConnection(connection, 'bad-packet');
    if (isUnencrypted(packet)) return this.receiveHandshake(connection, packet);
    const keyId = packetKeyId(packet);
    if (keyId === undefined) return this.closeConnection(connection, 'bad-packet');
    const key = connection.key?.id === keyId ? connection.key : this.keys.peek(keyId);
    if (key !== undefined) return this.receiveEncrypted(connection, key, packet, quickAck);
    connection.waiting = { packets: [], bytes: 0 };
    this.holdPacket(connection, packet, quickAck);
    connection.pause(PAUSE.keyLookup);
    this.keys.find(keyId)
      .then((found) => this.onKeyFound(connection, keyId, found), () => this.closeConnection(connection, 'key-lookup-failed'))
      .catch((error: unknown) => this.onDefect(connection, error));
  }

  private holdPacket(connection: Connection, packet: Buffer, quickAck: boolean): void {
    const { waiting } = connection;
    if (waiting === undefined) return;
    waiting.bytes += packet.byteLength;
    if (waiting.packets.length >= WAITING_PACKETS_MAX || waiting.bytes > WAITING_PACKET_BYTES_MAX) return this.closeConnection(connection, 'too-many-waiting');
    waiting.packets.push({ packet: Buffer.from(packet), quickAck });
    this.intake.change(connection, packet.byteLength);
  }

  private onKeyFound(connection: Connection, keyId: bigint, key: AuthKey | undefined): void {
    const { waiting } = connection;
    if (connection.closed || waiting === undefined) return;
    connection.waiting = undefined;
    this.intake.change(connection, -waiting.bytes);
    if (key === undefined) {
      waiting.packets = waiting.packets.filter(({ packet }) => packetKeyId(packet) !== keyId);
      this.refuseKey(connection);
    }
    this.receiveAgain(connection, waiting);
  }

  private receiveHeld(connection: Connection): void {
    const { waiting } = connection;
    if (connection.closed || waiting === undefined) return;
    connection.waiting = undefined;
    this.intake.change(connection, -waiting.bytes);
    this.receiveAgain(connection, waiting);
  }

  private receiveAgain(connection: Connection, { packets }: Waiting): void {
    for (const { packet, quickAck } of packets) {
      if (connection.closed || connection.ending !== undefined) break;
      this.receivePacket(connection, packet, quickAck);
    }
    if (connection.waiting === undefined) connection.resume(PAUSE.keyLookup);
    this.setDeadline(connection);
  }

  /** Says that the key doesn't exist; the client makes another, on this connection or a new one. */
  private refuseKey(connection: Connection): void {
    connection.write(connection.transport.error(TRANSPORT_ERROR.authKeyNotFound));
    if (++connection.unknownKeys >= UNKNOWN_KEYS_PER_CONNECTION_MAX) this.closeConnection(connection, 'key-unknown', true);
  }

  private receiveHandshake(connection: Connection, packet: Buffer): void {
    const envelope = openUnencrypted(packet);
    if (envelope === undefined) return this.closeConnection(connection, 'bad-packet');
    const { handshakes } = this.deps;
    connection.handshake ??= handshakes.begin();
    void handshakes.receive(connection.handshake, envelope.body, connection.address).then((reply) => {
      // The key is stored: it is good even if this connection isn't any more.
      if (reply.kind === 'answer' && reply.established !== undefined) this.addKey(reply.established);
      if (connection.closed) return;
      if (reply.kind === 'answer') return connection.write(connection.transport.frame(sealUnencrypted(this.ids.answer(), reply.body)));
      connection.write(connection.transport.error(reply.code));
      if (reply.code === TRANSPORT_ERROR.tooManyRequests) this.closeConnection(connection, 'over-budget', true);
    }).catch((error: unknown) => this.onDefect(connection, error));
  }

  private addKey(established: EstablishedKey): void {
    const key = new AuthKey(established.keyId, Uint8Array.from(established.authKey), established.expiresAt ?? 0);
    key.handshakeSalt = { salt: established.serverSalt, validUntil: Math.floor(this.now() / 1_000) + HANDSHAKE_SALT_LIFETIME_S };
    this.keys.add(key);
  }

  private receiveEncrypted(connection: Connection, key: AuthKey, packet: Buffer, quickAck: boolean): void {
    if (key.dead || (key.temporary && key.expiresAt * 1_000 <= this.now())) return this.refuseKey(connection);
    if (connection.key !== key) this.holdKey(connection, key);
    const { opened } = this;
    if (!this.deps.cipher.open(connection.slot, packet, opened)) return this.closeConnection(connection, 'bad-packet');
    const { salt, sessionId, quickAckToken } = opened;
    const { body } = opened;
    // The next packet overwrites it. Acks are read before that, anything else may be kept.
    const passes = body.byteLength >= 4 && constructorOf(body) === CONSTRUCTOR.msgs_ack;
    const message: Message = { id: opened.messageId, seqNo: opened.seqNo, body: passes ? body : new Uint8Array(body) };
    if (!connection.authenticated) {
      connection.authenticated = true;
      this.intake.onProven(connection);
      if (connection.handshake !== undefined) this.deps.handshakes.end(connection.handshake);
      connection.handshake = undefined;
    }
    if (this.claims !== undefined && !key.sessions.has(sessionId)) return this.claimSession(connection, this.claims, key, sessionId, packet, quickAck);
    const session = this.sessions.obtain(key, sessionId, connection);
    if (session === undefined) return this.closeConnection(connection, 'over-budget');
    const joined = this.sessions.attach(session, connection);
    if (quickAck) {
      const frame = connection.transport.quickAck(quickAckToken);
      if (frame !== undefined) connection.write(frame);
    }
    this.receiveMessage(session, message, salt, connection);
    if (joined && !session.closed) this.welcomeBack(session);
  }

  /** Makes the session this gateway's; its packets wait meanwhile. */
  private claimSession(connection: Connection, claims: SessionClaims, key: AuthKey, sessionId: bigint, packet: Buffer, quickAck: boolean): void {
    connection.waiting = { packets: [], bytes: 0 };
    this.holdPacket(connection, packet, quickAck);
    connection.pause(PAUSE.keyLookup);
    claims.claim(key, sessionId)
      .then((claimed) => {
        if (!key.dead && !key.sessions.has(sessionId) && !this.onClaimed(connection, key, sessionId, claimed)) return this.closeConnection(connection, 'over-budget');
        this.receiveHeld(connection);
      })
      .catch((error: unknown) => this.onDefect(connection, error));
  }

  /** The session is here now, with what is known of it. False when there are too many of other keys. */
  private onClaimed(connection: Connection, key: AuthKey, sessionId: bigint, { state, floor, recorded }: Claimed): boolean {
    // Nobody waits for it any more, and its key is gone from memory.
    if (connection.closed && this.keys.peek(key.id) !== key) return true;
    const session = this.sessions.park(key, sessionId, connection);
    if (session === undefined) return false;
    if (recorded) session.recordedAt = this.now();
    if (state !== undefined) resumeSession(session, state, this);
    else this.sessions.raiseFloor(session, floor);
    return true;
  }

  /** Another gateway takes a session. Undefined when it isn't here. */
  async handOver({ authKeyId, sessionId, gatewayId }: TakeSessionRequest): Promise<MessageInitShape<typeof SessionStateSchema> | undefined> {
    if (gatewayId !== this.deps.others?.gatewayId || this.stopped) return undefined;
    const find = (): Session | undefined => this.keys.peek(authKeyId)?.sessions.get(sessionId);
    if (find() === undefined) await this.claims?.settled(authKeyId, sessionId);
    const session = find();
    if (session === undefined) return undefined;
    const waited = new AbortController();
    await Promise.race([new Promise<void>((resolve) => {
      if (!this.whenIdle(session, resolve)) resolve();
    }), this.deps.clock.sleep(HAND_OVER_WAIT_MS, waited.signal)]);
    waited.abort();
    if (session.closed) return undefined;
    // What needs no acknowledgement goes nowhere else.
    this.outbox.flush();
    const state = describeSession(session, this.now());
    this.sessions.forget(session);
    return state;
  }

  /** Destroys a session of the key at another gateway; undefined when there is none. */
  destroyElsewhere(key: AuthKey, sessionId: bigint): Promise<boolean> | undefined {
    return this.claims?.destroy(key.id, sessionId);
  }

  /** A session goes on over a new connection: what its client hasn't acknowledged is sent again, and what it missed is said. */
  private welcomeBack(session: Session): void {
    for (const kept of session.unacked?.values() ?? []) this.outbox.resend(session, kept);
    if (session.missedPushes && session.listening) this.pushes.recover(session);
  }

  private holdKey(connection: Connection, key: AuthKey): void {
    this.releaseKey(connection);
    connection.key = key;
    key.connections += 1;
    connection.sealedSession = undefined;
    this.deps.cipher.setAuthKey(connection.slot, key.id, key.bytes);
    this.keys.touch(key);
  }

  private releaseKey(connection: Connection): void {
    const { key } = connection;
    if (key === undefined) return;
    connection.key = undefined;
    key.connections -= 1;
    if (key.connections === 0 && key.stale) this.keys.forget(key);
  }

  // Messages

  private receiveMessage(session: Session, message: Message, salt: bigint, connection: Connection): void {
    const nowMs = this.now();
    const fault = checkClientMessageId(message.id, nowMs);
    if (fault !== undefined) return this.refuseMessage(session, message, fault);
    const current = this.currentSalt(session.key, nowMs);
    if (salt !== current && !this.isEarlierSalt(session.key, salt, nowMs)) return this.outbox.reply(session, badServerSalt(message, current));
    if (message.body.byteLength < 4) return this.refuse(session, message, 400, 'INPUT_FETCH_ERROR');
    const constructor = constructorOf(message.body);
    if (constructor !== CONSTRUCTOR.msg_container) return this.receivePart(session, message, connection, message.id);
    this.receiveContainer(session, message, connection);
  }

  private receiveContainer(session: Session, message: Message, connection: Connection): void {
    const received = session.window.classify(message.id);
    if (received !== 'new') return this.refuseMessage(session, message, received === 'duplicate' ? 19 : 20);
    const parity = parityFault('container', message.seqNo);
    if (parity !== undefined) return this.refuseMessage(session, message, parity);
    const parts = openContainer(message.id, message.body);
    if (parts === undefined) return this.refuseMessage(session, message, 64);
    this.sessions.remember(session, message.id, 0);
    let first = message.id;
    for (const part of parts) if (part.id < first) first = part.id;
    for (const part of parts) this.receivePart(session, part, connection, first);
  }

  /** One message that isn't a container. `first`: the lowest id of its packet. */
  private receivePart(session: Session, message: Message, connection: Connection, first: bigint): void {
    if (session.closed) return;
    const fault = checkClientMessageId(message.id, this.now()) ?? parityFault(messageKind(constructorOf(message.body)), message.seqNo);
    if (fault !== undefined) return this.refuseMessage(session, message, fault);
    const { window } = session;
    const received = window.classify(message.id);
    if (received === 'too-old') return this.refuseMessage(session, message, 20);
    const contentRelated = (message.seqNo & 1) === 1;
    if (received === 'duplicate') {
      if (contentRelated) this.outbox.ack(session, message.id);
      const answer = this.outbox.findAnswer(session, message.id);
      if (answer !== undefined) this.outbox.resend(session, answer);
      return;
    }
    const sequence = window.sequenceFault(message.id, message.seqNo);
    if (sequence !== undefined) return this.refuseMessage(session, message, sequence);
    this.sessions.remember(session, message.id, message.seqNo);
    this.deps.metrics.messagesIn.add(1);
    if (!session.announced) {
      session.announced = true;
      this.outbox.notify(session, newSessionCreated(first, session.uniqueId, this.currentSalt(session.key)));
    }
    if (contentRelated) this.outbox.ack(session, message.id);
    if (session.holds === 0) return this.dispatch(session, message, connection);
    const inbox = (session.inbox ??= []);
    if (inbox.length >= INBOX_MESSAGES_MAX) return this.closeConnection(connection, 'too-many-waiting');
    const inboxed: Inboxed = { message: { ...message, body: ownBytes(message.body) }, connection, bytes: 0, unauthorised: false, waiting: true };
    if (this.queries.bytes.take(session.key, inboxed, message.body.byteLength + QUERY_OVERHEAD_BYTES)) inbox.push(inboxed);
    else if (isAnswered(constructorOf(message.body))) this.refuse(session, message, 420, 'FLOOD_WAIT_1');
    else this.closeConnection(connection, 'too-many-waiting');
  }

  /** Hands a message to what takes it. Never throws. */
  dispatch(session: Session, message: Message, connection: Connection): void {
    try {
      const handler = SERVICE_MESSAGES.get(constructorOf(message.body));
      if (handler === undefined) this.queries.receive(session, connection, message);
      else handler(this, session, message, connection);
    } catch (error) {
      if (error instanceof MalformedError) this.refuse(session, message, 400, 'INPUT_FETCH_ERROR');
      else this.onDefect(connection, error);
    }
  }

  /** Answers a message that isn't a query under way with an error. */
  refuse(session: Session, message: Message, code: number, type: string): void {
    this.outbox.answer(session, message.id, rpcError(code, type));
  }

  private refuseMessage(session: Session, message: Message, code: BadMessageCode): void {
    this.deps.metrics.badMessages.add(1, { code });
    this.outbox.reply(session, badMsgNotification(message, code));
  }

  /** Later messages of the session wait until `releaseInbox`. */
  holdInbox(session: Session): void {
    session.holds += 1;
  }

  releaseInbox(session: Session): void {
    session.holds -= 1;
    while (session.holds === 0 && session.inbox !== undefined) {
      const next = session.inbox.shift();
      if (next === undefined) {
        session.inbox = undefined;
        break;
      }
      this.queries.bytes.release(session.key, next);
      this.dispatch(session, next.message, next.connection);
    }
    if (session.holds === 0) this.onIdle(session);
  }

  private currentSalt(key: AuthKey, nowMs = this.now()): bigint {
    const period = Math.floor(nowMs / SALT_PERIOD_MS);
    if (key.saltPeriod !== period) {
      key.salt = this.deps.salts.current(key.id, nowMs);
      key.saltPeriod = period;
      key.earlierSalt = undefined;
    }
    return key.salt;
  }

  /** Whether a salt that isn't the current one is good still. Clients go on with theirs for half an hour, so what was found is remembered. */
  private isEarlierSalt(key: AuthKey, salt: bigint, nowMs: number): boolean {
    if (salt === key.earlierSalt) return true;
    if (!this.deps.salts.isValid(key.id, salt, nowMs, key.handshakeSalt)) return false;
    // The handshake's own ends at its own time.
    if (salt !== key.handshakeSalt?.salt) key.earlierSalt = salt;
    return true;
  }

  // Sessions, keys and logins

  /** Runs `task` when no query of the session is under way. False: too many tasks wait for that. */
  whenIdle(session: Session, task: () => void): boolean {
    const tasks = this.idleTasks.get(session);
    if (tasks !== undefined && tasks.length >= IDLE_TASKS_MAX) return false;
    if (session.queries === undefined && session.holds === 0) task();
    else if (tasks === undefined) this.idleTasks.set(session, [task]);
    else tasks.push(task);
    return true;
  }

  /** True when the key existed. */
  async destroyKey(key: AuthKey, sessionId: bigint): Promise<boolean> {
    const { destroyed } = await this.deps.auth.destroyKey({ authKeyId: key.id, sessionId });
    return destroyed;
  }

  /** No packet under the key is taken any more; its connections end. */
  endKey(key: AuthKey, reason: DisconnectReason): void {
    key.dead = true;
    this.retire(key, reason, undefined);
  }

  destroySession(session: Session): void {
    const connections = [...session.connections];
    this.sessions.forget(session);
    for (const connection of connections) if (connection.session === undefined) this.end(connection, 'session-replaced');
  }

  private revoke(permanentKeyId: bigint, exceptSessionId: bigint): void {
    const login = this.keys.login(permanentKeyId);
    // A temporary key may have been destroyed by itself.
    const keys = login === undefined ? [this.keys.peek(permanentKeyId)] : [...login.keys];
    if (login !== undefined) {
      login.userId = 0;
      login.bot = false;
      login.checkedAt = 0;
      this.updateLogin(login);
    }
    for (const key of keys) if (key !== undefined) this.retire(key, 'key-revoked', exceptSessionId === 0n ? undefined : exceptSessionId);
  }

  /** Ends the key's connections, apart from those of one session; the key is looked up anew when it comes again. */
  private retire(key: AuthKey, reason: DisconnectReason, exceptSessionId: bigint | undefined): void {
    let spared = false;
    for (const session of [...key.sessions.values()]) {
      if (session.id === exceptSessionId) spared = true;
      else for (const connection of [...session.connections]) this.end(connection, reason);
    }
    if (spared) return;
    key.stale = true;
    if (key.connections === 0) this.keys.forget(key);
  }

  private updateLogin(login: Login): void {
    for (const key of login.keys) for (const session of key.sessions.values()) this.online.update(session);
  }

  private forgetSessions(key: AuthKey): void {
    for (const session of [...key.sessions.values()]) this.sessions.forget(session);
  }

  private onIdle(session: Session): void {
    if (session.queries !== undefined || session.holds > 0) return;
    const tasks = this.idleTasks.get(session);
    if (tasks !== undefined) {
      this.idleTasks.delete(session);
      for (const task of tasks) task();
    }
    for (const connection of [...session.connections]) this.closeIfDone(connection);
  }

  private closeIfDone(connection: Connection): void {
    if (connection.ending === undefined || connection.closed) return;
    for (const session of [connection.session, ...(connection.otherSessions ?? [])]) {
      if (session !== undefined && (session.queries !== undefined || session.holds > 0 || session.queuedForFlush || this.idleTasks.has(session))) return;
    }
    this.closeConnection(connection, connection.ending, true);
  }

  /** Sessions some of whose packets could still be replayed. */
  private *recentSessions(): Generator<Session> {
    const oldest = oldestClientMessageId(this.now());
    for (const session of this.sessions.left()) if (session.window.highest >= oldest) yield session;
  }

  private *listeningSessions(): Generator<Session> {
    for (const userId of [...this.online.users]) for (const session of this.online.sessionsOf(userId)) if (session.listening) yield session;
  }

  /** After a stream from fanout broke: sessions of its slices are told, some per tick, that they may have missed something. */
  private recoverSome(): void {
    if (this.recovering === undefined) return;
    for (let count = 0; count < RECOVERY_SESSIONS_PER_TICK; count++) {
      const next = this.recovering.next();
      if (next.done) {
        this.recovering = undefined;
        this.lostSlices.clear();
        return;
      }
      if (next.value.listening && this.lostSlices.has(sliceOf(next.value.userId))) this.pushes.recover(next.value);
    }
  }

  /** After revocations may have been missed: logins are asked about, some per tick, and end where auth knows them no more. */
  private recheckSome(): void {
    if (this.rechecking === undefined) return;
    for (let count = 0; count < RECHECKED_LOGINS_PER_TICK; count++) {
      const next = this.rechecking.next();
      if (next.done) {
        this.rechecking = undefined;
        return;
      }
      const { login } = next.value;
      if (login === undefined || login.userId === 0 || next.value.temporary) continue;
      // Where auth doesn't answer, nothing is known: the login stays.
      this.keys.isLoggedIn(next.value).then((loggedIn) => { if (!loggedIn) this.revoke(login.permanentKeyId, 0n); }, () => this.deps.metrics.failures.add(1, { what: 'recheck' }));
    }
  }
}

const RECEIVED = new ReceiveBuffer<GatewaySocket>(onSocketData);

function onSocketData(this: GatewaySocket, chunk: Buffer): void {
  this.gw.gateway.reads.add(this.gw, chunk);
}

function onSocketDrain(this: GatewaySocket): void {
  this.gw.gateway.onDrained(this.gw);
}

function onSocketError(this: GatewaySocket): void {
  this.gw.gateway.closeConnection(this.gw, 'socket-error');
}

function onSocketClose(this: GatewaySocket): void {
  // What it sent before is still carried out.
  this.gw.gateway.reads.flush();
  this.gw.gateway.onSocketClosed(this.gw);
}
