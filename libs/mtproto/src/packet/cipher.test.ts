import fc from 'fast-check';
import { createHash, randomBytes } from 'node:crypto';
import { authKeyId } from '../key-id';
import { BODY_BYTES_MAX } from '../limits';
import { FRAMING, NO_SLOT, type Framing, type OpenedPacket, type PacketCipher, type SealManyRequest, type Slot } from './cipher';
import { encryptPacket } from './message-crypto';
import { ReferenceCipher } from './reference-cipher';
import { createPacketCipher } from './wasm-cipher';

/** The same "random" bytes for every cipher that is given the same seed. */
function seededRandom(seed: number): (bytes: Uint8Array) => void {
  let counter = 0;
  return (bytes) => {
    for (let at = 0; at < bytes.length; at += 32) bytes.set(createHash('sha256').update(`${seed}:${counter++}`).digest().subarray(0, bytes.length - at), at);
  };
}

interface Session {
  slot: Slot;
  authKey: Buffer;
  keyId: bigint;
}

/** Two ciphers with equal slots, keys and streams. */
function twins(seed: number, count: number, obfuscated: (index: number) => boolean): { wasm: PacketCipher; reference: PacketCipher; sessions: Session[] } {
  const wasm = createPacketCipher({ slots: 64, random: seededRandom(seed) });
  const reference = new ReferenceCipher({ slots: 64, random: seededRandom(seed) });
  const sessions: Session[] = [];
  for (let i = 0; i < count; i++) {
    const authKey = randomBytes(256);
    const keyId = authKeyId(authKey);
    const session = randomBytes(16);
    const streams: [Buffer, Buffer, Buffer, Buffer] = [randomBytes(32), randomBytes(16), randomBytes(32), randomBytes(16)];
    // A counter about to overflow its lower half.
    if (i % 3 === 0) streams[3].fill(255, 8);
    const slot = wasm.allocate();
    expect(reference.allocate()).toBe(slot);
    for (const cipher of [wasm, reference]) {
      cipher.setAuthKey(slot, keyId, authKey);
      cipher.setSession(slot, session.readBigUInt64LE(0), session.readBigUInt64LE(8));
      if (obfuscated(i)) cipher.setObfuscation(slot, ...streams);
    }
    sessions.push({ slot, authKey, keyId });
  }
  return { wasm, reference, sessions };
}

/** A packet as a client would make it (x = 0). */
function clientPacket({ authKey, keyId }: Session, body: Uint8Array, options: { padding?: number; length?: number } = {}): Buffer {
  const header = Buffer.alloc(32);
  header.writeBigUInt64LE(11n, 0);
  header.writeBigUInt64LE(22n, 8);
  header.writeBigUInt64LE(0x1234567800000004n, 16);
  header.writeUInt32LE(7, 24);
  header.writeUInt32LE((options.length ?? body.length) >>> 0, 28);
  const padding = options.padding ?? 12 + ((16 - ((32 + body.length + 12) % 16)) % 16);
  return encryptPacket(authKey, keyId, 0, Buffer.concat([header, body, randomBytes(padding)]));
}

const emptyResult = (): OpenedPacket => ({ salt: 0n, sessionId: 0n, messageId: 0n, seqNo: 0, body: new Uint8Array(), quickAckToken: 0 });
const bodyLengths = fc.oneof(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 0, max: 1_024 }), fc.constantFrom(4_080, 4_096, 8_190, 8_191, 8_192)).map((quarter) => quarter * 4);
const framings = fc.constantFrom<Framing>(FRAMING.bare, FRAMING.abridged, FRAMING.intermediate, FRAMING.padded);

describe('packets of the WebAssembly module and of the reference', () => {
  test('are equal byte for byte when sealed one by one, over any lengths and stream offsets', () => {
    fc.assert(fc.property(fc.array(fc.record({ session: fc.nat(3), framing: framings, length: bodyLengths }), { minLength: 1, maxLength: 12 }), fc.nat(), (messages, seed) => {
      const { wasm, reference, sessions } = twins(seed, 4, (i) => i > 0);
      messages.forEach(({ session, framing, length }, i) => {
        const { slot } = sessions[session] as Session;
        const body = randomBytes(length);
        const id = BigInt(i) * 4n + 0x6000000000000001n;
        const frame = wasm.seal(slot, framing, id, i, body, 0, i % 11);
        expect(frame.subarray(i % 11).equals(reference.seal(slot, framing, id, i, body, 0, i % 11).subarray(i % 11))).toBe(true);
      });
    }), { numRuns: 60 });
  });

  test.each([0, 4, 508, 32_768, 65_540, BODY_BYTES_MAX])('are equal for a body of %i bytes in every framing', (length) => {
    const { wasm, reference, sessions } = twins(1, 2, (i) => i === 1);
    const body = randomBytes(length);
    for (const framing of Object.values(FRAMING)) {
      for (const { slot } of sessions) {
        if (framing === FRAMING.full && slot === 1) continue;
        expect(wasm.seal(slot, framing, 5n, 3, body, 9).equals(reference.seal(slot, framing, 5n, 3, body, 9))).toBe(true);
      }
    }
  });

  test('are equal in batches, with streams that go on between singles and batches', () => {
    fc.assert(fc.property(fc.array(fc.record({ count: fc.integer({ min: 1, max: 21 }), length: bodyLengths, first: fc.nat(20) }), { minLength: 1, maxLength: 6 }), fc.array(framings, { minLength: 21, maxLength: 21 }), fc.nat(), (batches, kinds, seed) => {
      const { wasm, reference, sessions } = twins(seed, 21, (i) => i % 4 !== 1);
      const request = (): SealManyRequest => ({
        body: Buffer.alloc(0), count: 0, slots: new Uint32Array(32), framings: new Uint8Array(32), messageIds: new BigUint64Array(32), seqNos: new Uint32Array(32), fullSeqNos: new Uint32Array(32),
        bytes: Buffer.alloc(0), starts: new Uint32Array(32), ends: new Uint32Array(32),
      });
      batches.forEach(({ count, length, first }, round) => {
        const pair = [request(), request()] as const;
        const body = randomBytes(length);
        for (const one of pair) {
          one.body = body;
          one.count = count;
          for (let i = 0; i < count; i++) {
            const index = (first + i) % 21;
            one.slots[i] = (sessions[index] as Session).slot;
            // Connections 1, 5, … are not obfuscated: every fourth of them speaks the full transport.
            one.framings[i] = index % 4 === 1 && index % 8 === 1 ? FRAMING.full : (kinds[index] as number);
            one.messageIds[i] = BigInt(round * 100 + i) << 33n;
            one.seqNos[i] = 2 * i + 1;
            one.fullSeqNos[i] = i;
          }
        }
        wasm.sealMany(pair[0]);
        reference.sealMany(pair[1]);
        for (let i = 0; i < count; i++) {
          const [a, b] = pair.map((one) => one.bytes.subarray(one.starts[i], one.ends[i])) as [Buffer, Buffer];
          expect(a.equals(b)).toBe(true);
        }
        const { slot } = sessions[first] as Session;
        expect(wasm.seal(slot, FRAMING.abridged, 1n, 1, body).equals(reference.seal(slot, FRAMING.abridged, 1n, 1, body))).toBe(true);
      });
    }), { numRuns: 25 });
  });

  test('open alike: genuine ones with all fields, forged ones not at all', () => {
    const { wasm, reference, sessions } = twins(2, 1, () => false);
    const session = sessions[0] as Session;
    for (const length of [0, 4, 36, 200, 4_096, 8_164, 8_180, 70_000]) {
      const body = randomBytes(length);
      const packet = clientPacket(session, body);
      const [a, b] = [emptyResult(), emptyResult()];
      expect(wasm.open(session.slot, packet, a)).toBe(true);
      expect(reference.open(session.slot, packet, b)).toBe(true);
      expect(Buffer.from(a.body).equals(body)).toBe(true);
      expect({ ...a, body: Buffer.from(a.body) }).toEqual({ ...b, body: Buffer.from(b.body) });
      expect(a).toMatchObject({ salt: 11n, sessionId: 22n, messageId: 0x1234567800000004n, seqNo: 7 });
      for (let i = 0; i < 24; i++) {
        const forged = Buffer.from(packet);
        const at = i < 12 ? i * 2 : Math.floor((forged.length - 1) * (i / 24));
        forged[at] = (forged[at] as number) ^ (1 << (i % 8));
        expect([at, wasm.open(session.slot, forged, emptyResult())]).toEqual([at, false]);
        expect(reference.open(session.slot, forged, emptyResult())).toBe(false);
      }
    }
  });

  test.each([
    ['length above the plaintext', { length: 300 }],
    ['length of 4 GiB', { length: -4 }],
    ['length not divisible by 4', { length: 6 }],
    ['less than 12 bytes of padding', { padding: 8 }],
    ['more than 1,024 bytes of padding', { padding: 1_032 }],
  ])('with a genuine msg_key but %s are refused', (_, options) => {
    const { wasm, reference, sessions } = twins(3, 1, () => false);
    const session = sessions[0] as Session;
    const packet = clientPacket(session, randomBytes(8), options);
    expect(wasm.open(session.slot, packet, emptyResult())).toBe(false);
    expect(reference.open(session.slot, packet, emptyResult())).toBe(false);
  });

  test('of 1,024 bytes of padding are opened', () => {
    const { wasm, reference, sessions } = twins(3, 1, () => false);
    const session = sessions[0] as Session;
    const packet = clientPacket(session, randomBytes(16), { padding: 1_024 });
    expect(wasm.open(session.slot, packet, emptyResult())).toBe(true);
    expect(reference.open(session.slot, packet, emptyResult())).toBe(true);
  });

  test('of any wrong length are refused', () => {
    const { wasm, reference, sessions } = twins(4, 1, () => false);
    const session = sessions[0] as Session;
    const packet = clientPacket(session, randomBytes(100));
    for (let length = 0; length < packet.length; length++) {
      expect([length, wasm.open(session.slot, packet.subarray(0, length), emptyResult())]).toEqual([length, false]);
      expect(reference.open(session.slot, packet.subarray(0, length), emptyResult())).toBe(false);
    }
  });

  test('of a slot without a key are refused, even those made with a key of zeros', () => {
    for (const cipher of [createPacketCipher({ slots: 1 }), new ReferenceCipher({ slots: 1 })]) {
      const slot = cipher.allocate();
      const packet = clientPacket({ slot, authKey: Buffer.alloc(256), keyId: 0n }, randomBytes(16));
      expect(cipher.open(slot, packet, emptyResult())).toBe(false);
    }
  });
});

describe('streams', () => {
  test('go on over pieces of any length, as node:crypto does', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.nat(40), fc.nat(600), fc.integer({ min: 4_090, max: 5_000 })), { minLength: 1, maxLength: 20 }), (pieces) => {
      const { wasm, reference, sessions } = twins(5, 1, () => true);
      const { slot } = sessions[0] as Session;
      for (const length of pieces) {
        const [a, b] = [Buffer.alloc(length), Buffer.alloc(length)];
        wasm.decryptStream(slot, a);
        reference.decryptStream(slot, b);
        expect(a.equals(b)).toBe(true);
        wasm.encryptStream(slot, a);
        reference.encryptStream(slot, b);
        expect(a.equals(b)).toBe(true);
      }
    }), { numRuns: 60 });
  });
});

describe.each([['WebAssembly', createPacketCipher], ['reference', (options: object) => new ReferenceCipher(options)]] as const)('slots of the %s cipher', (_, create) => {
  test('run out, come back wiped, and are freed once', () => {
    const cipher = create({ slots: 3 });
    const slots = [cipher.allocate(), cipher.allocate(), cipher.allocate()];
    expect(new Set(slots).size).toBe(3);
    expect(cipher.allocate()).toBe(NO_SLOT);
    const slot = slots[1] as Slot;
    cipher.setAuthKey(slot, 77n, randomBytes(256));
    expect(cipher.authKeyId(slot)).toBe(77n);
    cipher.release(slot);
    expect(cipher.slotsUsed).toBe(2);
    expect(() => cipher.release(slot)).toThrow();
    expect(cipher.allocate()).toBe(slot);
    expect(cipher.authKeyId(slot)).toBe(0n);
  });

  test('keep unsigned key ids and refuse bodies that no packet can carry', () => {
    const cipher = create({ slots: 1 });
    const slot = cipher.allocate();
    cipher.setAuthKey(slot, 0xffffffffffffffffn, randomBytes(256));
    expect(cipher.authKeyId(slot)).toBe(0xffffffffffffffffn);
    expect(() => cipher.seal(slot, FRAMING.bare, 1n, 1, Buffer.alloc(5))).toThrow(RangeError);
    expect(() => cipher.seal(slot, FRAMING.bare, 1n, 1, Buffer.alloc(BODY_BYTES_MAX + 4))).toThrow(RangeError);
  });
});
