// A throw-away server on this library alone, for the interop test: it makes keys, opens packets and answers help.getNearestDc; every other query gets an RPC error.
// Prints one line of JSON: {port, publicKey, fingerprint}; then a line per event.
const net = require('node:net');
const { randomBytes } = require('node:crypto');
const load = (name) => require(`../dist/${name}.js`);
const { createPacketCipher } = load('packet/wasm-cipher');
const { openBindingMessage, isBindingValid } = load('packet/binding-message');
const { Transport } = load('transport/transport');
const { HandshakeServer } = load('handshake/handshake-server');
const { generateRsaKey, fingerprintHex } = load('rsa-key');
const { MessageIds } = load('message-id');
const { SaltSchedule } = load('salts');
const { Inflater } = load('inflate');
const { isUnencrypted, openUnencrypted, packetKeyId, sealUnencrypted } = load('unencrypted');

const C = { container: 0x73f1f8dc, gzip: 0x3072cfa1, getNearestDc: 0x1fb33026, bind: 0xcdd42a05, ping: 0x7abe77ec, pingDisconnect: 0xf3427b8c, acks: 0x62d6b459, stateReq: 0xda69fb52 };
const GET_NEAREST_DC = Buffer.from('2630b31f', 'hex');
const keys = new Map();
const ids = new MessageIds(Date.now);
const salts = new SaltSchedule(randomBytes(32));
const inflater = new Inflater();
const cipher = createPacketCipher({ slots: 1000 });
const say = (event) => console.log(JSON.stringify(event));
const u32 = (...values) => { const b = Buffer.alloc(4 * values.length); values.forEach((v, i) => b.writeUInt32LE(v >>> 0, 4 * i)); return b; };
const u64 = (value) => { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt.asUintN(64, value)); return b; };
const tlString = (text) => { const raw = Buffer.from(text); const b = Buffer.concat([Buffer.from([raw.length]), raw]); return Buffer.concat([b, Buffer.alloc((4 - (b.length % 4)) % 4)]); };
const readString = (b, at) => { const long = b[at] === 254; const length = long ? b.readUIntLE(at + 1, 3) : b[at]; const start = at + (long ? 4 : 1); return b.subarray(start, start + length); };
const rpcResult = (messageId, result) => Buffer.concat([u32(0xf35c6d01), u64(messageId), result]);

class Connection {
  constructor(socket, handshakes) {
    this.socket = socket;
    this.handshakes = handshakes;
    this.slot = cipher.allocate();
    this.transport = new Transport(cipher, this.slot, { trustProxy: false, secret: process.env.SECRET ? Buffer.from(process.env.SECRET, 'hex') : undefined });
    this.opened = {};
    this.seq = 0;
  }
  onOutput(bytes) { this.socket.write(bytes); }
  onFault(fault) { say({ fault }); this.socket.destroy(); }
  onAddress() {}
  onPacket(packet, quickAck) {
    if (isUnencrypted(packet)) return void this.handshake(Buffer.from(openUnencrypted(packet).body));
    const keyId = packetKeyId(packet);
    if (cipher.authKeyId(this.slot) !== keyId) {
      if (!keys.has(keyId)) return void this.socket.write(this.transport.error(-404));
      cipher.setAuthKey(this.slot, keyId, keys.get(keyId));
    }
    if (!cipher.open(this.slot, packet, this.opened)) { say({ forged: true }); return void this.socket.destroy(); }
    if (quickAck) this.socket.write(this.transport.quickAck(this.opened.quickAckToken));
    cipher.setSession(this.slot, salts.current(keyId, Date.now()), this.opened.sessionId);
    say({ opened: this.transport.name, seqNo: this.opened.seqNo, bytes: this.opened.body.length });
    if (!salts.isValid(keyId, this.opened.salt, Date.now(), { salt: this.firstSalt, validUntil: Infinity })) {
      this.send(Buffer.concat([u32(0xedab447b), u64(this.opened.messageId), u32(this.opened.seqNo, 48), u64(salts.current(keyId, Date.now()))]), false);
      return;
    }
    this.message(this.opened.messageId, Buffer.from(this.opened.body));
  }
  async handshake(body) {
    const reply = await this.handshakes.receive(this.place ??= this.handshakes.begin(), body, '127.0.0.1');
    if (reply.established) { this.firstSalt = reply.established.serverSalt; say({ established: reply.established.keyId.toString(), temporary: reply.established.expiresAt !== undefined, dc: reply.established.dc }); }
    if (reply.kind === 'refuse') say({ refused: reply.code });
    this.socket.write(reply.kind === 'answer' ? this.transport.frame(sealUnencrypted(ids.answer(), reply.body)) : this.transport.error(reply.code));
  }
  send(body, content = true) {
    const seqNo = this.seq * 2 + (content ? 1 : 0);
    if (content) this.seq++;
    this.socket.write(this.transport.seal(content ? ids.answer() : ids.notification(), seqNo, body));
  }
  message(messageId, body) {
    const constructor = body.readUInt32LE(0);
    switch (constructor) {
      case C.container: {
        let at = 8;
        for (let i = body.readUInt32LE(4); i > 0; i--) { const length = body.readUInt32LE(at + 12); this.message(body.readBigUInt64LE(at), body.subarray(at + 16, at + 16 + length)); at += 16 + length; }
        return;
      }
      case C.gzip: return void Promise.resolve(inflater.inflate(readString(body, 4))).then((inner) => this.message(messageId, inner));
      case C.acks: case C.stateReq: return;
      case C.ping: case C.pingDisconnect: return this.send(Buffer.concat([u32(0x347773c5), u64(messageId), body.subarray(4, 12)]), false);
      case C.bind: {
        const permanentKeyId = body.readBigUInt64LE(4);
        const inner = openBindingMessage(keys.get(permanentKeyId), readString(body, 24));
        const valid = inner !== undefined && isBindingValid(inner, { permanentKeyId, nonce: body.readBigUInt64LE(12), expiresAt: body.readUInt32LE(20), messageId,
          temporaryKeyId: cipher.authKeyId(this.slot), temporarySessionId: this.opened.sessionId }, Date.now());
        say({ bound: valid });
        return this.send(rpcResult(messageId, u32(valid ? 0x997275b5 : 0xbc799737)));
      }
      default:
        // Queries come wrapped (invokeWithLayer, initConnection): what is asked stands at the end.
        if (body.subarray(-4).equals(GET_NEAREST_DC)) this.send(rpcResult(messageId, Buffer.concat([u32(0x8e1a1775), tlString('XX'), u32(2, 2)])));
        else this.send(rpcResult(messageId, Buffer.concat([u32(0x2144ca19, 400), tlString('NOT_IMPLEMENTED')])));
    }
  }
}

generateRsaKey().then((key) => {
  const handshakes = new HandshakeServer({ keys: [key], now: Date.now, random: randomBytes, workers: 1, storeKey: async ({ keyId, authKey }) => { keys.set(keyId, authKey); return true; } });
  const server = net.createServer({ noDelay: true }, (socket) => {
    const connection = new Connection(socket, handshakes);
    socket.on('data', (chunk) => connection.transport.receive(chunk, connection));
    socket.on('error', () => {});
    socket.on('close', () => { if (connection.place) handshakes.end(connection.place); cipher.release(connection.slot); });
  });
  server.listen(0, '127.0.0.1', () => say({ port: server.address().port, publicKey: key.publicPem, fingerprint: fingerprintHex(key.fingerprint) }));
});
