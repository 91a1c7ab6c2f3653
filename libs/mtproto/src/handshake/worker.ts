import { constants, createDiffieHellman, createPrivateKey, privateDecrypt, randomBytes } from 'node:crypto';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { HANDSHAKE_BATCH_COUNT_MAX } from '../limits';
import { DH_BYTES, DH_EXPONENT_BYTES, DH_GENERATOR, DH_PRIME, isPublicValueSound } from './diffie-hellman';
import { innerDataBytes } from './inner-data';
import { openRsaBlock } from './rsa-pad';
import { type BeginResult, decodeRequests, encodeAnswers, type FinishResult, type WorkerAnswer, type WorkerRequest, type WorkerSettings } from './worker-protocol';

/** The handshake thread: RSA and Diffie-Hellman, which would hold the event loop for milliseconds. It knows nothing of connections. */

const keys = (workerData as WorkerSettings).privatePems.map((pem) => createPrivateKey(pem));
// Proves the safe prime anew (0.2–0.45 s), so there is one object per thread, for its whole life.
const exchange = createDiffieHellman(DH_PRIME, Buffer.from([DH_GENERATOR]));
const generator = Buffer.from([DH_GENERATOR]);

function padded(value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(DH_BYTES);
  bytes.set(value, DH_BYTES - value.length);
  return bytes;
}

/** base^exponent mod p. */
function power(base: Uint8Array, exponent: Uint8Array): Buffer {
  exchange.setPrivateKey(exponent);
  return padded(exchange.computeSecret(base));
}

function rawDecrypt(keyIndex: number, block: Uint8Array): Buffer | undefined {
  const key = keys[keyIndex];
  if (!key) return undefined;
  try {
    return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, block);
  } catch {
    // The block is not below the modulus.
    return undefined;
  }
}

function serverHalf(): { exponent: Buffer; serverValue: Buffer } {
  for (;;) {
    const exponent = randomBytes(DH_EXPONENT_BYTES);
    const serverValue = power(generator, exponent);
    if (isPublicValueSound(serverValue)) return { exponent, serverValue };
  }
}

function begin(keyIndex: number, block: Uint8Array): BeginResult {
  const plain = rawDecrypt(keyIndex, block);
  const innerData = plain && openRsaBlock(plain, innerDataBytes);
  // Computed for a forged block too: what is wrong with a query must not show in the time that it takes.
  return { innerData, ...serverHalf() };
}

function finish(exponent: Uint8Array, clientValue: Uint8Array): FinishResult {
  return { authKey: power(clientValue, exponent) };
}

function answer(request: WorkerRequest): WorkerAnswer {
  try {
    return request.kind === 'begin' ? { id: request.id, begin: begin(request.keyIndex, request.block) } : { id: request.id, finish: finish(request.exponent, request.clientValue) };
  } catch {
    return { id: request.id };
  }
}

/** Takes all that was asked by now; answers leave together, but none waits for more than HANDSHAKE_BATCH_COUNT_MAX others. */
function work(port: MessagePort, asked: Uint8Array): void {
  let answers: WorkerAnswer[] = [];
  const send = (): void => {
    const message = encodeAnswers(answers);
    answers = [];
    port.postMessage(message, [message.buffer as ArrayBuffer]);
  };
  for (let message: Uint8Array | undefined = asked; message !== undefined; message = (receiveMessageOnPort(port) as { message: Uint8Array } | undefined)?.message) {
    for (const request of decodeRequests(message)) {
      if (answers.push(answer(request)) >= HANDSHAKE_BATCH_COUNT_MAX) send();
    }
  }
  if (answers.length > 0) send();
}

const port = parentPort;
port?.on('message', (asked: Uint8Array) => work(port, asked));
