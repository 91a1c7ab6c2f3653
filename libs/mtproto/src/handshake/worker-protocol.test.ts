import { randomBytes } from 'node:crypto';
import { decodeAnswers, decodeRequests, encodeAnswers, encodeRequests, type WorkerAnswer, type WorkerRequest } from './worker-protocol';

const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const plain = <T>(value: T): unknown => JSON.parse(JSON.stringify(value, (_key, part: unknown) => {
  const buffer = part as { type?: string; data?: number[] };
  return part instanceof Uint8Array ? Buffer.from(part).toString('hex') : buffer?.type === 'Buffer' ? Buffer.from(buffer.data as number[]).toString('hex') : part;
}));

describe('messages between the gateway and its handshake threads', () => {
  it('carry requests, several in one', () => {
    const requests: WorkerRequest[] = [
      { id: 1, kind: 'begin', keyIndex: 1, block: bytes(256) },
      { id: 0xffff_ffff, kind: 'finish', exponent: bytes(32), clientValue: bytes(256) },
      { id: 3, kind: 'begin', keyIndex: 0, block: bytes(256) },
    ];
    expect(plain(decodeRequests(encodeRequests(requests)))).toEqual(plain(requests));
  });

  it('fill a short g_b with zeros in front', () => {
    const clientValue = bytes(250);
    const [request] = decodeRequests(encodeRequests([{ id: 1, kind: 'finish', exponent: bytes(32), clientValue }]));
    expect(request?.kind === 'finish' && Buffer.from(request.clientValue).equals(Buffer.concat([Buffer.alloc(6), clientValue]))).toBe(true);
  });

  it('carry answers: genuine, forged, finished and failed', () => {
    const answers: WorkerAnswer[] = [
      { id: 1, begin: { innerData: bytes(96), exponent: bytes(32), serverValue: bytes(256) } },
      { id: 2, begin: { innerData: undefined, exponent: bytes(32), serverValue: bytes(256) } },
      { id: 3, finish: { authKey: bytes(256) } },
      { id: 4 },
      { id: 5, begin: { innerData: bytes(235), exponent: bytes(32), serverValue: bytes(256) } },
    ];
    expect(plain(decodeAnswers(encodeAnswers(answers)))).toEqual(plain(answers));
  });
});
