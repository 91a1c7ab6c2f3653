// An unmodified mtcute against the throw-away server: key exchange (twice with temporary keys), bindTempAuthKey, help.getNearestDc over one transport.
// Ends with 0 when the answer is right and nothing was refused. Runs inside a network namespace with loopback alone.
// node mtcute.cjs intermediate|obfuscated|padded|secret [pfs]
const { spawn } = require('node:child_process');
const { createHash } = require('node:crypto');
const { createInterface } = require('node:readline');

const SECRET = '00112233445566778899aabbccddeeff';
const TIMEOUT_MS = 30_000;
const [mode = 'intermediate', pfs] = process.argv.slice(2);

function startServer() {
  const server = spawn(process.execPath, [`${__dirname}/server.cjs`], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, SECRET: mode === 'secret' ? SECRET : '' } });
  process.on('exit', () => server.kill());
  const events = [];
  return new Promise((resolve) => createInterface(server.stdout).on('line', (line) => {
    const event = JSON.parse(line);
    if (event.port) resolve({ events, ...event });
    else events.push(event);
  }));
}

async function main() {
  const { events, port, publicKey } = await startServer();
  const { TelegramClient, TcpTransport, MemoryStorage, IntermediatePacketCodec, PaddedIntermediatePacketCodec, ObfuscatedPacketCodec } = await import('@mtcute/node');
  const { addPublicKey } = await import('@mtcute/node/utils.js');
  addPublicKey({ sha1: (data) => new Uint8Array(createHash('sha1').update(data).digest()) }, publicKey);
  class Transport extends TcpTransport {
    packetCodec() {
      switch (mode) {
        case 'intermediate': return new IntermediatePacketCodec();
        case 'obfuscated': return new ObfuscatedPacketCodec(new IntermediatePacketCodec());
        case 'padded': return new ObfuscatedPacketCodec(new PaddedIntermediatePacketCodec());
        case 'secret': return new ObfuscatedPacketCodec(new PaddedIntermediatePacketCodec(), { secret: Buffer.from(SECRET, 'hex'), dcId: 2, test: false, media: false });
        default: throw new Error(`no transport ${mode}`);
      }
    }
  }
  const dc = { id: 2, ipAddress: '127.0.0.1', port };
  const client = new TelegramClient({ apiId: 1, apiHash: 'x', storage: new MemoryStorage(), defaultDcs: { main: dc, media: dc }, transport: new Transport(), disableUpdates: true, logLevel: 1, network: { usePfs: pfs === 'pfs' } });
  setTimeout(() => { console.error('timeout', events); process.exit(1); }, TIMEOUT_MS);
  const answer = await client.call({ _: 'help.getNearestDc' });
  const refused = events.filter((event) => event.refused || event.fault || event.forged || event.bound === false);
  const bound = events.some((event) => event.bound);
  console.log(mode, pfs ?? '', answer._, refused, bound ? 'bound' : '', events.find((event) => event.opened)?.opened);
  process.exit(answer.country === 'XX' && refused.length === 0 && bound === (pfs === 'pfs') ? 0 : 1);
}
main().catch((error) => { console.error(error); process.exit(1); });
