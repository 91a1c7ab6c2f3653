import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { eventually } from '@heliograph/testing/eventually';
import { decryptPacket, encryptPacket } from '@heliograph/mtproto/packet/message-crypto';
import { gunzipSync } from 'node:zlib';
import { CONSTRUCTOR } from '../domain/constructors';
import { TlBytes } from '../domain/tl-bytes';
import { TlCursor } from '../domain/tl-cursor';

export interface Received {
  id: bigint;
  seqNo: number;
  /** Constructor of the body. */
  constructor: number;
  body: Buffer;
  /** The packet that it came in, counted from 1. */
  packet: number;
}

/** A client that says exactly what a test wants it to: intermediate transport, a given key, ids and sequence numbers by hand if need be. */
export class RawClient {
  salt = 0n;
  sessionId = randomBytes(8).readBigUInt64LE(0);
  seqNo = 0;
  lastId = 0n;
  /** Seconds that its clock is ahead. */
  clockSkewS = 0;
  /** Everything received, containers opened, packed results unpacked; oldest first. */
  readonly received: Received[] = [];
  /** Packets that came in (a container is one). */
  packets = 0;
  /** Frames of four bytes: transport errors and quick acks. */
  readonly words: number[] = [];
  closed = false;
  private socket!: Socket;
  private buffer: Buffer = Buffer.alloc(0);

  constructor(readonly key: { id: bigint; bytes: Buffer }, public port: number) {}

  async connect(): Promise<this> {
    this.socket = connect(this.port, '127.0.0.1');
    this.closed = false;
    this.buffer = Buffer.alloc(0);
    const { socket } = this;
    socket.on('data', (chunk) => this.read(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (socket === this.socket) this.closed = true;
    });
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    socket.write(Buffer.from('eeeeeeee', 'hex'));
    return this;
  }

  close(): void {
    this.socket.destroy();
    this.closed = true;
  }

  pause(): void {
    this.socket.pause();
  }

  raw(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  nextId(): bigint {
    const now = BigInt(Math.floor((Date.now() / 1_000 + this.clockSkewS) * 2 ** 22)) << 10n;
    const id = now & ~3n;
    this.lastId = id > this.lastId ? id : this.lastId + 4n;
    return this.lastId;
  }

  /** Odd and rising for content-related messages, else even. */
  nextSeqNo(contentRelated = true): number {
    if (!contentRelated) return this.seqNo * 2;
    this.seqNo += 1;
    return this.seqNo * 2 - 1;
  }

  /** Sends one message; returns its id. */
  send(body: Uint8Array, { id = this.nextId(), seqNo = this.nextSeqNo(), quickAck = false, salt = this.salt } = {}): bigint {
    const inner = new TlBytes(32 + body.byteLength).long(salt).long(this.sessionId).long(id).uint32(seqNo).uint32(body.byteLength).raw(body).done();
    this.sendPlaintext(inner, quickAck);
    return id;
  }

  /** Encrypts whatever a test considers a plaintext; padding is added. */
  sendPlaintext(inner: Buffer, quickAck = false): void {
    const padding = 12 + ((16 - ((inner.byteLength + 12) % 16)) % 16);
    this.sendPacket(encryptPacket(this.key.bytes, this.key.id, 0, Buffer.concat([inner, randomBytes(padding)])), quickAck);
  }

  sendPacket(packet: Buffer, quickAck = false): void {
    const head = Buffer.alloc(4);
    head.writeUInt32LE((packet.byteLength | (quickAck ? 0x80000000 : 0)) >>> 0);
    this.socket.write(Buffer.concat([head, packet]));
  }

  /** Sends several messages in one container. */
  sendContainer(parts: { id: bigint; seqNo: number; body: Uint8Array }[], options: { id?: bigint; seqNo?: number } = {}): bigint {
    const out = new TlBytes(8 + parts.reduce((size, { body }) => size + 16 + body.byteLength, 0)).uint32(CONSTRUCTOR.msg_container).uint32(parts.length);
    for (const { id, seqNo, body } of parts) out.long(id).uint32(seqNo).uint32(body.byteLength).raw(body);
    return this.send(out.done(), { seqNo: this.nextSeqNo(false), ...options });
  }

  part(body: Uint8Array, seqNo = this.nextSeqNo()): { id: bigint; seqNo: number; body: Uint8Array } {
    return { id: this.nextId(), seqNo, body };
  }

  /** Pings until the salt is right, so that later messages are taken at once. */
  async settle(): Promise<this> {
    this.send(new TlBytes(12).uint32(CONSTRUCTOR.ping).long(1n).done());
    await this.next(CONSTRUCTOR.bad_server_salt);
    await this.ping();
    return this;
  }

  async ping(): Promise<void> {
    const id = this.send(new TlBytes(12).uint32(CONSTRUCTOR.ping).long(2n).done());
    await this.wait(({ constructor, body }) => constructor === CONSTRUCTOR.pong && new TlCursor(body, 4).long() === id);
  }

  /** The object that answers the query, unpacked. */
  async result(queryId: bigint): Promise<Buffer> {
    const { body } = await this.wait((message) => message.constructor === CONSTRUCTOR.rpc_result && new TlCursor(message.body, 4).long() === queryId);
    const object = body.subarray(12);
    if (object.readUInt32LE(0) !== CONSTRUCTOR.gzip_packed) return object;
    return gunzipSync(new TlCursor(object, 4).bytesField());
  }

  /** `code type` of the error that answers the query. */
  async error(queryId: bigint): Promise<string> {
    const cursor = new TlCursor(await this.result(queryId));
    if (cursor.uint32() !== CONSTRUCTOR.rpc_error) throw new Error('a result, not an error');
    return `${cursor.int32()} ${cursor.stringField()}`;
  }

  next(constructor: number): Promise<Received> {
    return this.wait((message) => message.constructor === constructor);
  }

  wait(which: (message: Received) => boolean): Promise<Received> {
    return eventually(() => this.received.find(which), { what: 'the message' });
  }

  all(constructor: number): Received[] {
    return this.received.filter((message) => message.constructor === constructor);
  }

  private read(chunk: Buffer): void {
    this.buffer = Buffer.concat([this.buffer, chunk]);
    while (this.buffer.byteLength >= 4) {
      const length = this.buffer.readUInt32LE(0);
      if (length & 0x80000000) {
        this.words.push(length | 0);
        this.buffer = this.buffer.subarray(4);
        continue;
      }
      if (this.buffer.byteLength < 4 + length) return;
      const packet = this.buffer.subarray(4, 4 + length);
      this.buffer = this.buffer.subarray(4 + length);
      if (length === 4) this.words.push(packet.readInt32LE(0));
      else this.open(packet);
    }
  }

  private open(packet: Buffer): void {
    this.packets += 1;
    const { plaintext, genuine } = decryptPacket(this.key.bytes, 8, packet);
    if (!genuine) throw new Error('the server sent a forged packet');
    if (plaintext.readBigUInt64LE(8) !== this.sessionId) return;
    this.take(plaintext.readBigUInt64LE(16), plaintext.readUInt32LE(24), plaintext.subarray(32, 32 + plaintext.readUInt32LE(28)));
  }

  private take(id: bigint, seqNo: number, body: Buffer): void {
    const constructor = body.readUInt32LE(0);
    if (constructor === CONSTRUCTOR.msg_container) {
      const cursor = new TlCursor(body, 4);
      for (let count = cursor.uint32(); count > 0; count--) {
        const partId = cursor.long();
        const partSeqNo = cursor.uint32();
        const length = cursor.uint32();
        this.take(partId, partSeqNo, body.subarray(cursor.offset, cursor.offset + length));
        cursor.skip(length);
      }
      return;
    }
    if (constructor === CONSTRUCTOR.bad_server_salt) this.salt = body.readBigUInt64LE(20);
    if (constructor === CONSTRUCTOR.new_session_created) this.salt = body.readBigUInt64LE(20);
    this.received.push({ id, seqNo, constructor, body, packet: this.packets });
  }
}
