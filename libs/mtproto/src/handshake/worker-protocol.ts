import { DH_BYTES, DH_EXPONENT_BYTES } from './diffie-hellman';
import { RSA_BLOCK_BYTES } from './rsa-pad';

/**
 * What the handshake threads are asked and what they answer: many in one message, as waking a thread costs a third of what it is woken for, and each message one
 * flat array of bytes, as the clone of a list of objects copies every buffer's whole allocation and costs as much again.
 *
 * A request: id (4 bytes), kind, index of the RSA key, then a block (256) or an exponent (32) and g_b (256).
 * An answer: id, kind, length of the inner data (0: the block was not genuine), then the inner data, exponent and g_a; or the auth key; or nothing when it failed.
 */

/** Given to a thread when it starts. */
export interface WorkerSettings {
  /** PKCS#1 PEM, in the order of HandshakeDeps.keys. */
  readonly privatePems: readonly string[];
}

export type WorkerRequest =
  /** Opens the client's RSA block (256 bytes) and picks the server's half of the exchange. */
  | { readonly id: number; readonly kind: 'begin'; readonly keyIndex: number; readonly block: Uint8Array }
  /** Computes the shared key out of the server's exponent (32 bytes) and g_b (at most 256 bytes). */
  | { readonly id: number; readonly kind: 'finish'; readonly exponent: Uint8Array; readonly clientValue: Uint8Array };

export interface BeginResult {
  /** Inner data; undefined when the block was not genuine. */
  readonly innerData: Uint8Array | undefined;
  /** 32 bytes. */
  readonly exponent: Uint8Array;
  /** g_a, 256 bytes. */
  readonly serverValue: Uint8Array;
}

export interface FinishResult {
  /** 256 bytes. */
  readonly authKey: Uint8Array;
}

export type WorkerAnswer = { readonly id: number; readonly begin?: BeginResult; readonly finish?: FinishResult };

const KIND = { failed: 0, begin: 1, finish: 2 } as const;
const HEAD_BYTES = 6;
const BEGIN_REQUEST_BYTES = HEAD_BYTES + RSA_BLOCK_BYTES;
const FINISH_REQUEST_BYTES = HEAD_BYTES + DH_EXPONENT_BYTES + DH_BYTES;
/** Inner data is shorter than the RSA block that it came in. */
const ANSWER_BYTES_MAX = HEAD_BYTES + RSA_BLOCK_BYTES + DH_EXPONENT_BYTES + DH_BYTES;

export function encodeRequests(requests: readonly WorkerRequest[]): Buffer {
  // Of its own allocation: what is posted is cloned with all of it.
  const bytes = Buffer.from(new ArrayBuffer(requests.length * FINISH_REQUEST_BYTES));
  let at = 0;
  for (const request of requests) {
    bytes.writeUInt32LE(request.id, at);
    if (request.kind === 'begin') {
      bytes[at + 4] = KIND.begin;
      bytes[at + 5] = request.keyIndex;
      bytes.set(request.block, at + HEAD_BYTES);
      at += BEGIN_REQUEST_BYTES;
    } else {
      bytes[at + 4] = KIND.finish;
      bytes.set(request.exponent, at + HEAD_BYTES);
      bytes.set(request.clientValue, at + FINISH_REQUEST_BYTES - request.clientValue.length);
      at += FINISH_REQUEST_BYTES;
    }
  }
  return bytes.subarray(0, at);
}

/** The requests of a message, as views of it. */
export function decodeRequests(message: Uint8Array): WorkerRequest[] {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.length);
  const requests: WorkerRequest[] = [];
  for (let at = 0; at < bytes.length;) {
    const id = bytes.readUInt32LE(at);
    if (bytes[at + 4] === KIND.begin) {
      requests.push({ id, kind: 'begin', keyIndex: bytes[at + 5] as number, block: bytes.subarray(at + HEAD_BYTES, at + BEGIN_REQUEST_BYTES) });
      at += BEGIN_REQUEST_BYTES;
    } else {
      const exponent = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + DH_EXPONENT_BYTES);
      requests.push({ id, kind: 'finish', exponent, clientValue: bytes.subarray(at + HEAD_BYTES + DH_EXPONENT_BYTES, at + FINISH_REQUEST_BYTES) });
      at += FINISH_REQUEST_BYTES;
    }
  }
  return requests;
}

export function encodeAnswers(answers: readonly WorkerAnswer[]): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(answers.length * ANSWER_BYTES_MAX));
  let at = 0;
  const put = (part: Uint8Array): void => {
    bytes.set(part, at);
    at += part.length;
  };
  for (const { id, begin, finish } of answers) {
    bytes.writeUInt32LE(id, at);
    bytes[at + 4] = begin ? KIND.begin : finish ? KIND.finish : KIND.failed;
    bytes[at + 5] = begin?.innerData?.length ?? 0;
    at += HEAD_BYTES;
    if (begin?.innerData) put(begin.innerData);
    if (begin) {
      put(begin.exponent);
      put(begin.serverValue);
    }
    if (finish) put(finish.authKey);
  }
  return bytes.subarray(0, at);
}

/** The answers of a message, as views of it. */
export function decodeAnswers(message: Uint8Array): WorkerAnswer[] {
  const answers: WorkerAnswer[] = [];
  let at = 0;
  const take = (length: number): Uint8Array => message.subarray(at, at += length);
  while (at < message.length) {
    const head = take(HEAD_BYTES);
    const id = new DataView(head.buffer, head.byteOffset).getUint32(0, true);
    const innerLength = head[5] as number;
    if (head[4] === KIND.begin) {
      const innerData = innerLength === 0 ? undefined : take(innerLength);
      answers.push({ id, begin: { innerData, exponent: take(DH_EXPONENT_BYTES), serverValue: take(DH_BYTES) } });
    } else if (head[4] === KIND.finish) {
      answers.push({ id, finish: { authKey: take(DH_BYTES) } });
    } else {
      answers.push({ id });
    }
  }
  return answers;
}
