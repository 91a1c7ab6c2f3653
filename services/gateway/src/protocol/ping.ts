import type { Message } from '../domain/container';
import { CONSTRUCTOR } from '../domain/constructors';
import { TlBytes } from '../domain/tl-bytes';
import { TlCursor } from '../domain/tl-cursor';
import type { ServiceMessageHandler } from './handlers';

/** Source: core.telegram.org/mtproto/service_messages#ping-messages-pingpong */
export const receivePing: ServiceMessageHandler = (gateway, session, message) => {
  const cursor = new TlCursor(message.body, 4);
  const pingId = cursor.long();
  cursor.end();
  gateway.outbox.reply(session, pong(message, pingId));
};

export const pong = (message: Message, pingId: bigint): Buffer => new TlBytes(20).uint32(CONSTRUCTOR.pong).long(message.id).long(pingId).done();
