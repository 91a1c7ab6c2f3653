// One round trip of a protocol: what an open port does not tell.
import { createConnection } from 'node:net';

/** Time that one question may take. */
export const ASK_MS = 3000;

/**
 * Connects, sends the requests one after another (each when the one before is answered), and judges the last answer.
 * @param {{ host: string, port: number }} address
 * @param {Buffer[]} requests
 * @param {(answer: Buffer) => boolean | undefined} judge gets what came since the last request: undefined while that is not all
 * @param {(answer: Buffer) => boolean} [whole] whether an earlier answer is complete
 * @returns {Promise<boolean>} false too when there is nobody, or no answer in time
 */
export function ask({ host, port }, requests, judge, whole = () => true) {
  return new Promise((done) => {
    const left = [...requests];
    let answer = Buffer.alloc(0);
    const socket = createConnection({ host, port });
    const end = (result) => {
      socket.destroy();
      done(result);
    };
    socket.setTimeout(ASK_MS, () => end(false));
    socket.on('error', () => end(false)).on('close', () => done(false));
    socket.on('connect', () => socket.write(left.shift()));
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (left.length > 0) {
        if (!whole(answer)) return;
        answer = Buffer.alloc(0);
        socket.write(left.shift());
        return;
      }
      const result = judge(answer);
      if (result !== undefined) end(result);
    });
  });
}
