import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { AuthKeyService } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import type { CallerSchema, ClientApiService, InvokeResponse, SessionChange } from '@heliograph/protos/heliograph/clientapi/v1/client_api_pb';
import { InflateError, type Inflater } from '@heliograph/mtproto/inflate';
import { BODY_BYTES_MAX } from '@heliograph/mtproto/limits';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Client, Counter, Histogram, Logger } from '@heliograph/service-kit/kit';
import type { Login } from './auth-key';
import type { AuthKeys } from './auth-keys';
import type { Codec } from './codec';
import type { Connection } from './connection';
import { believedDc } from './domain/believed-dc';
import { CONSTRUCTOR } from './domain/constructors';
import { type Message, ownBytes } from './domain/container';
import { gate, UNBOUND_METHODS } from './domain/method-gate';
import { isFileTransfer, pushWish } from './domain/pushes-wanted';
import { bytesFieldSize, TlBytes } from './domain/tl-bytes';
import { MalformedError, TlCursor } from './domain/tl-cursor';
import { unwrap } from './domain/wrappers';
import {
  AFTER_MESSAGE_OVERHEAD_BYTES, AFTER_MESSAGE_WAIT_MS, CLIENT_REPORT_INTERVAL_MS, FAILED_QUERIES_MAX, PACK_BYTES_MAX, PACK_BYTES_MIN, PACK_RATIO_MAX, QUERIES_PER_SESSION_MAX, QUERIES_PER_USER_MAX,
  QUERIES_UNAUTHORISED_MAX, QUERY_DEADLINE_MS, QUERY_OVERHEAD_BYTES, REFRESH_LOGIN_INTERVAL_MS,
} from './limits';
import type { Outbox } from './outbox';
import { Query } from './query';
import { QueryBytes } from './query-bytes';
import { rpcError, RpcFailure } from './rpc-failure';
import type { Session } from './session';

const pack = promisify(gzip);

export interface QueriesDeps {
  dc: number;
  /** There is no other gateway: nobody logs in elsewhere. */
  alone: boolean;
  codec: Codec;
  keys: AuthKeys;
  outbox: Outbox;
  inflater: Inflater;
  auth: Pick<Client<typeof AuthKeyService>, 'reportClient'>;
  /** The service that answers a method; undefined when none does. */
  owner(method: string): string | undefined;
  /** ClientApi of that service. */
  clientApi(owner: string): Pick<Client<typeof ClientApiService>, 'invoke'>;
  /** Fills users and chats for that viewer. */
  dress(viewerId: number, value: object): Promise<void> | undefined;
  now(): number;
  log: Logger;
  /** Somebody logged in or out under the keys of this login. */
  onLoginChanged(login: Login): void;
  /** updates.getState of the session has been answered. */
  onStateAnswered(session: Session): void;
  /** Nothing of the session is under way any more. */
  onIdle(session: Session): void;
  /** Messages of the session that came behind a packed one may go on. */
  holdInbox(session: Session): void;
  releaseInbox(session: Session): void;
  duration: Histogram;
  failures: Counter;
}

/** Methods that are answered with a state that later pushes continue. */
const STATE_METHODS: ReadonlySet<string> = new Set(['updates.getState', 'updates.getDifference']);

/** Client queries: unwrapped, judged, handed to the service that owns the method, their results dressed and encoded for the client's layer. */
export class Queries {
  private readonly perUser = new Map<number, number>();
  private readonly waiting = new Map<Query, number>();
  readonly bytes = new QueryBytes();

  constructor(private readonly deps: QueriesDeps) {}

  /** One query. Messages of a session reach their services in the order in which they came. */
  receive(session: Session, connection: Connection, message: Message): void {
    const queries = (session.queries ??= new Map());
    if (queries.has(message.id)) return;
    const query = new Query(session, message.id, connection.address, believedDc(connection.transport.requestedDc, this.deps.dc));
    query.wrapping.packed = message.packed;
    const most = session.userId === 0 ? QUERIES_UNAUTHORISED_MAX : QUERIES_PER_SESSION_MAX;
    const crowded = queries.size >= most;
    queries.set(message.id, query);
    const awaiting = session.awaiting?.get(message.id);
    if (awaiting !== undefined) {
      session.awaiting?.delete(message.id);
      query.followers = awaiting;
    }
    if (crowded || !this.bytes.take(session.key, query, message.body.byteLength + QUERY_OVERHEAD_BYTES)) return this.refuse(query, 420, 'FLOOD_WAIT_1');
    // What is asked may lie here for a while; the packet that brought it must not.
    this.open(query, ownBytes(message.body));
  }

  /** The client doesn't want the answer any more. */
  drop(query: Query): void {
    query.dropped = true;
  }

  /** Ends waits for messages that never came. */
  expire(): void {
    const now = this.deps.now();
    for (const [query, until] of this.waiting) {
      if (until > now) return;
      this.waiting.delete(query);
      this.refuse(query, 400, 'MSG_WAIT_TIMEOUT');
    }
  }

  /** Answers nothing of this session any more. */
  forget(session: Session): void {
    for (const query of session.queries?.values() ?? []) {
      query.dropped = true;
      // What runs is counted until its service has answered.
      if (query.resume !== undefined) this.settle(query);
    }
    session.queries = undefined;
    session.awaiting = undefined;
  }

  private open(query: Query, body: Uint8Array): void {
    try {
      const rest = unwrap(body, query.wrapping);
      const constructor = new TlCursor(rest).peekUint32();
      if (constructor !== CONSTRUCTOR.gzip_packed) return this.judge(query, constructor, rest);
      if (query.wrapping.packed) throw new MalformedError('packed twice');
      query.wrapping.packed = true;
      const packed = new TlCursor(rest, 4).bytesField();
      const inner = this.deps.inflater.inflate(packed);
      if (!(inner instanceof Promise)) return this.unpacked(query, inner);
      this.deps.holdInbox(query.session);
      inner.then((bytes) => this.unpacked(query, bytes)).catch((error: unknown) => this.fail(query, error)).finally(() => this.deps.releaseInbox(query.session));
    } catch (error) {
      this.fail(query, error);
    }
  }

  private unpacked(query: Query, inner: Uint8Array): void {
    if (!this.bytes.take(query.session.key, query, inner.byteLength)) throw new RpcFailure(420, 'FLOOD_WAIT_1');
    this.open(query, ownBytes(inner));
  }

  private judge(query: Query, constructor: number, rest: Uint8Array): void {
    const { session, wrapping } = query;
    const { codec } = this.deps;
    if (wrapping.layer !== undefined) {
      if (!codec.layers.includes(wrapping.layer)) throw new RpcFailure(400, 'CONNECTION_LAYER_INVALID');
      session.layer = wrapping.layer;
    }
    if (wrapping.refusal !== undefined) throw new RpcFailure(400, wrapping.refusal);
    const method = codec.methodName(constructor);
    if (method === undefined) throw new RpcFailure(400, `INPUT_METHOD_INVALID_${constructor}`);
    query.method = method;
    if (this.mustRefresh(session, method)) {
      // The login may have happened at another gateway. Later queries of the session wait, so that order holds.
      this.deps.holdInbox(session);
      this.deps.keys.refresh(session.key)
        .then(() => {
          if (session.key.login !== undefined) this.deps.onLoginChanged(session.key.login);
        }, (error: unknown) => {
          // Alone, what is remembered is all there is to know. Otherwise a login elsewhere can't be ruled out.
          if (!this.deps.alone) throw error;
        })
        .then(() => this.order(query, rest))
        .catch((error: unknown) => this.fail(query, error))
        .finally(() => this.deps.releaseInbox(session));
      return;
    }
    this.order(query, rest);
  }

  /** Is a 401 about to be said on the ground of facts that may be old? */
  private mustRefresh(session: Session, method: string): boolean {
    const { login, temporary } = session.key;
    // Bound or not: another gateway may know better.
    if (login === undefined) return temporary && !this.deps.alone && !UNBOUND_METHODS.has(method);
    if (login.userId !== 0 || this.deps.codec.isLoginFree(method)) return false;
    if (this.deps.alone && this.deps.now() - login.checkedAt < REFRESH_LOGIN_INTERVAL_MS) return false;
    login.checkedAt = this.deps.now();
    return true;
  }

  /** Waits for the queries named by invokeAfterMsg(s), then runs. */
  private order(query: Query, rest: Uint8Array): void {
    const { session, wrapping } = query;
    for (const id of wrapping.after ?? []) {
      if (id === query.id || session.failed?.includes(id)) throw new RpcFailure(400, 'MSG_WAIT_FAILED');
      const earlier = session.queries?.get(id);
      if (earlier !== undefined) (earlier.followers ??= []).push(query);
      else if (session.window.classify(id) !== 'new') continue;
      else {
        const awaiting = (session.awaiting ??= new Map<bigint, Query[]>());
        const list = awaiting.get(id);
        if (list === undefined) awaiting.set(id, [query]);
        else list.push(query);
        (query.awaits ??= []).push(id);
      }
      query.waitsFor += 1;
    }
    if (query.waitsFor === 0) return this.run(query, rest);
    if (!this.bytes.wait(query) || !this.bytes.take(session.key, query, AFTER_MESSAGE_OVERHEAD_BYTES * query.waitsFor)) throw new RpcFailure(420, 'FLOOD_WAIT_1');
    query.resume = () => {
      this.bytes.run(query);
      this.run(query, rest);
    };
    this.waiting.set(query, this.deps.now() + AFTER_MESSAGE_WAIT_MS);
  }

  private run(query: Query, rest: Uint8Array): void {
    try {
      this.invoke(query, rest);
    } catch (error) {
      this.fail(query, error);
    }
  }

  private invoke(query: Query, rest: Uint8Array): void {
    const { session, method } = query;
    const { codec } = this.deps;
    const { login } = session.key;
    const userId = login?.userId ?? 0;
    const loginFree = codec.isLoginFree(method);
    this.rememberClient(session, query);
    const owner = this.deps.owner(method);
    const refusal = gate({
      method, unbound: login === undefined, loggedIn: userId !== 0, revoked: login?.revoked ?? false, bot: login?.bot ?? false, loginFree,
      userOnly: codec.isUserOnly(method), botOnly: codec.isBotOnly(method), owned: owner !== undefined, homeElsewhere: login !== undefined && login.homeDc !== this.deps.dc ? login.homeDc : 0,
    });
    if (refusal !== undefined) throw new RpcFailure(refusal.code, refusal.type);
    this.countForUser(query, userId);
    this.judgeWish(query, userId, loginFree);
    const state = STATE_METHODS.has(method);
    if (state) session.stateQueries += 1;
    const started = this.deps.now();
    this.deps.clientApi(owner as string).invoke({ query: rest, caller: this.caller(query, login) }, { deadlineMs: QUERY_DEADLINE_MS, routeKey: userId === 0 ? undefined : userId })
      .then((response) => this.complete(query, response))
      .catch((error: unknown) => this.fail(query, error))
      .finally(() => {
        this.deps.duration.record((this.deps.now() - started) / 1_000, { method });
        if (!state) return;
        session.stateQueries -= 1;
        if (session.stateQueries === 0) this.deps.onStateAnswered(session);
      });
  }

  private caller(query: Query, login: Login | undefined): MessageInitShape<typeof CallerSchema> {
    const { session } = query;
    return {
      userId: BigInt(login?.userId ?? 0),
      bot: login?.bot ?? false,
      authKeyId: login?.permanentKeyId ?? 0n,
      sessionId: session.id,
      layer: this.layer(session),
      dc: query.dc,
      ip: query.address,
      messageId: query.id,
      tempAuthKeyId: session.key.temporary ? session.key.id : 0n,
      client: login?.client ?? query.wrapping.client,
      withoutUpdates: query.wrapping.withoutUpdates ?? false,
    };
  }

  /** Layer announced in the session, else under its key; 0 when none was. */
  layer(session: Session): number {
    return session.layer !== 0 ? session.layer : session.key.login?.layer ?? 0;
  }

  private async complete(query: Query, response: InvokeResponse): Promise<void> {
    const { session, method } = query;
    if (response.sessionChange !== undefined) this.applyChange(session, response.sessionChange);
    const { outcome } = response;
    if (outcome.case === 'error') return this.refuse(query, outcome.value.code, outcome.value.message);
    if (outcome.case !== 'result') throw new Error('answer without an outcome');
    let object = await this.encode(session, method, outcome.value);
    if (object.byteLength >= PACK_BYTES_MIN && object.byteLength <= PACK_BYTES_MAX && !isFileTransfer(method)) object = await packed(object);
    // The body of an rpc_result has 12 bytes more.
    if (object.byteLength + 12 > BODY_BYTES_MAX) throw new Error(`result of ${object.byteLength} bytes`);
    this.finish(query, object, true);
  }

  /** The owner's bytes, dressed for the viewer and in the client's layer. */
  private encode(session: Session, method: string, bytes: Uint8Array): Uint8Array | Promise<Uint8Array> {
    // A bare constructor (Bool, an empty object) mentions nobody and is the same in every layer.
    if (bytes.byteLength === 4) return bytes;
    const { codec } = this.deps;
    const layer = this.layer(session) || codec.newestLayer;
    const value = codec.readResult(method, bytes);
    if (typeof value !== 'object' || value === null) return codec.writeResult(method, value, layer);
    const dressing = this.deps.dress(session.userId, value);
    if (dressing === undefined) return codec.writeResult(method, value, layer);
    return dressing.then(() => codec.writeResult(method, value, layer));
  }

  private applyChange(session: Session, { change }: SessionChange): void {
    const { login } = session.key;
    switch (change.case) {
      case 'loggedIn':
        if (login === undefined) return;
        login.userId = Number(change.value.userId);
        login.bot = change.value.bot;
        login.revoked = false;
        login.homeDc = change.value.homeDc;
        login.checkedAt = this.deps.now();
        session.wantsPushes = true;
        login.reportedAt = 0;
        this.report(session);
        return this.deps.onLoginChanged(login);
      case 'loggedOut':
        if (login === undefined) return;
        login.userId = 0;
        login.bot = false;
        login.revoked = false;
        login.checkedAt = this.deps.now();
        return this.deps.onLoginChanged(login);
      case 'boundTempKey': {
        const bound = this.deps.keys.bind(session.key, change.value.authKeyId);
        bound.userId = Number(change.value.userId);
        bound.bot = change.value.bot;
        bound.homeDc = change.value.homeDc;
        bound.checkedAt = this.deps.now();
        return this.deps.onLoginChanged(bound);
      }
      case 'updatesWanted':
        session.wantsPushes = change.value && !session.withoutPushes;
        return;
      default:
    }
  }

  private judgeWish(query: Query, userId: number, loginFree: boolean): void {
    const { session } = query;
    const wish = pushWish({
      loggedIn: userId !== 0, withoutUpdates: query.wrapping.withoutUpdates ?? false, method: query.method, loginFree,
      otherListens: loginFree && this.otherListens(session),
    });
    if (isFileTransfer(query.method)) session.transfersFiles = true;
    if (wish === 'no') session.withoutPushes ||= !session.wantsPushes;
    if (wish !== 'yes' || (session.withoutPushes && !STATE_METHODS.has(query.method))) return;
    session.withoutPushes = false;
    session.wantsPushes = true;
  }

  /** Is another connected session of the same login pushed to? */
  private otherListens(session: Session): boolean {
    for (const key of session.key.login?.keys ?? []) for (const other of key.sessions.values()) if (other !== session && other.listening) return true;
    return false;
  }

  private rememberClient(session: Session, { wrapping }: Query): void {
    const { login } = session.key;
    if (login === undefined) return;
    const { client, layer } = wrapping;
    const changed = (layer !== undefined && layer !== login.layer) || (client !== undefined && JSON.stringify(client) !== JSON.stringify(login.client));
    if (layer !== undefined) login.layer = layer;
    if (client !== undefined) login.client = client;
    if (changed) login.reportedAt = 0;
    if (login.userId !== 0) this.report(session);
  }

  /** Tells auth about the client: at once when it changed, else now and then. Best effort. */
  private report(session: Session): void {
    const { login } = session.key;
    const now = this.deps.now();
    if (login === undefined || login.client === undefined || now - login.reportedAt < CLIENT_REPORT_INTERVAL_MS) return;
    login.reportedAt = now;
    const { client } = login;
    this.deps.auth.reportClient({
      authKeyId: login.permanentKeyId, layer: login.layer, deviceModel: client.deviceModel, systemVersion: client.systemVersion, appVersion: client.appVersion,
      langCode: client.langCode, ip: session.connection?.address ?? '', apiId: client.apiId, activeAt: Math.floor(now / 1_000),
    }).catch(() => this.deps.failures.add(1, { what: 'report-client' }));
  }

  private countForUser(query: Query, userId: number): void {
    if (userId === 0) return;
    const count = this.perUser.get(userId) ?? 0;
    if (count >= QUERIES_PER_USER_MAX) throw new RpcFailure(420, 'FLOOD_WAIT_1');
    this.perUser.set(userId, count + 1);
    query.countedFor = userId;
  }

  /** What went wrong becomes Telegram's error: our own refusals as they are, an outcome that is unknown as 500, which clients repeat with the same random_id. */
  private fail(query: Query, error: unknown): void {
    if (error instanceof RpcFailure) return this.refuse(query, error.code, error.type);
    if (error instanceof MalformedError) return this.refuse(query, 400, 'INPUT_FETCH_ERROR');
    if (error instanceof InflateError) return this.refuse(query, error.reason === 'busy' ? 420 : 400, error.reason === 'busy' ? 'FLOOD_WAIT_1' : 'INPUT_FETCH_ERROR');
    if (error instanceof CallError && error.code !== 'INVALID_ARGUMENT' && error.code !== 'UNIMPLEMENTED') {
      this.deps.failures.add(1, { what: error.code, method: query.method });
      this.deps.log.warn({ method: query.method, code: error.code }, 'a query got no answer from its service');
      return this.refuse(query, 500, 'RPC_CALL_FAIL');
    }
    // A defect: the same query would fail again, and some clients repeat a 5xx for ever.
    this.deps.failures.add(1, { what: 'defect', method: query.method });
    this.deps.log.error({ method: query.method, error: error instanceof Error ? { name: error.name, stack: error.stack } : { name: typeof error } }, 'a query failed in the gateway');
    this.refuse(query, 400, 'INTERNAL');
  }

  private refuse(query: Query, code: number, type: string): void {
    this.finish(query, rpcError(code, type), false);
  }

  private finish(query: Query, object: Uint8Array, succeeded: boolean): void {
    const { session } = query;
    this.settle(query);
    if (session.queries?.get(query.id) === query) session.queries.delete(query.id);
    if (query.countedFor !== 0) {
      const count = (this.perUser.get(query.countedFor) ?? 1) - 1;
      if (count === 0) this.perUser.delete(query.countedFor);
      else this.perUser.set(query.countedFor, count);
      query.countedFor = 0;
    }
    if (!succeeded) {
      const failed = (session.failed ??= []);
      failed.push(query.id);
      if (failed.length > FAILED_QUERIES_MAX) failed.shift();
    }
    if (!query.dropped) this.deps.outbox.answer(session, query.id, object);
    const { followers } = query;
    query.followers = undefined;
    for (const follower of followers ?? []) {
      if (follower.resume === undefined) continue;
      if (!succeeded) this.refuse(follower, 400, 'MSG_WAIT_FAILED');
      else if (--follower.waitsFor === 0) {
        const { resume } = follower;
        follower.resume = undefined;
        this.waiting.delete(follower);
        resume();
      }
    }
    if (session.queries?.size === 0) {
      session.queries = undefined;
      this.deps.onIdle(session);
    }
  }

  /** The query is over: it waits for nothing, and nothing of it is counted any more. */
  private settle(query: Query): void {
    const { session } = query;
    query.resume = undefined;
    this.waiting.delete(query);
    this.bytes.release(session.key, query);
    for (const id of query.awaits ?? []) {
      const rest = session.awaiting?.get(id)?.filter((other) => other !== query);
      if (rest === undefined) continue;
      if (rest.length > 0) session.awaiting?.set(id, rest);
      else session.awaiting?.delete(id);
    }
    query.awaits = undefined;
    if (session.awaiting?.size === 0) session.awaiting = undefined;
  }
}

/** gzip_packed when that saves enough, else the object as it is. */
async function packed(object: Uint8Array): Promise<Uint8Array> {
  const bytes = await pack(object, { level: 1 });
  if (bytes.byteLength > object.byteLength * PACK_RATIO_MAX) return object;
  return new TlBytes(4 + bytesFieldSize(bytes.byteLength)).uint32(CONSTRUCTOR.gzip_packed).bytesField(bytes).done();
}
