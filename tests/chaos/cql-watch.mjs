// Reads what passes between a service and its Cassandra (native protocol v4, uncompressed) well enough to know which requests are conditional
// writes, and can lose the answers to those: the write is done, and nobody is told.

const HEADER_BYTES = 9;
const OPCODE = { query: 0x07, result: 0x08, prepare: 0x09, execute: 0x0a };
const RESULT_PREPARED = 4;
const CONDITIONAL = /\bIF\s+(?:NOT\s+EXISTS|EXISTS|["\w]+\s*(?:=|!=|<|>|IN\b))/i;

/** Frames of one direction of a connection. */
class Frames {
  #rest = Buffer.alloc(0);

  /** @returns {{stream: number, opcode: number, body: Buffer}[]} those that end in this chunk */
  take(chunk) {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames = [];
    while (this.#rest.length >= HEADER_BYTES) {
      const length = this.#rest.readUInt32BE(5);
      if (this.#rest.length < HEADER_BYTES + length) break;
      frames.push({ stream: this.#rest.readInt16BE(2), opcode: this.#rest[4], body: this.#rest.subarray(HEADER_BYTES, HEADER_BYTES + length) });
      this.#rest = this.#rest.subarray(HEADER_BYTES + length);
    }
    return frames;
  }
}

export class CqlWatch {
  /** Ids of prepared conditional writes. The same text has the same id on every connection. */
  #conditional = new Set();
  #connections = new Map();
  #toLose = 0;
  /** Conditional writes that were asked for, and answers that were lost. */
  seen = 0;
  lost = 0;

  /** The next `count` answers to conditional writes get lost, each with its connection. */
  lose(count) {
    this.#toLose = count;
  }

  /** Answers that are still to be lost. */
  get pending() {
    return this.#toLose;
  }

  /** For openTcpProxy. */
  tap = {
    there: (chunk, connection) => {
      const { requests, preparing, waiting } = this.#of(connection);
      for (const { stream, opcode, body } of requests.take(chunk)) {
        if (opcode === OPCODE.prepare && CONDITIONAL.test(body.toString('utf8', 4))) preparing.add(stream);
        const conditional = opcode === OPCODE.execute ? this.#conditional.has(body.toString('hex', 2, 2 + body.readUInt16BE(0))) : opcode === OPCODE.query && CONDITIONAL.test(body.toString('utf8', 4, 4 + body.readUInt32BE(0)));
        if (conditional) {
          this.seen += 1;
          waiting.add(stream);
        } else waiting.delete(stream);
      }
    },
    back: (chunk, connection) => {
      const { answers, preparing, waiting } = this.#of(connection);
      for (const { stream, opcode, body } of answers.take(chunk)) {
        if (preparing.delete(stream) && opcode === OPCODE.result && body.readInt32BE(0) === RESULT_PREPARED) this.#conditional.add(body.toString('hex', 6, 6 + body.readUInt16BE(4)));
        if (waiting.delete(stream) && this.#toLose > 0) {
          this.#toLose -= 1;
          this.lost += 1;
          connection.reset();
          return false;
        }
      }
      return true;
    },
    end: (connection) => void this.#connections.delete(connection.id),
  };

  #of(connection) {
    let state = this.#connections.get(connection.id);
    if (state === undefined) {
      state = { requests: new Frames(), answers: new Frames(), preparing: new Set(), waiting: new Set() };
      this.#connections.set(connection.id, state);
    }
    return state;
  }
}
