import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { makeKey, Person, type Gateway } from '../client/person';
import { KeyExchange, type AuthKey } from '../client/key-exchange';
import { messageId, MESSAGE, pingBody, Session } from '../client/session';
import { int32 } from '../client/tl-bytes';
import {
  abridged, full, intermediate, obfuscated, obfuscationInit, padded, upgradeRequest, webSocket, webSocketFrame, WEB_SOCKET_OPCODE as OPCODE, type TransportCodec, type UpgradeRequest,
} from '../client/transport-codec';
import { Wire, type WireOptions } from '../client/wire';
import type { Row } from '../report';
import type { ProxiedSystem, Stage } from '../stage';

/** The gateway's FIRST_PACKET_TIMEOUT_MS, PACKET_TIMEOUT_MS and OUTBOUND_STALL_MS, each with some turns of its timer. */
const FIRST_PACKET_WAIT_MS = 24_000;
const PACKET_WAIT_MS = 66_000;
const STALL_WAIT_MS = 75_000;
const SILENT_CONNECTIONS = 2_000;
/** KiB of the server per silent connection: bars.md W1 asks 10 for a logged-in one. */
const SILENT_KIB_MAX = 24;
/** The gateway's CONNECTIONS_PER_ADDRESS_MAX. */
const CONNECTIONS_PER_ADDRESS = 16_000;

const TRANSPORTS: [string, () => TransportCodec][] = [
  ['abridged', abridged], ['intermediate', intermediate], ['padded intermediate', padded], ['full', full],
  ['obfuscated abridged', () => obfuscated(abridged())], ['obfuscated intermediate', () => obfuscated(intermediate())], ['obfuscated padded', () => obfuscated(padded())],
  ['WebSocket, obfuscated abridged', () => webSocket(obfuscated(abridged()))], ['WebSocket, obfuscated intermediate', () => webSocket(obfuscated(intermediate()))],
  ['WebSocket, obfuscated padded', () => webSocket(obfuscated(padded()))], ['WebSocket in frames of one byte', () => webSocket(obfuscated(intermediate()), 1)],
  ['WebSocket in frames of seven bytes', () => webSocket(obfuscated(abridged()), 7)],
];

/** A key is made and a ping answered over this transport. */
async function mustCarry(gateway: Gateway, options: () => WireOptions): Promise<void> {
  const wire = await Wire.open(gateway, options());
  const key = await new KeyExchange(wire, gateway).run();
  const session = new Session(wire, key);
  await session.ping();
  // A large message, in pieces that the network chose.
  session.send(pingBody(), { padding: 1_012 });
  await session.ping();
  session.close();
}

/** Raw bytes after which the server ends the connection. `answered`: bytes that it may say before. */
async function mustEnd(gateway: Gateway, bytes: Buffer, options: WireOptions & { answered?: RegExp | number; waitMs?: number } = {}): Promise<void> {
  const wire = await Wire.open(gateway, { silent: true, ...options });
  wire.keepBytes = true;
  wire.onFrame = () => undefined;
  wire.raw(bytes);
  await wire.whenClosed(options.waitMs);
  const heard = Buffer.concat(wire.heard);
  if (options.answered instanceof RegExp) assert.match(heard.toString('latin1'), options.answered);
  else assert.equal(heard.length, options.answered ?? 0, `${heard.length} bytes were answered: ${heard.toString('hex', 0, 40)}`);
}

const ended = (gateway: Gateway, name: string, bytes: () => Buffer, options: Parameters<typeof mustEnd>[2] = {}): Row => ({ name: `${name}: the connection ends`, run: () => mustEnd(gateway, bytes(), options) });

const u32 = (value: number): Buffer => int32(value);

function carryRows(gateway: Gateway): Row[] {
  return [
    ...TRANSPORTS.map(([name, codec]): Row => ({ name: `${name} carries a handshake and messages`, run: () => mustCarry(gateway, () => ({ codec: codec() })) })),
    {
      name: 'every transport, byte by byte',
      run: async () => {
        for (const [, make] of TRANSPORTS.slice(0, 10)) {
          const codec = make();
          const wire = await Wire.open(gateway, { codec, silent: true });
          const session = new Session(wire, await makeKey(gateway));
          const sent = session.seal(pingBody(), { id: messageId() }).packet;
          for (const byte of Buffer.concat([codec.opening, codec.frame(sent)])) {
            wire.raw(Buffer.from([byte]));
            await new Promise((resolve) => setImmediate(resolve));
          }
          await session.until('an answer', ({ constructor }) => constructor === MESSAGE.pong || constructor === MESSAGE.badSalt);
          session.close();
        }
      },
    },
    {
      name: 'quick acks come over every transport that has them',
      run: async () => {
        for (const [name, make] of TRANSPORTS.slice(0, 10)) {
          if (name === 'full') continue;
          const session = await Session.open(gateway, await makeKey(gateway), { codec: make() });
          await session.ping();
          const { packet, quickAckToken } = session.seal(pingBody(), { id: messageId() });
          session.wire.send(packet, true);
          await session.untilSome(`a quick ack over ${name}`, () => session.quickAcks[0]);
          assert.deepEqual(session.quickAcks, [quickAckToken], name);
          session.close();
        }
      },
    },
    {
      name: 'errors come framed over every transport',
      run: async () => {
        for (const [name, make] of TRANSPORTS.slice(0, 10)) {
          const session = await Session.open(gateway, { bytes: randomBytes(256), id: randomBytes(8).readBigUInt64LE(0), salt: 0n, serverTime: 0 }, { codec: make() });
          session.send(pingBody());
          await session.untilSome(`−404 over ${name}`, () => session.transportErrors[0]);
          assert.deepEqual(session.transportErrors, [-404], name);
          session.close();
        }
      },
    },
  ];
}

function frameRows(gateway: Gateway): Row[] {
  const opened = (codec: TransportCodec, rest: (codec: TransportCodec) => Buffer): Buffer => Buffer.concat([codec.opening, rest(codec)]);
  const packet = Buffer.concat([Buffer.alloc(16), u32(20), u32(0xbe7e8ef1), randomBytes(16)]);
  const fullFrame = (lies: Parameters<ReturnType<typeof full>['forged']>[1]): Buffer => full().forged(packet, lies);
  const ten = (codec: TransportCodec): Buffer => Buffer.concat(Array.from({ length: 10 }, () => codec.frame(packet)));
  return [
    ended(gateway, 'full: a wrong checksum', () => fullFrame({ checksum: 1 })),
    ended(gateway, 'full: a first frame with number 1', () => Buffer.concat([u32(packet.length + 12), u32(1), packet, u32(0), randomBytes(64)])),
    {
      name: 'full: a number that was used: the connection ends',
      run: async () => {
        const codec = full();
        const wire = await Wire.open(gateway, { codec });
        wire.send(packet);
        assert.ok((await wire.next())?.packet);
        wire.raw(codec.forged(packet, { seqNo: 0 }));
        await wire.whenClosed();
        assert.equal(await wire.next(), undefined, 'it was answered');
      },
    },
    ended(gateway, 'full: a length of 11', () => Buffer.concat([u32(11), u32(0), Buffer.alloc(16)])),
    ended(gateway, 'full: a length of 2³¹−1, before it is sent', () => Buffer.concat([u32(0x7fffffff), u32(0)])),
    ended(gateway, 'full: a negative length', () => Buffer.concat([u32(0xffffffff), u32(0)])),
    ended(gateway, 'intermediate: a length of 2³¹−1, before it is sent', () => opened(intermediate(), () => u32(0x7fffffff))),
    ended(gateway, 'intermediate: 2 MiB, before they are sent', () => opened(intermediate(), () => u32(2 * 1_048_576))),
    ended(gateway, 'intermediate: an empty frame', () => opened(intermediate(), () => u32(0))),
    ended(gateway, 'intermediate: a frame of 3 bytes', () => opened(intermediate(), () => Buffer.concat([u32(3), Buffer.alloc(3)]))),
    ended(gateway, 'padded: a length of 2³¹−1, before it is sent', () => opened(padded(), () => u32(0x7fffffff))),
    ended(gateway, 'abridged: 64 MiB, before they are sent', () => opened(abridged(), () => Buffer.from([0x7f, 255, 255, 255]))),
    ended(gateway, 'abridged: an empty frame', () => opened(abridged(), () => Buffer.from([0]))),
    ended(gateway, 'abridged: a long header with an empty frame', () => opened(abridged(), () => Buffer.from([0x7f, 0, 0, 0]))),
    ended(gateway, 'obfuscated: a frame of 2³¹−1, before it is sent', () => opened(obfuscated(intermediate()), (codec) => codec.wrap(u32(0x7fffffff)))),
    ended(gateway, 'obfuscated: a tag of no transport', () => Buffer.concat([obfuscationInit(Buffer.from([0xaa])), randomBytes(32)])),
    ended(gateway, '64 random bytes', () => Buffer.concat([Buffer.from([0x42, 0x80, 1, 1, 1]), randomBytes(200)])),
    ended(gateway, 'a TLS ClientHello', () => Buffer.concat([Buffer.from('16030100c8010000c40303', 'hex'), randomBytes(200)])),
    ended(gateway, 'a PROXY header where none is trusted', () => Buffer.concat([Buffer.from('PROXY TCP4 10.0.0.1 10.0.0.2 1111 443\r\n'), intermediate().opening, intermediate().frame(packet), Buffer.alloc(32)])),
    {
      name: 'what follows a broken frame in the same write is not read',
      run: async () => {
        const codec = intermediate();
        await mustEnd(gateway, Buffer.concat([codec.opening, u32(3), Buffer.alloc(3), ten(codec)]));
      },
    },
  ];
}

function webSocketRows(gateway: Gateway): Row[] {
  const close = (code: number): RegExp => new RegExp(`^HTTP/1\\.1 101 [^]*\\r\\n\\r\\n[^]*\\x88\\x02${String.fromCharCode(code >> 8)}\\x${(code & 255).toString(16).padStart(2, '0')}$`);
  const start = obfuscated(intermediate()).opening;
  const afterUpgrade = (name: string, frames: () => Buffer, code: number): Row => ended(gateway, `WebSocket: ${name} (${code})`, () => Buffer.concat([upgradeRequest(), webSocketFrame(OPCODE.binary, start), frames()]), { answered: close(code) });
  const refused = (name: string, request: UpgradeRequest, status: number): Row => ended(gateway, `WebSocket: ${name} is answered with ${status}`, () => upgradeRequest(request), { answered: new RegExp(`^HTTP/1\\.1 ${status} `) });
  return [
    afterUpgrade('an unmasked frame', () => webSocketFrame(OPCODE.binary, Buffer.alloc(8), { masked: false }), 1002),
    afterUpgrade('a text frame', () => webSocketFrame(OPCODE.text, Buffer.from('text')), 1003),
    afterUpgrade('a reserved bit', () => webSocketFrame(OPCODE.binary, Buffer.alloc(8), { reserved: 0x40 }), 1002),
    afterUpgrade('an opcode of none', () => webSocketFrame(3, Buffer.alloc(8)), 1002),
    afterUpgrade('a control opcode of none', () => webSocketFrame(11, Buffer.alloc(8)), 1002),
    afterUpgrade('a continuation of nothing', () => webSocketFrame(OPCODE.continuation, Buffer.alloc(8)), 1002),
    afterUpgrade('a new message inside another', () => Buffer.concat([webSocketFrame(OPCODE.binary, Buffer.alloc(0), { final: false }), webSocketFrame(OPCODE.binary, Buffer.alloc(4))]), 1002),
    afterUpgrade('a fragmented ping', () => webSocketFrame(OPCODE.ping, Buffer.alloc(4), { final: false }), 1002),
    afterUpgrade('a ping of 126 bytes', () => webSocketFrame(OPCODE.ping, Buffer.alloc(126)), 1002),
    afterUpgrade('a frame of 4 GiB, before it is sent', () => webSocketFrame(OPCODE.binary, Buffer.alloc(8), { length: 0xffffffff }), 1009),
    afterUpgrade('a frame of 2^47 bytes, before it is sent', () => webSocketFrame(OPCODE.binary, Buffer.alloc(8), { length: 2 ** 47 }), 1009),
    afterUpgrade('a close is answered', () => webSocketFrame(OPCODE.close, Buffer.from([3, 232])), 1000),
    ended(gateway, 'WebSocket: no obfuscation inside', () => Buffer.concat([upgradeRequest(), webSocketFrame(OPCODE.binary, Buffer.concat([intermediate().opening, u32(40), Buffer.alloc(80)]))]), { answered: /^HTTP\/1\.1 101 / }),
    {
      name: 'WebSocket: pings are answered with their payload between the pieces of a message',
      run: async () => {
        const wire = await Wire.open(gateway, { silent: true });
        wire.keepBytes = true;
        wire.onFrame = () => undefined;
        wire.raw(Buffer.concat([upgradeRequest(), webSocketFrame(OPCODE.binary, start.subarray(0, 10), { final: false }), webSocketFrame(OPCODE.ping, Buffer.from('are you there')), webSocketFrame(OPCODE.continuation, start.subarray(10))]));
        const until = performance.now() + 3_000;
        const pong = Buffer.concat([Buffer.from([0x8a, 13]), Buffer.from('are you there')]);
        while (!Buffer.concat(wire.heard).includes(pong) && performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
        assert.ok(Buffer.concat(wire.heard).includes(pong), 'no pong');
        wire.close();
      },
    },
    refused('another path', { path: '/admin' }, 404),
    refused('a path that leads upwards', { path: '/../apiws' }, 404),
    refused('POST', { method: 'POST' }, 400),
    refused('version 8', { headers: { 'Sec-WebSocket-Version': '8' } }, 426),
    refused('no key', { headers: { 'Sec-WebSocket-Key': undefined } }, 400),
    refused('a key of 4 bytes', { headers: { 'Sec-WebSocket-Key': 'AAAAAA==' } }, 400),
    refused('no Upgrade header', { headers: { Upgrade: undefined } }, 400),
    refused('another subprotocol', { headers: { 'Sec-WebSocket-Protocol': 'chat' } }, 400),
    refused('HTTP/1.0', { version: 'HTTP/1.0' }, 400),
    ended(gateway, 'an HTTP head of 9 KB', () => Buffer.from(`GET /apiws HTTP/1.1\r\n${'X-Long: y\r\n'.repeat(900)}`)),
    ended(gateway, 'an HTTP request', () => Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), { answered: /^HTTP\/1\.1 404 / }),
  ];
}

const v2 = (command: number, family: number, addresses: Buffer, length = addresses.length): Buffer => Buffer.concat([Buffer.from('0d0a0d0a000d0a515549540a', 'hex'), Buffer.from([command, family, length >> 8, length & 255]), addresses]);

function proxyRows(open: () => Promise<ProxiedSystem>): Row[] {
  const v4 = Buffer.from([203, 0, 113, 9, 10, 0, 0, 1, 0x30, 0x39, 1, 187]);
  const v6 = Buffer.concat([Buffer.from('20010db8000000000000000000000007', 'hex'), Buffer.alloc(16, 1), Buffer.from([0x30, 0x39, 1, 187])]);
  const headers: [string, Buffer][] = [
    ['v1 TCP4', Buffer.from('PROXY TCP4 203.0.113.7 10.0.0.1 12345 443\r\n')], ['v1 TCP6', Buffer.from('PROXY TCP6 2001:db8::7 ::1 12345 443\r\n')], ['v1 UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n')],
    ['v2 IPv4', v2(0x21, 0x11, v4)], ['v2 IPv6', v2(0x21, 0x21, v6)], ['v2 LOCAL', v2(0x20, 0, Buffer.alloc(0))], ['v2 with more behind the addresses', v2(0x21, 0x11, Buffer.concat([v4, Buffer.from([4, 0, 1, 0])]))],
  ];
  const bad: [string, Buffer][] = [
    ['no header', intermediate().opening], ['v1 with a bad address', Buffer.from('PROXY TCP4 300.0.0.1 10.0.0.1 1 2\r\n')], ['v1 with IPv6 as TCP4', Buffer.from('PROXY TCP4 ::1 ::1 1 2\r\n')],
    ['v1 with a bad port', Buffer.from('PROXY TCP4 1.1.1.1 1.1.1.2 99999 2\r\n')], ['v1 without an end', Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`)], ['v1 with a field too many', Buffer.from('PROXY TCP4 1.1.1.1 1.1.1.2 1 2 3\r\n')],
    ['v2 of version 3', v2(0x31, 0x11, v4)], ['v2 with an unknown command', v2(0x22, 0x11, v4)], ['v2 with addresses cut short', v2(0x21, 0x11, v4.subarray(0, 8))], ['v2 with an unknown family', v2(0x21, 0x31, v4)],
    ['v2 of 60 KB, before they are sent', v2(0x21, 0x11, v4, 60_000)],
  ];
  const preamble = headers[0]![1];
  return [
    ...headers.map(([name, header]): Row => ({ name: `PROXY protocol ${name} is taken`, run: async () => mustCarry((await open()).gateway, () => ({ preamble: header })) })),
    ...bad.map(([name, header]): Row => ({ name: `PROXY protocol: ${name}: the connection ends`, run: async () => mustEnd((await open()).gateway, Buffer.concat([header, Buffer.alloc(24)])) })),
    {
      name: 'PROXY protocol: the address that it names is the client\'s',
      run: async () => {
        const { gateway, phone } = await open();
        for (const [header, ip] of [[headers[3]![1], '203.0.113.9'], [headers[1]![1], '2001:db8::7']] as const) {
          const person = await Person.signUp(gateway, phone(), 'Proxied', { wire: { preamble: header } });
          const { authorizations } = await person.call('account.getAuthorizations', {});
          assert.deepEqual(authorizations.map((authorization) => authorization.ip), [ip]);
          person.close();
        }
      },
    },
    {
      name: 'PROXY protocol: a header byte by byte',
      run: async () => {
        const { gateway } = await open();
        const wire = await Wire.open(gateway, { silent: true });
        for (const byte of Buffer.concat([headers[4]![1], wire.codec.opening])) {
          wire.raw(Buffer.from([byte]));
          await new Promise((resolve) => setImmediate(resolve));
        }
        await new KeyExchange(wire, gateway).run();
        wire.close();
      },
    },
    ...(['abridged', 'intermediate', 'padded'] as const).map((name): Row => ({
      name: `obfuscated ${name} with the gateway's secret, and without it`,
      run: async () => {
        const { gateway, secret } = await open();
        const make = { abridged, intermediate, padded }[name];
        await mustCarry(gateway, () => ({ preamble, codec: obfuscated(make(), secret) }));
        await mustCarry(gateway, () => ({ preamble, codec: webSocket(obfuscated(make(), secret)) }));
        await mustCarry(gateway, () => ({ preamble, codec: obfuscated(make()) }));
      },
    })),
    {
      name: 'obfuscated with another secret: the connection ends',
      run: async () => {
        const { gateway } = await open();
        const codec = obfuscated(intermediate(), randomBytes(16));
        await mustEnd(gateway, Buffer.concat([preamble, codec.opening, codec.frame(Buffer.alloc(40))]));
      },
    },
  ];
}

/** A reader that asks for much and never reads: dropped, its queue freed, others served meanwhile. */
function neverReading(stage: Stage, key: () => Promise<AuthKey>): Row {
  return {
    name: 'a client that asks and never reads is dropped; others are served meanwhile',
    patient: true,
    run: async () => {
      const { gateway, system } = stage;
      const session = await Session.open(gateway, await key());
      await session.ping();
      const bystander = await Session.open(gateway, await key());
      await bystander.ping();
      const before = system.memoryBytes();
      session.wire.socket.pause();
      // 64 salts are 1 KiB for a question of 8 bytes.
      const ask = Buffer.concat([int32(MESSAGE.futureSaltsRequest), int32(64)]);
      let gone = false;
      session.wire.socket.on('error', () => {
        gone = true;
      });
      session.wire.socket.on('close', () => {
        gone = true;
      });
      const until = performance.now() + STALL_WAIT_MS;
      let slowest = 0;
      let peak = before;
      for (let sent = 0; !gone && performance.now() < until;) {
        // What the server doesn't read any more waits on our side; more than some megabytes proves nothing.
        if (session.wire.socket.writableLength < 262_144) {
          for (let i = 0; i < 400; i++) session.send(ask, { seqNo: session.nextSeqNo(false) });
          sent += 400;
        } else await new Promise((resolve) => setTimeout(resolve, 250));
        const started = performance.now();
        await bystander.ping();
        slowest = Math.max(slowest, performance.now() - started);
        peak = Math.max(peak, system.memoryBytes());
        // A paused socket learns of its end only when it writes.
        if (sent > 0) session.wire.socket.write(Buffer.alloc(0));
      }
      assert.ok(gone, 'it is still connected');
      bystander.close();
      return `memory grew by ${Math.round((peak - before) / 1_048_576)} MiB at most, a bystander's ping took ${Math.round(slowest)} ms at most`;
    },
  };
}

function slowRows(stage: Stage): Row[] {
  const { gateway } = stage;
  const dribble = (name: string, bytes: () => Promise<{ wire: Wire; rest: Buffer }>, waitMs: number, leastMs: number): Row => ({
    name, patient: true,
    run: async () => {
      const { wire, rest } = await bytes();
      const started = performance.now();
      let at = 0;
      const drip = setInterval(() => wire.raw(rest.subarray(at, ++at)), 700);
      try {
        await wire.whenClosed(waitMs);
      } finally {
        clearInterval(drip);
        wire.close();
      }
      const tookMs = performance.now() - started;
      assert.ok(tookMs > leastMs, `it ended after ${Math.round(tookMs)} ms already`);
      return `after ${Math.round(tookMs / 1_000)} s`;
    },
  });
  return [
    dribble('slow-loris: a first packet byte by byte is cut off after 20 s', async () => ({ wire: await Wire.open(gateway), rest: Buffer.concat([u32(400), Buffer.alloc(400, 1)]) }), FIRST_PACKET_WAIT_MS, 15_000),
    dribble('slow-loris: an HTTP head byte by byte is cut off after 20 s', async () => ({ wire: await Wire.open(gateway, { silent: true }), rest: upgradeRequest() }), FIRST_PACKET_WAIT_MS, 15_000),
    dribble('slow-loris: a packet of a session that began well is cut off after a minute', async () => {
      const session = await Session.open(gateway, await makeKey(gateway));
      await session.ping();
      return { wire: session.wire, rest: Buffer.concat([u32(400), Buffer.alloc(400, 1)]) };
    }, PACKET_WAIT_MS, 50_000),
    {
      name: 'handshakes without end on one connection, never a key: cut off after a minute',
      patient: true,
      run: async () => {
        const wire = await Wire.open(gateway, { localAddress: '127.0.0.66' });
        const exchange = new KeyExchange(wire, gateway);
        const started = performance.now();
        while (!wire.closed && performance.now() - started < PACKET_WAIT_MS) {
          const answer = await exchange.ask(Buffer.concat([u32(0xbe7e8ef1), randomBytes(16)]));
          if (answer.error === 'closed') break;
          await new Promise((resolve) => setTimeout(resolve, 500));
        }
        assert.ok(wire.closed, 'it is still open');
      },
    },
    {
      name: `${SILENT_CONNECTIONS} connections that never say anything end after 20 s, at little cost, and others are served`,
      patient: true,
      run: async () => {
        const before = stage.system.memoryBytes();
        const wires: Wire[] = [];
        while (wires.length < SILENT_CONNECTIONS) wires.push(...await Promise.all(Array.from({ length: 100 }, () => Wire.open(gateway, { silent: true, localAddress: '127.0.0.67' }))));
        const grown = stage.system.memoryBytes() - before;
        const session = await Session.open(gateway, await makeKey(gateway));
        const started = performance.now();
        await session.ping();
        const pingMs = performance.now() - started;
        session.close();
        await Promise.all(wires.map((wire) => wire.whenClosed(FIRST_PACKET_WAIT_MS + 6_000)));
        assert.ok(grown / SILENT_CONNECTIONS < SILENT_KIB_MAX * 1_024, `${Math.round(grown / SILENT_CONNECTIONS / 1_024)} KiB each`);
        return `${(grown / SILENT_CONNECTIONS / 1_024).toFixed(1)} KiB each, a ping meanwhile ${Math.round(pingMs)} ms`;
      },
    },
    neverReading(stage, () => makeKey(gateway)),
  ];
}

/** The bound on connections from one address is reached: the next is closed, another address is served. Takes a quarter of a minute. */
export function connectionLimitRows({ gateway, system }: Stage): Row[] {
  return [{
    name: `${CONNECTIONS_PER_ADDRESS} connections from one address: the next is closed, other addresses are served`,
    run: async () => {
      const wires: Wire[] = [];
      const before = system.memoryBytes();
      try {
        let turnedAway = 0;
        while (wires.length < CONNECTIONS_PER_ADDRESS + 200) wires.push(...await Promise.all(Array.from({ length: 200 }, () => Wire.open(gateway, { silent: true, localAddress: '127.0.0.68' }))));
        const until = performance.now() + 5_000;
        while (turnedAway < 200 && performance.now() < until) {
          turnedAway = wires.filter(({ closed }) => closed).length;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        assert.ok(turnedAway >= 200, `${turnedAway} of 200 were turned away`);
        const session = await Session.open(gateway, await makeKey(gateway, {}, { localAddress: '127.0.0.69' }), { localAddress: '127.0.0.69' });
        await session.ping();
        session.close();
        return `${((system.memoryBytes() - before) / CONNECTIONS_PER_ADDRESS / 1_024).toFixed(1)} KiB each`;
      } finally {
        for (const wire of wires) wire.close();
      }
    },
  }];
}

/** protocol.md section 2, the transports; DESIGN sections 7 and 12. */
export function transportRows(stage: Stage, short: boolean): Row[] {
  const { gateway } = stage;
  return [...carryRows(gateway), ...frameRows(gateway), ...webSocketRows(gateway), ...proxyRows(() => stage.proxied()), ...slowRows(stage), ...(short ? [] : connectionLimitRows(stage))];
}
