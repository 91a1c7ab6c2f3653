import fc from 'fast-check';
import { createCipheriv, createHash, randomBytes, type Cipher } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { HTTP_HEAD_BYTES_MAX, PACKET_BYTES_MAX, UNENCRYPTED_PACKET_BYTES_MAX } from '../limits';
import { PacketBatch } from '../packet/batch';
import type { OpenedPacket, PacketCipher, Slot } from '../packet/cipher';
import { ReferenceCipher } from '../packet/reference-cipher';
import { createPacketCipher } from '../packet/wasm-cipher';
import { Transport, type TransportFault, type TransportSettings, type TransportSink } from './transport';

const SECRET = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const NO_PROXY: TransportSettings = { trustProxy: false };
const cipher = createPacketCipher({ slots: 4_096 });

class Recorder implements TransportSink {
  readonly packets: { packet: Buffer; quickAck: boolean }[] = [];
  readonly output: Buffer[] = [];
  readonly faults: TransportFault[] = [];
  readonly addresses: string[] = [];
  held = 0;
  onPacket(packet: Buffer, quickAck: boolean): void { this.packets.push({ packet: Buffer.from(packet), quickAck }); }
  onOutput(bytes: Buffer): void { this.output.push(bytes); }
  onFault(fault: TransportFault): void { this.faults.push(fault); }
  onAddress(address: string): void { this.addresses.push(address); }
  onHeld(bytes: number): void { this.held = bytes; }
}

/** The client's side of a transport, written against the specification and independent of the code under test. */
interface ClientTransport {
  readonly start: Buffer;
  frame(packet: Buffer, quickAck: boolean): Buffer;
  /** Takes the server's bytes apart: payloads, and quick acks as numbers. */
  read(bytes: Buffer): (Buffer | number)[];
}

const quarter = (packet: Buffer): number => packet.length / 4;

const abridged: ClientTransport = {
  start: Buffer.from([0xef]),
  frame: (packet, quickAck) => Buffer.concat([quarter(packet) < 127 ? Buffer.from([quarter(packet) | (quickAck ? 0x80 : 0)]) : Buffer.from([quickAck ? 0xff : 0x7f, quarter(packet) & 255, (quarter(packet) >> 8) & 255, quarter(packet) >> 16]), packet]),
  read: (bytes) => {
    const found: (Buffer | number)[] = [];
    for (let at = 0; at < bytes.length;) {
      if ((bytes[at] as number) & 0x80) { found.push(bytes.readUInt32BE(at)); at += 4; continue; }
      const isLong = bytes[at] === 0x7f;
      const length = 4 * (isLong ? bytes.readUIntLE(at + 1, 3) : (bytes[at] as number));
      at += isLong ? 4 : 1;
      found.push(bytes.subarray(at, at + length));
      at += length;
    }
    return found;
  },
};

function intermediateLike(tag: string, padding: () => number): ClientTransport {
  return {
    start: Buffer.from(tag.repeat(4), 'hex'),
    frame: (packet, quickAck) => {
      const pad = randomBytes(padding());
      const head = Buffer.alloc(4);
      head.writeUInt32LE((packet.length + pad.length + (quickAck ? 0x80000000 : 0)) >>> 0);
      return Buffer.concat([head, packet, pad]);
    },
    read: (bytes) => {
      const found: (Buffer | number)[] = [];
      for (let at = 0; at < bytes.length;) {
        const head = bytes.readUInt32LE(at);
        if (head >= 0x80000000) { found.push(head); at += 4; continue; }
        found.push(bytes.subarray(at + 4, at + 4 + head));
        at += 4 + head;
      }
      return found;
    },
  };
}
const intermediate = intermediateLike('ee', () => 0);
const padded = intermediateLike('dd', () => Math.floor(Math.random() * 16));

function full(): ClientTransport {
  let sent = 0;
  let read = 0;
  return {
    start: Buffer.alloc(0),
    frame: (packet) => {
      const head = Buffer.alloc(8);
      head.writeUInt32LE(packet.length + 12);
      head.writeUInt32LE(sent++, 4);
      const check = Buffer.alloc(4);
      check.writeUInt32LE(crc32(Buffer.concat([head, packet])));
      return Buffer.concat([head, packet, check]);
    },
    read: (bytes) => {
      const found: Buffer[] = [];
      for (let at = 0; at < bytes.length;) {
        const length = bytes.readUInt32LE(at);
        expect(bytes.readUInt32LE(at + 4)).toBe(read++);
        expect(bytes.readUInt32LE(at + length - 4)).toBe(crc32(bytes.subarray(at, at + length - 4)));
        found.push(bytes.subarray(at + 8, at + length - 4));
        at += length;
      }
      return found;
    },
  };
}

function obfuscated(inner: ClientTransport, options: { secret?: Buffer; dc?: number } = {}): ClientTransport {
  const init = randomBytes(64);
  init[0] = 0x42;
  init.writeUInt32LE(7, 4);
  init.fill(inner.start.subarray(0, 1), 56, 60);
  init.writeInt16LE(options.dc ?? 0, 60);
  const reversed = Buffer.from(init.subarray(8, 56)).reverse();
  const stream = (material: Buffer): Cipher => createCipheriv('aes-256-ctr', options.secret ? createHash('sha256').update(material.subarray(0, 32)).update(options.secret).digest() : material.subarray(0, 32), material.subarray(32, 48));
  const outbound = stream(Buffer.from(init.subarray(8, 56)));
  const inbound = stream(reversed);
  const start = Buffer.concat([init.subarray(0, 56), outbound.update(init).subarray(56)]);
  return { start, frame: (packet, quickAck) => outbound.update(inner.frame(packet, quickAck)), read: (bytes) => inner.read(inbound.update(bytes)) };
}

const UPGRADE = 'GET /apiws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: binary\r\n\r\n';

function webSocketFrame(opcode: number, payload: Buffer, final = true): Buffer {
  const mask = randomBytes(4);
  const length = payload.length < 126 ? Buffer.from([0x80 | payload.length]) : payload.length < 65_536 ? Buffer.from([0xfe, payload.length >> 8, payload.length & 255]) : Buffer.concat([Buffer.from([0xff, 0, 0, 0, 0]), Buffer.from([payload.length >>> 24, (payload.length >> 16) & 255, (payload.length >> 8) & 255, payload.length & 255])]);
  return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | opcode]), length, mask, payload.map((byte, i) => byte ^ (mask[i & 3] as number))]);
}

/** Splits payloads into WebSocket frames anywhere, with pings in between. */
function webSocket(inner: ClientTransport): ClientTransport {
  const wrap = (bytes: Buffer): Buffer => {
    const cut = Math.floor(Math.random() * (bytes.length + 1));
    return Buffer.concat([webSocketFrame(2, bytes.subarray(0, cut), false), webSocketFrame(9, Buffer.from('ping')), webSocketFrame(0, bytes.subarray(cut))]);
  };
  return {
    start: Buffer.concat([Buffer.from(UPGRADE), wrap(inner.start)]),
    frame: (packet, quickAck) => wrap(inner.frame(packet, quickAck)),
    read: (bytes) => {
      const payloads: Buffer[] = [];
      for (let at = 0; at < bytes.length;) {
        expect(bytes[at]).toBe(0x82);
        const short = bytes[at + 1] as number;
        const [head, length] = short < 126 ? [2, short] : short === 126 ? [4, bytes.readUInt16BE(at + 2)] : [10, Number(bytes.readBigUInt64BE(at + 2))];
        payloads.push(bytes.subarray(at + head, at + head + length));
        at += head + length;
      }
      return inner.read(Buffer.concat(payloads));
    },
  };
}

const TRANSPORTS: [string, () => ClientTransport][] = [
  ['abridged', () => abridged],
  ['intermediate', () => intermediate],
  ['padded', () => padded],
  ['full', full],
  ['obfuscated abridged', () => obfuscated(abridged)],
  ['obfuscated intermediate', () => obfuscated(intermediate)],
  ['obfuscated padded', () => obfuscated(padded)],
  ['websocket obfuscated abridged', () => webSocket(obfuscated(abridged))],
  ['websocket obfuscated intermediate', () => webSocket(obfuscated(intermediate))],
  ['websocket obfuscated padded', () => webSocket(obfuscated(padded))],
];

function withTransport<T>(run: (transport: Transport, sink: Recorder, slot: Slot) => T, settings = NO_PROXY, using: PacketCipher = cipher): T {
  const slot = using.allocate();
  try {
    return run(new Transport(using, slot, settings), new Recorder(), slot);
  } finally {
    using.release(slot);
  }
}

/** Feeds bytes in pieces of the given sizes, over and over. */
function feed(transport: Transport, sink: Recorder, bytes: Buffer, sizes: readonly number[]): void {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    transport.receive(Buffer.from(bytes.subarray(at, at + size)), sink);
    at += size;
  }
}

/** A packet as on the wire: a key id that is not 0, msg_key, whole blocks. */
const encryptedPacket = (blocks: number): Buffer => Buffer.concat([Buffer.alloc(8, 1), randomBytes(16 + 16 * blocks)]);

describe.each(TRANSPORTS)('%s', (name, makeClient) => {
  test('cuts packets out of any chunks', () => {
    const packetSizes = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 25, max: 40 }), fc.constant(700));
    fc.assert(fc.property(fc.array(fc.tuple(packetSizes, fc.boolean()), { minLength: 1, maxLength: 8 }), fc.array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 20_000 })), { minLength: 1, maxLength: 6 }), (shapes, chunks) => {
      withTransport((transport, sink) => {
        const client = makeClient();
        const sent = shapes.map(([blocks, quickAck]) => ({ packet: encryptedPacket(blocks), quickAck: quickAck && name !== 'full' }));
        feed(transport, sink, Buffer.concat([client.start, ...sent.map(({ packet, quickAck }) => client.frame(packet, quickAck))]), chunks);
        expect(sink.faults).toEqual([]);
        expect(sink.packets.length).toBe(sent.length);
        sink.packets.forEach(({ packet, quickAck }, i) => expect([packet.equals(sent[i]?.packet as Buffer), quickAck]).toEqual([true, sent[i]?.quickAck]));
        expect(transport.name).toBe(name);
      });
    }), { numRuns: 12 });
  });

  test('frames answers, errors and quick acks as its clients read them', () => {
    withTransport((transport, sink) => {
      const client = makeClient();
      transport.receive(Buffer.concat([client.start, client.frame(encryptedPacket(2), false)]), sink);
      const answer = Buffer.concat([Buffer.alloc(8), randomBytes(12), randomBytes(600)]);
      const wire = [transport.frame(answer), transport.error(-404), transport.quickAck(0x81020304), transport.frame(answer)];
      const read = wire.flatMap((bytes) => (bytes ? client.read(Buffer.from(bytes)) : []));
      const expected = [answer, Buffer.from('6cfeffff', 'hex'), ...(name === 'full' ? [] : [0x81020304]), answer];
      expect(read.length).toBe(expected.length);
      // A padded transport's payload may be longer than the packet.
      read.forEach((found, i) => expect(Buffer.isBuffer(found) ? Buffer.from(found.subarray(0, (expected[i] as Buffer).length)) : found).toEqual(expected[i]));
      expect((read[1] as Buffer).length).toBe(4);
    });
  });

  test('carries sealed messages, one by one and in batches', () => {
    const other = new ReferenceCipher({ slots: 1 });
    const otherSlot = other.allocate();
    const authKey = randomBytes(256);
    // The receiving half of a client: the key eight bytes earlier makes x = 0 read what x = 8 sealed.
    other.setAuthKey(otherSlot, 9n, authKey.subarray(8));
    withTransport((transport, sink, slot) => {
      const client = makeClient();
      transport.receive(Buffer.from(client.start), sink);
      // The full transport shows itself with its first frame.
      if (name === 'full') transport.receive(client.frame(encryptedPacket(2), false), sink);
      cipher.setAuthKey(slot, 9n, authKey);
      cipher.setSession(slot, 1n, 2n);
      const batch = new PacketBatch(cipher);
      const opened: OpenedPacket = { salt: 0n, sessionId: 0n, messageId: 0n, seqNo: 0, body: Buffer.alloc(0), quickAckToken: 0 };
      for (let round = 0; round < 6; round++) {
        const body = randomBytes(4 * (1 + round * 37));
        let wire: Buffer;
        if (round % 2 === 0) wire = transport.seal(BigInt(round), round, body);
        else {
          batch.begin(body);
          expect(batch.add(transport, BigInt(round), round)).toBe(true);
          expect(batch.add(transport, BigInt(round), round)).toBe(false);
          batch.seal();
          wire = batch.frame(0);
        }
        const [packet] = client.read(Buffer.from(wire)) as [Buffer];
        const trimmed = packet.subarray(0, 24 + ((packet.length - 24) & ~15));
        expect(packet.length - trimmed.length).toBeLessThan(4);
        expect(other.open(otherSlot, trimmed, opened)).toBe(true);
        expect(opened).toMatchObject({ salt: 1n, sessionId: 2n, messageId: BigInt(round), seqNo: round });
        expect(Buffer.from(opened.body).equals(body)).toBe(true);
      }
    });
  });

  test('breaks on a frame above the limit, before its bytes come', () => {
    withTransport((transport, sink) => {
      const client = makeClient();
      transport.receive(Buffer.from(client.start), sink);
      const tooLong = client.frame(Buffer.alloc(PACKET_BYTES_MAX + 4), false);
      transport.receive(tooLong.subarray(0, name.startsWith('websocket') ? tooLong.length : 16), sink);
      expect(sink.faults).toEqual(['frame-too-long']);
      transport.receive(client.frame(encryptedPacket(2), false), sink);
      expect([sink.packets, sink.faults.length]).toEqual([[], 1]);
    });
  });
});

describe('a batch', () => {
  test('goes to connections of every transport, and is full at its limit', () => {
    const authKey = randomBytes(256);
    const connections = Array.from({ length: 40 }, (_, i) => {
      const slot = cipher.allocate();
      const transport = new Transport(cipher, slot, NO_PROXY);
      const client = (TRANSPORTS[i % TRANSPORTS.length] as (typeof TRANSPORTS)[number])[1]();
      transport.receive(Buffer.from(client.start), new Recorder());
      if (client.start.length === 0) transport.receive(client.frame(encryptedPacket(1), false), new Recorder());
      cipher.setAuthKey(slot, 9n, authKey);
      return { transport, client, slot };
    });
    const other = new ReferenceCipher({ slots: 1 });
    const otherSlot = other.allocate();
    other.setAuthKey(otherSlot, 9n, authKey.subarray(8));
    const opened: OpenedPacket = { salt: 0n, sessionId: 0n, messageId: 0n, seqNo: 0, body: Buffer.alloc(0), quickAckToken: 0 };
    const batch = new PacketBatch(cipher);
    for (let round = 0; round < 3; round++) {
      const body = randomBytes(200);
      batch.begin(body);
      connections.forEach(({ transport }, i) => expect(batch.add(transport, BigInt(i * 4 + 1), i)).toBe(true));
      batch.seal();
      connections.forEach(({ client }, i) => {
        const [packet] = client.read(Buffer.from(batch.frame(i))) as [Buffer];
        expect(other.open(otherSlot, packet.subarray(0, 24 + ((packet.length - 24) & ~15)), opened)).toBe(true);
        expect([opened.messageId, opened.seqNo, Buffer.from(opened.body).equals(body)]).toEqual([BigInt(i * 4 + 1), i, true]);
      });
    }
    connections.forEach(({ slot }) => cipher.release(slot));
  });
});

describe('detection', () => {
  test.each([['wanted', 2], ['for media', -2], ['of the test network', 10_002]])('tells the data center %s', (_, dc) => {
    withTransport((transport, sink) => {
      transport.receive(obfuscated(intermediate, { dc }).start, sink);
      expect(transport.requestedDc).toBe(dc);
    });
  });

  test.each([['with', SECRET], ['without', undefined]])('takes obfuscated clients %s the secret', (_, secret) => {
    withTransport((transport, sink) => {
      const client = obfuscated(padded, { secret });
      const packet = encryptedPacket(3);
      transport.receive(Buffer.concat([client.start, client.frame(packet, false)]), sink);
      expect(sink.packets).toEqual([{ packet, quickAck: false }]);
      expect(client.read(transport.error(-429))).toEqual([Buffer.from('53feffff', 'hex')]);
    }, { trustProxy: false, secret: SECRET });
  });

  test('refuses noise', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 64, maxLength: 300 }), (noise) => {
      withTransport((transport, sink) => {
        noise[0] = 0x99;
        noise[4] = 1;
        transport.receive(Buffer.from(noise), sink);
        expect(sink.faults).toEqual(['unknown-transport']);
      });
    }));
  });

  test.each([
    ['checksum', 'bad-checksum', (frame: Buffer) => { frame[20] = (frame[20] as number) ^ 1; }],
    ['sequence number', 'bad-sequence', (frame: Buffer) => { frame.writeUInt32LE(5, 4); frame.writeUInt32LE(crc32(frame.subarray(0, -4)), frame.length - 4); }],
    ['length', 'bad-frame', (frame: Buffer) => { frame.writeUInt32LE(8, 0); }],
  ])('breaks a full connection with a wrong %s', (_, fault, damage) => {
    withTransport((transport, sink) => {
      const client = full();
      transport.receive(client.frame(encryptedPacket(2), false), sink);
      const frame = client.frame(encryptedPacket(2), false);
      damage(frame);
      transport.receive(frame, sink);
      expect([sink.packets.length, sink.faults]).toEqual([1, [fault]]);
    });
  });
});

describe('HTTP on the port', () => {
  const answerTo = (request: string): { output: string; faults: TransportFault[] } => withTransport((transport, sink) => {
    feed(transport, sink, Buffer.from(request), [7]);
    return { output: Buffer.concat(sink.output).toString(), faults: sink.faults };
  });

  test('accepts the sample key of RFC 6455', () => {
    const { output, faults } = answerTo(UPGRADE);
    expect(output).toMatch(/^HTTP\/1.1 101 /);
    expect(output).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n');
    expect(output).toContain('Sec-WebSocket-Protocol: binary\r\n');
    expect(faults).toEqual([]);
  });

  test.each([
    ['another path', UPGRADE.replace('/apiws', '/elsewhere'), 404],
    ['the HTTP transport', 'POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n', 404],
    ['no upgrade', 'GET /apiws HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['a bad key', UPGRADE.replace('dGhlIHNhbXBsZSBub25jZQ==', 'short'), 400],
    ['another subprotocol', UPGRADE.replace('Protocol: binary', 'Protocol: chat'), 400],
    ['another version', UPGRADE.replace('Version: 13', 'Version: 8'), 426],
  ])('answers %s', (_, request, status) => {
    const { output, faults } = answerTo(request);
    expect(output.split(' ')[1]).toBe(String(status));
    expect(faults).toEqual(['http']);
  });

  test('gives up on an endless head', () => {
    expect(answerTo(`GET /apiws HTTP/1.1\r\nX: ${'x'.repeat(HTTP_HEAD_BYTES_MAX)}`).faults).toEqual(['http']);
  });
});

describe('WebSocket', () => {
  const replies = (...frames: Buffer[]): { replies: Buffer; faults: TransportFault[] } => withTransport((transport, sink) => {
    transport.receive(Buffer.from(UPGRADE), sink);
    sink.output.length = 0;
    feed(transport, sink, Buffer.concat(frames), [3]);
    return { replies: Buffer.concat(sink.output), faults: sink.faults };
  });

  test('answers pings, of any allowed length', () => {
    const payload = randomBytes(125);
    expect(replies(webSocketFrame(9, Buffer.alloc(0)), webSocketFrame(9, payload))).toEqual({ replies: Buffer.concat([Buffer.from('8a00', 'hex'), Buffer.from('8a7d', 'hex'), payload]), faults: [] });
  });

  test('answers a close with its code', () => {
    expect(replies(webSocketFrame(8, Buffer.from('03e9', 'hex')))).toEqual({ replies: Buffer.from('880203e9', 'hex'), faults: ['closed'] });
    expect(replies(webSocketFrame(8, Buffer.alloc(0)))).toEqual({ replies: Buffer.from('880203e8', 'hex'), faults: ['closed'] });
  });

  test.each([
    ['an unmasked frame', Buffer.from('820100000000', 'hex'), 1002],
    ['reserved bits', Buffer.concat([Buffer.from([0xc2]), webSocketFrame(2, Buffer.alloc(1)).subarray(1)]), 1002],
    ['text', webSocketFrame(1, Buffer.from('x')), 1003],
    ['an unknown opcode', webSocketFrame(3, Buffer.from('x')), 1002],
    ['a continuation of nothing', webSocketFrame(0, Buffer.from('x')), 1002],
    ['a new message inside another', Buffer.concat([webSocketFrame(2, Buffer.alloc(1), false), webSocketFrame(2, Buffer.alloc(1))]), 1002],
    ['a fragmented ping', webSocketFrame(9, Buffer.alloc(0), false), 1002],
    ['a long ping', webSocketFrame(9, Buffer.alloc(126)), 1002],
    ['a frame of many gigabytes', Buffer.concat([Buffer.from('82ff0000ffffffffffff', 'hex'), Buffer.alloc(4)]), 1009],
  ])('closes on %s', (_, frame, code) => {
    const { replies: bytes, faults } = replies(frame);
    expect([bytes.readUInt16BE(0), bytes.readUInt16BE(2), faults]).toEqual([0x8802, code, ['bad-web-socket']]);
  });

  test('carries nothing but obfuscated transports', () => {
    expect(replies(webSocketFrame(2, Buffer.concat([Buffer.from('eeeeeeee', 'hex'), Buffer.alloc(60, 7)]))).faults).toEqual(['bad-obfuscation']);
  });

  test('says goodbye with a close frame', () => {
    withTransport((transport, sink) => {
      expect(transport.goodbye()).toBeUndefined();
      transport.receive(Buffer.from(UPGRADE), sink);
      expect(transport.goodbye()).toEqual(Buffer.from('880203e8', 'hex'));
    });
  });
});

describe('PROXY protocol', () => {
  const TRUSTING: TransportSettings = { trustProxy: true };
  const v2 = (command: string, family: string, addresses: string): Buffer => Buffer.concat([Buffer.from('0d0a0d0a000d0a515549540a', 'hex'), Buffer.from(command + family, 'hex'), Buffer.from([0, addresses.length / 2]), Buffer.from(addresses, 'hex')]);

  test.each([
    ['version 1, IPv4', Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n'), ['203.0.113.7']],
    ['version 1, IPv6', Buffer.from('PROXY TCP6 2001:db8::7 2001:db8::1 56324 443\r\n'), ['2001:db8::7']],
    ['version 1, unknown', Buffer.from('PROXY UNKNOWN\r\n'), []],
    ['version 2, IPv4', v2('21', '11', 'cb007107c0000201dc0401bb'), ['203.0.113.7']],
    ['version 2, IPv6 and an extension', v2('21', '21', `20010db8000000000000000000000007${'00'.repeat(16)}dc0401bb04000100`), ['2001:db8:0:0:0:0:0:7']],
    ['version 2, local', v2('20', '00', ''), []],
  ])('reads %s in any pieces', (_, header, addresses) => {
    for (const sizes of [[1], [5], [1_000]]) {
      withTransport((transport, sink) => {
        const client = obfuscated(abridged);
        const packet = encryptedPacket(2);
        feed(transport, sink, Buffer.concat([header, client.start, client.frame(packet, false)]), sizes);
        expect([sink.addresses, sink.faults, sink.packets]).toEqual([addresses, [], [{ packet, quickAck: false }]]);
      }, TRUSTING);
    }
  });

  test.each([
    ['none at all', Buffer.from('eeeeeeee', 'hex')],
    ['a version 1 without end', Buffer.from(`PROXY TCP4 ${'1'.repeat(120)}`)],
    ['a wrong address', Buffer.from('PROXY TCP4 2001:db8::7 192.0.2.1 1 2\r\n')],
    ['a wrong port', Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.1 1 70000\r\n')],
    ['a version 3', v2('31', '11', 'cb007107c0000201dc0401bb')],
    ['a version 2 that is too short', v2('21', '11', 'cb007107')],
  ])('refuses %s', (_, header) => {
    withTransport((transport, sink) => {
      transport.receive(Buffer.from(header), sink);
      expect(sink.faults).toEqual(['bad-proxy-header']);
    }, TRUSTING);
  });

  test('is not believed where it is not configured', () => {
    withTransport((transport, sink) => {
      transport.receive(Buffer.concat([Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n'), Buffer.alloc(64)]), sink);
      expect([sink.addresses, sink.faults]).toEqual([[], ['unknown-transport']]);
    });
  });
});

describe('what is held of an incomplete packet', () => {
  test.each([['intermediate', () => intermediate], ['abridged', () => abridged], ['full', full]])('is told as it grows, and given back (%s)', (_, make) => {
    withTransport((transport, sink) => {
      const client = make();
      const packet = encryptedPacket(1_250);
      const frame = client.frame(packet, false);
      transport.receive(Buffer.concat([client.start, frame.subarray(0, 700)]), sink);
      expect(sink.held).toBeGreaterThanOrEqual(700);
      expect(sink.held).toBeLessThan(3_000);
      transport.receive(Buffer.from(frame.subarray(700, 20_000)), sink);
      expect(sink.held).toBeGreaterThanOrEqual(20_000);
      expect(sink.held).toBeLessThanOrEqual(frame.length);
      transport.receive(Buffer.from(frame.subarray(20_000)), sink);
      expect([sink.held, sink.packets.length, sink.faults]).toEqual([0, 1, []]);
    });
  });

  test('the sink may end the transport over it', () => {
    withTransport((transport, sink) => {
      const strict = new Recorder();
      strict.onHeld = (bytes): void => { if (bytes > 10_000) transport.destroy(); };
      const frame = intermediate.frame(encryptedPacket(1_250), false);
      for (let at = 0; at < frame.length; at += 999) transport.receive(Buffer.concat([at === 0 ? intermediate.start : Buffer.alloc(0), frame.subarray(at, at + 999)]), strict);
      expect([transport.isOver, strict.packets.length, sink.faults]).toEqual([true, 0, []]);
    });
  });

  test.each([['intermediate', () => intermediate], ['abridged', () => abridged], ['full', full]])('a long packet outside encryption is not kept (%s)', (_, make) => {
    withTransport((transport, sink) => {
      const client = make();
      const frame = client.frame(Buffer.alloc(UNENCRYPTED_PACKET_BYTES_MAX + 4_096), false);
      transport.receive(Buffer.concat([client.start, frame.subarray(0, UNENCRYPTED_PACKET_BYTES_MAX)]), sink);
      expect(sink.faults).toEqual([]);
      transport.receive(Buffer.from(frame.subarray(UNENCRYPTED_PACKET_BYTES_MAX, UNENCRYPTED_PACKET_BYTES_MAX + 200)), sink);
      expect(sink.faults).toEqual(['frame-too-long']);
    });
  });
});

test('a destroyed transport gives no bytes, so that a late answer meets no other connection', () => {
  withTransport((transport, sink) => {
    transport.receive(Buffer.from(obfuscated(intermediate).start), sink);
    transport.destroy();
    expect([transport.frame(Buffer.alloc(24)).length, transport.seal(1n, 1, Buffer.alloc(4)).length, transport.error(-404).length, transport.quickAck(1)]).toEqual([0, 0, 0, undefined]);
    const batch = new PacketBatch(cipher);
    batch.begin(Buffer.alloc(4));
    expect(() => batch.add(transport, 1n, 1)).toThrow();
  });
});

test('bytes after the sink destroyed the transport are ignored', () => {
  withTransport((transport, sink) => {
    const stopping = new Recorder();
    stopping.onPacket = (packet): void => { sink.onPacket(packet, false); transport.destroy(); };
    transport.receive(Buffer.concat([abridged.start, abridged.frame(encryptedPacket(2), false), abridged.frame(encryptedPacket(2), false)]), stopping);
    expect([sink.packets.length, stopping.faults]).toEqual([1, []]);
  });
});
