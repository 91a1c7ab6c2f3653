import { constants, createDiffieHellman, createPublicKey, generateKeyPairSync, privateDecrypt, randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { auxHashOf, igeDecrypt, igeEncrypt, keyIdOf, messageDigest, messageKeys, sha1, sha256 } from './client/cryptography';
import { HANDSHAKE } from './client/key-exchange';
import type { Gateway } from './client/person';
import { MESSAGE } from './client/session';
import { TlReader, VECTOR, int32, int64, tlBytes } from './client/tl-bytes';

/**
 * A server that speaks the protocol and checks nothing: each flaw that the rows look for, planted. It makes keys, answers pings, and takes everything
 * for granted: nonces, factors, hashes, g_b, msg_key, lengths. What must be refused and passes against it is a row that cannot fail.
 */

const PRIME = Buffer.from(
  'c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37'
  + '20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4'
  + 'a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4'
  + 'e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b', 'hex');
/** The same for everybody: 1,073,741,827 · 1,073,741,831. */
const PQ = Buffer.alloc(8);
PQ.writeBigUInt64BE(1_073_741_827n * 1_073_741_831n);
const SERVER_NONCE = Buffer.alloc(16, 7);

interface Conversation {
  nonce: Buffer;
  newNonce: Buffer;
  lastId: bigint;
}

export class CarelessServer {
  private readonly rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  private readonly keys = new Map<bigint, Buffer>();
  private readonly group = createDiffieHellman(PRIME, 3);
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor() {
    this.group.generateKeys();
    this.server = createServer((socket) => this.converse(socket));
  }

  static async start(): Promise<{ gateway: Gateway; stop(): void }> {
    const careless = new CarelessServer();
    await new Promise<void>((resolve) => careless.server.listen(0, '127.0.0.1', resolve));
    const pem = careless.rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }) as string;
    const { n, e } = createPublicKey(pem).export({ format: 'jwk' });
    const part = (text: string | undefined): Buffer => tlBytes(Buffer.from(text as string, 'base64url'));
    return {
      gateway: { id: 2, host: '127.0.0.1', port: (careless.server.address() as AddressInfo).port, pem, fingerprint: sha1(part(n), part(e)).readBigUInt64LE(12) },
      stop: () => {
        for (const socket of careless.sockets) socket.destroy();
        careless.server.close();
      },
    };
  }

  private converse(socket: Socket): void {
    const state: Conversation = { nonce: Buffer.alloc(16), newNonce: Buffer.alloc(32), lastId: 0n };
    let rest: Buffer = Buffer.alloc(0);
    let opened = false;
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      if (!opened) rest = rest.subarray(4);
      opened = true;
      while (rest.length >= 4) {
        const length = rest.readUInt32LE(0) & 0x7fffffff;
        if (rest.length < 4 + length) break;
        const answer = this.answer(Buffer.from(rest.subarray(4, 4 + length)), state);
        if (answer !== undefined) socket.write(Buffer.concat([int32(answer.length), answer]));
        rest = rest.subarray(4 + length);
      }
    });
  }

  private answer(packet: Buffer, state: Conversation): Buffer | undefined {
    try {
      const keyId = packet.readBigUInt64LE(0);
      if (keyId !== 0n) return this.pong(packet, keyId, state);
      const body = this.handshake(packet.subarray(20), state);
      return Buffer.concat([Buffer.alloc(8), int64(1n), int32(body.length), body]);
    } catch {
      return undefined;
    }
  }

  private handshake(query: Buffer, state: Conversation): Buffer {
    const constructor = query.length >= 4 ? query.readUInt32LE(0) : 0;
    if (constructor === HANDSHAKE.reqPq || constructor === HANDSHAKE.reqPqMulti || query.length < 100) {
      state.nonce = Buffer.concat([query.subarray(4, 20), Buffer.alloc(16)]).subarray(0, 16);
      return Buffer.concat([int32(HANDSHAKE.resPq), state.nonce, SERVER_NONCE, tlBytes(PQ), int32(VECTOR), int32(1), int64(this.fingerprint())]);
    }
    return constructor === HANDSHAKE.setClientDh ? this.clientDh(query, state) : this.dhParams(query, state);
  }

  private fingerprint(): bigint {
    const { n, e } = this.rsa.publicKey.export({ format: 'jwk' });
    const part = (text: string | undefined): Buffer => tlBytes(Buffer.from(text as string, 'base64url'));
    return sha1(part(n), part(e)).readBigUInt64LE(12);
  }

  private dhParams(query: Buffer, state: Conversation): Buffer {
    try {
      const reader = new TlReader(query.subarray(36));
      reader.byteString();
      reader.byteString();
      reader.int64();
      state.newNonce = this.newNonce(reader.byteString());
    } catch {
      // Whatever it says, there is an answer.
    }
    const { key, iv } = temporaryAes(state.newNonce);
    const inner = Buffer.concat([int32(HANDSHAKE.serverInner), state.nonce, SERVER_NONCE, int32(3), tlBytes(PRIME), tlBytes(this.group.getPublicKey()), int32(Math.floor(Date.now() / 1_000))]);
    const encrypted = igeEncrypt(key, iv, Buffer.concat([sha1(inner), inner, Buffer.alloc((16 - ((20 + inner.length) % 16)) % 16)]));
    return Buffer.concat([int32(HANDSHAKE.dhParamsOk), state.nonce, SERVER_NONCE, tlBytes(encrypted)]);
  }

  /** new_nonce of whatever the block holds; the hashes are left alone. */
  private newNonce(block: Buffer): Buffer {
    const plain = privateDecrypt({ key: this.rsa.privateKey, padding: constants.RSA_NO_PADDING }, block);
    const legacy = plain.subarray(21);
    const mask = sha256(plain.subarray(32));
    const key = Buffer.from(plain.subarray(0, 32).map((byte, index) => byte ^ (mask[index] as number)));
    const padded = Buffer.from(igeDecrypt(key, Buffer.alloc(32), plain.subarray(32)).subarray(0, 192)).reverse();
    for (const data of [padded, legacy]) {
      const reader = new TlReader(data);
      const known: readonly number[] = [HANDSHAKE.inner, HANDSHAKE.innerDc, HANDSHAKE.innerTemp, HANDSHAKE.innerTempDc];
      if (!known.includes(reader.uint32())) continue;
      for (let i = 0; i < 3; i++) reader.byteString();
      reader.raw(32);
      return Buffer.from(reader.raw(32));
    }
    return Buffer.alloc(32);
  }

  private clientDh(query: Buffer, state: Conversation): Buffer {
    const { key, iv } = temporaryAes(state.newNonce);
    let authKey: Buffer = Buffer.alloc(256);
    try {
      const plain = igeDecrypt(key, iv, new TlReader(query.subarray(36)).byteString());
      const reader = new TlReader(plain.subarray(20));
      reader.raw(4 + 32 + 8);
      const secret = this.group.computeSecret(reader.byteString());
      authKey = Buffer.concat([Buffer.alloc(256 - secret.length), secret]);
    } catch {
      // Even g_b = 0 makes a key.
    }
    this.keys.set(keyIdOf(authKey), authKey);
    return Buffer.concat([int32(HANDSHAKE.genOk), state.nonce, SERVER_NONCE, sha1(state.newNonce, Buffer.from([1]), int64(auxHashOf(authKey))).subarray(4)]);
  }

  private pong(packet: Buffer, keyId: bigint, state: Conversation): Buffer | undefined {
    const authKey = this.keys.get(keyId);
    if (authKey === undefined) return undefined;
    const { key, iv } = messageKeys(authKey, 0, packet.subarray(8, 24));
    const plain = igeDecrypt(key, iv, packet.subarray(24, 24 + ((packet.length - 24) & ~15)));
    const body = Buffer.concat([int32(MESSAGE.pong), plain.subarray(16, 24), plain.subarray(36, 44)]);
    state.lastId += 4n;
    const answer = Buffer.concat([int64(0n), plain.subarray(8, 16), int64(state.lastId + 1n), int32(0), int32(body.length), body, randomBytes(12)]);
    const msgKey = messageDigest(authKey, 8, answer).subarray(8, 24);
    const keys = messageKeys(authKey, 8, msgKey);
    return Buffer.concat([int64(keyId), msgKey, igeEncrypt(keys.key, keys.iv, answer)]);
  }
}

function temporaryAes(newNonce: Buffer): { key: Buffer; iv: Buffer } {
  return {
    key: Buffer.concat([sha1(newNonce, SERVER_NONCE), sha1(SERVER_NONCE, newNonce).subarray(0, 12)]),
    iv: Buffer.concat([sha1(SERVER_NONCE, newNonce).subarray(12), sha1(newNonce, newNonce), newNonce.subarray(0, 4)]),
  };
}
