import type { FutureSalt } from '@heliograph/mtproto/salts';
import { CONSTRUCTOR } from '../domain/constructors';
import { TlBytes } from '../domain/tl-bytes';
import { TlCursor } from '../domain/tl-cursor';
import type { ServiceMessageHandler } from './handlers';

/** 1…64 salts; another number counts as the nearest. Source: core.telegram.org/mtproto/service_messages#request-for-several-future-salts */
export const receiveGetFutureSalts: ServiceMessageHandler = (gateway, session, message) => {
  const cursor = new TlCursor(message.body, 4);
  const count = Math.min(Math.max(cursor.int32(), 1), 64);
  cursor.end();
  const nowMs = gateway.now();
  gateway.outbox.reply(session, futureSalts(message.id, Math.floor(nowMs / 1_000), gateway.deps.salts.future(session.key.id, nowMs, count)));
};

export function futureSalts(queryId: bigint, nowS: number, salts: readonly FutureSalt[]): Buffer {
  const body = new TlBytes(20 + 16 * salts.length).uint32(CONSTRUCTOR.future_salts).long(queryId).uint32(nowS).uint32(salts.length);
  for (const { salt, validSince, validUntil } of salts) body.uint32(validSince).uint32(validUntil).long(salt);
  return body.done();
}
