import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connectLoadClient, RpcFailure, type LoadClient } from './load-client';
import { createPacketCipher } from './packet/wasm-cipher';

jest.setTimeout(60_000);

const GET_NEAREST_DC = Buffer.from('2630b31f', 'hex');
const GET_CONFIG = Buffer.from('6b18f9c4', 'hex');
const NEAREST_DC = 0x8e1a1775;

let server: ChildProcess;
let address: { port: number; publicKey: string; fingerprint: string };
const cipher = createPacketCipher({ slots: 64 });

beforeAll(async () => {
  server = spawn(process.execPath, [join(__dirname, '../interop/server.cjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  address = await new Promise((resolve) => createInterface(server.stdout as NodeJS.ReadableStream).once('line', (line) => resolve(JSON.parse(line))));
});

afterAll(() => { server.kill(); });

const connect = (more: Partial<Parameters<typeof connectLoadClient>[0]> = {}): Promise<LoadClient> => connectLoadClient({
  host: '127.0.0.1', port: address.port, publicPem: address.publicKey, fingerprint: BigInt(`0x${address.fingerprint}`), cipher, ...more,
});

test.each([[false, 'pad'], [true, 'legacy']] as const)('makes a key and calls (obfuscated: %s, RSA: %s)', async (obfuscated, scheme) => {
  const client = await connect({ obfuscated, scheme });
  const answers = await Promise.all(Array.from({ length: 40 }, () => client.call(GET_NEAREST_DC)));
  answers.forEach((answer) => expect(answer.readUInt32LE(0)).toBe(NEAREST_DC));
  await expect(client.call(GET_CONFIG)).rejects.toEqual(new RpcFailure(400, 'NOT_IMPLEMENTED'));
  await client.ping();
  client.close();
  await expect(client.call(GET_CONFIG)).rejects.toThrow('closed');
});

test('goes on with the key of another connection, and takes the salt that it is told', async () => {
  const first = await connect();
  first.close();
  const second = await connect({ key: { ...first.key, serverSalt: 1n }, obfuscated: true });
  expect((await second.call(GET_NEAREST_DC)).readUInt32LE(0)).toBe(NEAREST_DC);
  expect(second.key.serverSalt).not.toBe(1n);
  second.close();
});

test('a key that the server does not know ends the connection with −404', async () => {
  const closed: (Error | undefined)[] = [];
  const client = await connect({ key: { authKey: Buffer.alloc(256, 3), keyId: 3n, serverSalt: 0n }, onClose: (error) => closed.push(error) });
  await expect(client.call(GET_NEAREST_DC)).rejects.toThrow('transport error -404');
  expect(closed).toHaveLength(1);
  expect(cipher.slotsUsed).toBe(0);
});
