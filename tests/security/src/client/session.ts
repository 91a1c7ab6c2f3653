import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { openPacket, sealPacket, type PacketLies } from './encrypted-packet';
import type { AuthKey } from './key-exchange';
import { TlReader, int32, int64, longVector, tlBytes } from './tl-bytes';
import { WAIT_MS, Wire, transportError, type Address, type WireOptions } from './wire';

/** Constructors of service messages and of the wrappers around queries. */
export const MESSAGE = {
  container: 0x73f1f8dc, gzipPacked: 0x3072cfa1, rpcResult: 0xf35c6d01, rpcError: 0x2144ca19, ack: 0x62d6b459, badMessage: 0xa7eff811, badSalt: 0xedab447b,
  newSession: 0x9ec20908, ping: 0x7abe77ec, pingDelay: 0xf3427b8c, pong: 0x347773c5, futureSaltsRequest: 0xb921bd04, futureSalts: 0xae500895,
  stateRequest: 0xda69fb52, stateInfo: 0x04deb57d, resendRequest: 0x7d861a08, destroySession: 0xe7512126, destroySessionOk: 0xe22045fc, destroySessionNone: 0x62d350c9,
  destroyKey: 0xd1435160, destroyKeyOk: 0xf660e1d4, dropAnswer: 0x58e4a740, invokeAfterMsg: 0xcb9f372d, invokeAfterMsgs: 0x3dc4b4f0, invokeWithLayer: 0xda9b0d0d,
  initConnection: 0xc1cd5ea9, invokeWithoutUpdates: 0xbf9459b7, boolTrue: 0x997275b5, boolFalse: 0xbc799737,
} as const;

/** One message from the server, containers taken apart. */
export interface Received {
  readonly id: bigint;
  readonly seqNo: number;
  readonly constructor: number;
  readonly body: Buffer;
  /** The packet that carried it. */
  readonly packet: Buffer;
}

export interface MessageLies extends PacketLies {
  id?: bigint;
  seqNo?: number;
  salt?: bigint;
  sessionId?: bigint;
  quickAck?: boolean;
}

/** What became of a query. */
export type Outcome = { readonly result: Buffer; readonly error?: undefined } | { readonly error: { readonly code: number; readonly type: string }; readonly result?: undefined };

export const describe = (outcome: Outcome): string => (outcome.error === undefined ? `a result of ${outcome.result.length} bytes` : `${outcome.error.code} ${outcome.error.type}`);

let lastId = 0n;

/** A fresh client message id; `aheadS` moves its clock. Unique in this process. */
export function messageId(aheadS = 0): bigint {
  const id = (BigInt(Math.floor((Date.now() / 1_000 + aheadS) * 2 ** 20)) << 12n) & ~3n;
  if (aheadS !== 0) return id | (BigInt(randomBytes(1)[0] as number) << 2n);
  lastId = id > lastId ? id : lastId + 4n;
  return lastId;
}

export const pingBody = (pingId: bigint = randomBytes(8).readBigUInt64LE(0)): Buffer => Buffer.concat([int32(MESSAGE.ping), int64(pingId)]);

export function containerBody(messages: readonly { id: bigint; seqNo: number; body: Buffer; length?: number }[], count = messages.length): Buffer {
  return Buffer.concat([int32(MESSAGE.container), int32(count), ...messages.flatMap(({ id, seqNo, body, length }) => [int64(id), int32(seqNo), int32(length ?? body.length), body])]);
}

export const packedBody = (packed: Uint8Array): Buffer => Buffer.concat([int32(MESSAGE.gzipPacked), tlBytes(packed)]);

/** The object inside an rpc_result, unpacked. */
function unpacked(object: Buffer): Buffer {
  return object.readUInt32LE(0) === MESSAGE.gzipPacked ? gunzipSync(new TlReader(object.subarray(4)).byteString()) : object;
}

const SEND_PACKETS_KEPT_MAX = 4;
const RECEIVED_KEPT_MAX = 20_000;

/** A session under a key on a connection; says exactly what a test wants it to. */
export class Session {
  salt: bigint;
  sessionId = randomBytes(8).readBigUInt64LE(0);
  contentMessages = 0;
  /** Everything received and not yet taken by `clear`, oldest first. */
  received: Received[] = [];
  readonly transportErrors: number[] = [];
  readonly quickAcks: number[] = [];
  /** The last packets sent, newest last: to replay them. */
  readonly sentPackets: Buffer[] = [];
  /** Off: nothing is acknowledged. */
  acknowledges = true;
  /** A fault of the server's that opening its packets showed. */
  fault: Error | undefined;
  private pendingAcks: bigint[] = [];
  private readonly calls = new Map<bigint, { resolve: (outcome: Outcome) => void; reject: (error: Error) => void; body: Buffer; retries: number }>();
  private readonly watchers = new Set<() => void>();

  constructor(public wire: Wire, readonly key: AuthKey) {
    this.salt = key.salt;
    this.attach(wire);
  }

  static async open(address: Address, key: AuthKey, options: WireOptions = {}): Promise<Session> {
    return new Session(await Wire.open(address, options), key);
  }

  /** Goes on over another connection. */
  async reconnect(address: Address, options: WireOptions = {}): Promise<void> {
    this.wire.close();
    this.attach(await Wire.open(address, options));
  }

  private attach(wire: Wire): void {
    this.wire = wire;
    wire.onFrame = (frame) => {
      const error = transportError(frame);
      if (error !== undefined) this.transportErrors.push(error);
      else if (frame.quickAck !== undefined) this.quickAcks.push(frame.quickAck);
      else if (frame.packet !== undefined) this.open(frame.packet);
      for (const watch of this.watchers) watch();
    };
    wire.socket.on('close', () => {
      if (wire !== this.wire) return;
      for (const { reject } of this.calls.values()) reject(new Error('the connection closed before the answer'));
      this.calls.clear();
      for (const watch of this.watchers) watch();
    });
  }

  nextSeqNo(content = true): number {
    if (!content) return 2 * this.contentMessages;
    this.contentMessages += 1;
    return 2 * this.contentMessages - 1;
  }

  /** Sends one message and answers its id. */
  send(body: Buffer, lies: MessageLies = {}): bigint {
    const id = lies.id ?? messageId();
    const { packet } = this.seal(body, { ...lies, id });
    this.sentPackets.push(packet);
    if (this.sentPackets.length > SEND_PACKETS_KEPT_MAX) this.sentPackets.shift();
    this.wire.send(packet, lies.quickAck);
    return id;
  }

  seal(body: Buffer, lies: MessageLies & { id: bigint }): { packet: Buffer; quickAckToken: number } {
    return sealPacket(this.key, { salt: lies.salt ?? this.salt, sessionId: lies.sessionId ?? this.sessionId, id: lies.id, seqNo: lies.seqNo ?? this.nextSeqNo(), body }, lies);
  }

  /** Sends a query and waits for its outcome; a wrong salt is put right and the query sent again. */
  call(body: Buffer, timeoutMs = WAIT_MS, lies: MessageLies = {}): Promise<Outcome> {
    const id = lies.id ?? messageId();
    const outcome = this.outcomeOf(id, body, timeoutMs);
    this.send(body, { ...lies, id });
    return outcome;
  }

  /** The outcome of a query sent, or about to be sent, under that id. */
  outcomeOf(id: bigint, body: Buffer = Buffer.alloc(0), timeoutMs = WAIT_MS): Promise<Outcome> {
    return new Promise<Outcome>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.calls.delete(id);
        reject(this.fault ?? new Error(`no answer within ${timeoutMs} ms`));
      }, timeoutMs);
      const settle = <T>(then: (value: T) => void) => (value: T): void => {
        clearTimeout(timer);
        then(value);
      };
      this.calls.set(id, { resolve: settle(resolve), reject: settle(reject), body, retries: 0 });
    });
  }

  /** Waits for a message that `matches`; looks at what was received before, too. */
  async until(what: string, matches: (message: Received) => boolean, timeoutMs = WAIT_MS): Promise<Received> {
    return this.untilSome(what, () => this.received.find(matches), timeoutMs);
  }

  async untilSome<T>(what: string, find: () => T | undefined, timeoutMs = WAIT_MS): Promise<T> {
    const ready = find();
    if (ready !== undefined) return ready;
    return new Promise<T>((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.watchers.delete(watch);
      };
      const timer = setTimeout(() => {
        finish();
        reject(this.fault ?? new Error(`${what} did not come within ${timeoutMs} ms`));
      }, timeoutMs);
      const watch = (): void => {
        const found = find();
        if (found !== undefined) {
          finish();
          resolve(found);
        } else if (this.wire.closed) {
          finish();
          reject(this.fault ?? new Error(`the connection closed before ${what}`));
        }
      };
      this.watchers.add(watch);
      if (this.wire.closed) watch();
    });
  }

  /** A ping and its pong: everything sent before it has been taken by then. */
  async ping(): Promise<Received> {
    for (let retries = 0; ; retries++) {
      const id = this.send(pingBody());
      const answer = await this.until('a pong', (message) => (message.constructor === MESSAGE.pong || message.constructor === MESSAGE.badSalt) && message.body.readBigUInt64LE(4) === id);
      if (answer.constructor === MESSAGE.pong || retries > 2) return answer;
    }
  }

  /** The bad_msg_notification or bad_server_salt about that message: its code. */
  async refusalOf(id: bigint): Promise<number> {
    const { body } = await this.until('bad_msg_notification', (message) => (message.constructor === MESSAGE.badMessage || message.constructor === MESSAGE.badSalt) && message.body.readBigUInt64LE(4) === id);
    return body.readUInt32LE(16);
  }

  clear(): void {
    this.received = [];
  }

  close(): void {
    this.wire.close();
  }

  private open(packet: Buffer): void {
    try {
      const message = openPacket(this.key, packet);
      if (message.sessionId !== this.sessionId) throw new Error('a message of another session');
      this.take(message.id, message.seqNo, message.body, packet);
      if (this.acknowledges && this.pendingAcks.length >= 16) this.acknowledge();
    } catch (error) {
      this.fault = error as Error;
      this.wire.close();
    }
  }

  private take(id: bigint, seqNo: number, body: Buffer, packet: Buffer): void {
    const constructor = body.readUInt32LE(0);
    if (constructor === MESSAGE.container) {
      const reader = new TlReader(body.subarray(4));
      for (let count = reader.uint32(); count > 0; count--) this.take(reader.int64(), reader.uint32(), reader.raw(reader.uint32()), packet);
      return;
    }
    if (seqNo & 1) this.pendingAcks.push(id);
    this.received.push({ id, seqNo, constructor, body, packet });
    if (this.received.length > RECEIVED_KEPT_MAX) this.received.splice(0, RECEIVED_KEPT_MAX / 2);
    if (constructor === MESSAGE.rpcResult) return this.result(body);
    if (constructor === MESSAGE.badSalt) return this.correctSalt(body);
    if (constructor === MESSAGE.badMessage) {
      const call = this.calls.get(body.readBigUInt64LE(4));
      this.calls.delete(body.readBigUInt64LE(4));
      call?.reject(new Error(`bad_msg_notification ${body.readUInt32LE(16)}`));
    }
  }

  private result(body: Buffer): void {
    const id = body.readBigUInt64LE(4);
    const call = this.calls.get(id);
    if (call === undefined) return;
    this.calls.delete(id);
    const object = unpacked(body.subarray(12));
    if (object.readUInt32LE(0) !== MESSAGE.rpcError) return call.resolve({ result: Buffer.from(object) });
    const reader = new TlReader(object.subarray(4));
    call.resolve({ error: { code: reader.int32(), type: reader.byteString().toString() } });
  }

  private correctSalt(body: Buffer): void {
    this.salt = body.readBigUInt64LE(20);
    const id = body.readBigUInt64LE(4);
    const call = this.calls.get(id);
    if (call === undefined || call.retries > 2) return;
    this.calls.delete(id);
    const again = messageId();
    this.calls.set(again, { ...call, retries: call.retries + 1 });
    this.send(call.body, { id: again });
  }

  acknowledge(): void {
    const ids = this.pendingAcks;
    this.pendingAcks = [];
    if (ids.length > 0) this.send(Buffer.concat([int32(MESSAGE.ack), longVector(ids)]), { seqNo: this.nextSeqNo(false) });
  }
}
