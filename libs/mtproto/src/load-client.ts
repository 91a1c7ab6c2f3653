import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { exchangeKey, type ClientKey, type ExchangeOptions } from './handshake/client-exchange';
import { HandshakeReader } from './handshake/tl';
import { FRAMING, NO_SLOT, type OpenedPacket, type PacketCipher, type Slot } from './packet/cipher';
import { MessageIds } from './message-id';
import { openUnencrypted, sealUnencrypted } from './unencrypted';

/**
 * A small MTProto client for load programs: thousands of connections in one process, queries and answers as TL bytes. It trusts the server and
 * checks little, so it proves nothing about correctness: real client libraries do that in tests/conformance.
 */

/** Constructors of service messages that a client meets. */
const SERVICE = {
  container: 0x73f1f8dc, gzipPacked: 0x3072cfa1, rpcResult: 0xf35c6d01, rpcError: 0x2144ca19, ack: 0x62d6b459, pong: 0x347773c5, ping: 0x7abe77ec,
  newSession: 0x9ec20908, badServerSalt: 0xedab447b, badMessage: 0xa7eff811, vector: 0x1cb5c415,
} as const;
const INTERMEDIATE_TAG = 0xeeeeeeee;
/** Content messages received before an ack is sent. */
const ACKS_MAX = 16;
/** Calls of one connection that wait for an answer. One more is rejected. */
const CALLS_MAX = 4_096;
/** Times that a call is sent again after bad_server_salt. */
const RESENDS_MAX = 3;
/** Bytes of an unpacked answer; a larger one ends the program. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

/** An rpc_error. */
export class RpcFailure extends Error {
  constructor(readonly code: number, readonly type: string) {
    super(`${code} ${type}`);
  }
}

export interface LoadClientOptions extends ExchangeOptions {
  readonly host: string;
  readonly port: number;
  /** Shared by all connections of the process: two slots each. */
  readonly cipher: PacketCipher;
  readonly obfuscated?: boolean;
  /** Source address, to have more than 28,000 ports (127.0.0.2, …). */
  readonly localAddress?: string;
  /** Goes on with a key of an earlier connection instead of making one. */
  readonly key?: ClientKey;
  /** Every message that answers no call: updates. `body` is valid during the call only. */
  readonly onMessage?: (body: Buffer, client: LoadClient) => void;
  readonly onClose?: (error: Error | undefined, client: LoadClient) => void;
}

interface Call {
  query: Uint8Array;
  resends: number;
  resolve: (result: Buffer) => void;
  reject: (error: Error) => void;
}

const ids = new MessageIds(Date.now);
const opened: OpenedPacket = { salt: 0n, sessionId: 0n, messageId: 0n, seqNo: 0, body: Buffer.alloc(0), quickAckToken: 0 };

/** One connection with one session. Made by `connectLoadClient`. */
export class LoadClient {
  /** The key, for another connection. */
  key!: ClientKey;
  /** Bytes received, packets received, for the program's books. */
  bytesIn = 0;
  packetsIn = 0;
  readonly #options: LoadClientOptions;
  readonly #cipher: PacketCipher;
  readonly #socket: Socket;
  /** The packet module encrypts as a server does. A client is two such slots with the auth key moved by eight bytes, see `#install`. */
  readonly #sendSlot: Slot;
  readonly #receiveSlot: Slot;
  readonly #sessionId = randomBytes(8).readBigUInt64LE(0);
  readonly #calls = new Map<bigint, Call>();
  #partial: Buffer | undefined;
  #seqNo = 0;
  #acks: bigint[] = [];
  #answerToQuery: ((body: Buffer) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;
  #closed = false;

  constructor(options: LoadClientOptions, socket: Socket) {
    this.#options = options;
    this.#cipher = options.cipher;
    this.#socket = socket;
    this.#sendSlot = this.#cipher.allocate();
    this.#receiveSlot = this.#cipher.allocate();
    if (this.#receiveSlot === NO_SLOT) throw new Error('no slot is left: make the cipher with two per connection');
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#close(error));
    socket.on('close', () => this.#close(undefined));
    socket.write(options.obfuscated ? this.#obfuscate() : Buffer.from('eeeeeeee', 'hex'));
  }

  /** Makes or takes the key. Called once by connectLoadClient. */
  async establish(): Promise<void> {
    this.key = this.#options.key ?? await exchangeKey((query) => this.#exchange(query), this.#options);
    this.#install();
  }

  /** Sends a query (wrapped as the caller likes); resolves with the result's TL bytes, rejects with RpcFailure or the connection's error. */
  call(query: Uint8Array): Promise<Buffer> {
    if (this.#closed) return Promise.reject(new Error('the connection is closed'));
    if (this.#calls.size >= CALLS_MAX) return Promise.reject(new Error(`${CALLS_MAX} calls wait already`));
    return new Promise((resolve, reject) => this.#send({ query, resends: 0, resolve, reject }));
  }

  /** Resolves when the server answered a ping. */
  async ping(): Promise<void> {
    const query = Buffer.alloc(12);
    query.writeUInt32LE(SERVICE.ping);
    await this.call(query);
  }

  /** Ends the connection; waiting calls are rejected. */
  close(): void {
    this.#close(undefined);
  }

  #close(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    this.#cipher.release(this.#sendSlot);
    this.#cipher.release(this.#receiveSlot);
    const reason = error ?? new Error('the connection is closed');
    this.#failed?.(reason);
    for (const { reject } of this.#calls.values()) reject(reason);
    this.#calls.clear();
    this.#options.onClose?.(error, this);
  }

  #obfuscate(): Buffer {
    const init = randomBytes(64);
    // Not one of the values that mean another transport.
    init[0] = 1;
    init.writeUInt32LE(1, 4);
    init.writeUInt32LE(INTERMEDIATE_TAG, 56);
    const backward = Buffer.from(init.subarray(8, 56)).reverse();
    const unused = Buffer.alloc(48);
    this.#cipher.setObfuscation(this.#sendSlot, unused.subarray(0, 32), unused.subarray(32), init.subarray(8, 40), init.subarray(40, 56));
    this.#cipher.setObfuscation(this.#receiveSlot, backward.subarray(0, 32), backward.subarray(32, 48), unused.subarray(0, 32), unused.subarray(32));
    const encrypted = Buffer.from(init);
    this.#cipher.encryptStream(this.#sendSlot, encrypted);
    encrypted.copy(init, 56, 56);
    return init;
  }

  /**
   * A slot sends with x = 8 and receives with x = 0; a client does the reverse. Every place that the key is read at is x plus a constant, so the sending slot gets
   * the key eight bytes later and the receiving one eight bytes earlier.
   */
  #install(): void {
    const { authKey, keyId } = this.key;
    this.#cipher.setAuthKey(this.#sendSlot, keyId, Buffer.concat([Buffer.alloc(8), authKey.subarray(0, 120)]));
    this.#cipher.setAuthKey(this.#receiveSlot, keyId, authKey.subarray(8));
    this.#cipher.setSession(this.#sendSlot, this.key.serverSalt, this.#sessionId);
  }

  #exchange(query: Buffer): Promise<Buffer> {
    const packet = sealUnencrypted(ids.answer() & ~3n, query);
    const frame = Buffer.alloc(4 + packet.length);
    frame.writeUInt32LE(packet.length);
    packet.copy(frame, 4);
    this.#cipher.encryptStream(this.#sendSlot, frame);
    return new Promise((resolve, reject) => {
      this.#answerToQuery = resolve;
      this.#failed = reject;
      this.#socket.write(frame);
    });
  }

  #send(call: Call): void {
    const messageId = ids.answer() & ~3n;
    this.#calls.set(messageId, call);
    this.#seqNo += 2;
    this.#socket.write(this.#cipher.seal(this.#sendSlot, FRAMING.intermediate, messageId, this.#seqNo - 1, call.query));
  }

  #receive(received: Buffer): void {
    if (this.#closed) return;
    this.bytesIn += received.length;
    this.#cipher.decryptStream(this.#receiveSlot, received);
    let chunk = this.#partial ? Buffer.concat([this.#partial, received]) : received;
    this.#partial = undefined;
    while (chunk.length >= 4) {
      const length = chunk.readUInt32LE(0);
      if (chunk.length < 4 + length) break;
      this.#packet(chunk.subarray(4, 4 + length));
      if (this.#closed) return;
      chunk = chunk.subarray(4 + length);
    }
    if (chunk.length > 0) this.#partial = Buffer.from(chunk);
  }

  #packet(packet: Buffer): void {
    this.packetsIn += 1;
    if (packet.length === 4) return this.#close(new Error(`transport error ${packet.readInt32LE(0)}`));
    const unencrypted = openUnencrypted(packet);
    if (unencrypted) return this.#answerToQuery?.(Buffer.from(unencrypted.body));
    if (!this.#cipher.open(this.#receiveSlot, packet, opened)) return this.#close(new Error('a packet could not be opened'));
    this.#message(opened.messageId, opened.seqNo, opened.body as Buffer);
  }

  #message(messageId: bigint, seqNo: number, body: Buffer): void {
    if (seqNo % 2 === 1) this.#acknowledge(messageId);
    switch (body.readUInt32LE(0)) {
      case SERVICE.container: return this.#container(body);
      case SERVICE.gzipPacked: return this.#message(messageId, 0, this.#unpack(body));
      case SERVICE.rpcResult: return this.#result(body.readBigUInt64LE(4), body.subarray(12));
      case SERVICE.pong: return this.#result(body.readBigUInt64LE(4), body);
      case SERVICE.badServerSalt: {
        this.key.serverSalt = body.readBigUInt64LE(20);
        this.#cipher.setSession(this.#sendSlot, this.key.serverSalt, this.#sessionId);
        return this.#resend(body.readBigUInt64LE(4));
      }
      case SERVICE.badMessage: return this.#take(body.readBigUInt64LE(4))?.reject(new Error(`bad_msg_notification ${body.readUInt32LE(16)}`));
      case SERVICE.newSession: {
        this.key.serverSalt = body.readBigUInt64LE(20);
        this.#cipher.setSession(this.#sendSlot, this.key.serverSalt, this.#sessionId);
        return;
      }
      case SERVICE.ack: return;
      default: this.#options.onMessage?.(body, this);
    }
  }

  #container(body: Buffer): void {
    let at = 8;
    for (let count = body.readUInt32LE(4); count > 0 && !this.#closed; count--) {
      const length = body.readUInt32LE(at + 12);
      this.#message(body.readBigUInt64LE(at), body.readUInt32LE(at + 8), body.subarray(at + 16, at + 16 + length));
      at += 16 + length;
    }
  }

  #unpack(body: Buffer): Buffer {
    const isLong = body[4] === 254;
    const start = isLong ? 8 : 5;
    const length = isLong ? body.readUIntLE(5, 3) : (body[4] as number);
    const unpacked = gunzipSync(body.subarray(start, start + length), { maxOutputLength: ANSWER_BYTES_MAX });
    return unpacked;
  }

  #take(messageId: bigint): Call | undefined {
    const call = this.#calls.get(messageId);
    this.#calls.delete(messageId);
    return call;
  }

  #resend(messageId: bigint): void {
    const call = this.#take(messageId);
    if (!call) return;
    if (++call.resends > RESENDS_MAX) call.reject(new Error('the server refuses every salt'));
    else this.#send(call);
  }

  #result(messageId: bigint, packed: Buffer): void {
    const call = this.#take(messageId);
    if (!call) return;
    const result = packed.readUInt32LE(0) === SERVICE.gzipPacked ? this.#unpack(packed) : packed;
    if (result.readUInt32LE(0) !== SERVICE.rpcError) return call.resolve(Buffer.from(result));
    const reader = new HandshakeReader(result.subarray(4));
    call.reject(new RpcFailure(reader.int32(), reader.string().toString()));
  }

  #acknowledge(messageId: bigint): void {
    this.#acks.push(messageId);
    if (this.#acks.length < ACKS_MAX) return;
    const body = Buffer.alloc(12 + 8 * this.#acks.length);
    body.writeUInt32LE(SERVICE.ack, 0);
    body.writeUInt32LE(SERVICE.vector, 4);
    body.writeUInt32LE(this.#acks.length, 8);
    this.#acks.forEach((id, i) => body.writeBigUInt64LE(id, 12 + 8 * i));
    this.#acks = [];
    this.#socket.write(this.#cipher.seal(this.#sendSlot, FRAMING.intermediate, ids.answer() & ~3n, this.#seqNo, body));
  }
}

/** Connects, makes a key unless one is given. Rejects when the server refuses. */
export async function connectLoadClient(options: LoadClientOptions): Promise<LoadClient> {
  const socket = connect({ host: options.host, port: options.port, localAddress: options.localAddress, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const client = new LoadClient(options, socket);
  await client.establish();
  return client;
}
