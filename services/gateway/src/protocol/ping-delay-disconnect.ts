import { TlCursor } from '../domain/tl-cursor';
import { PING_DISCONNECT_DELAY_MAX_S } from '../limits';
import type { ServiceMessageHandler } from './handlers';
import { pong } from './ping';

/** A ping that also asks for the connection to be closed unless another comes in time. Source: core.telegram.org/mtproto/service_messages#deferred-connection-closure--ping */
export const receivePingDelayDisconnect: ServiceMessageHandler = (gateway, session, message, connection) => {
  const cursor = new TlCursor(message.body, 4);
  const pingId = cursor.long();
  const delayS = cursor.int32();
  cursor.end();
  gateway.disconnectAfter(connection, Math.min(Math.max(delayS, 0), PING_DISCONNECT_DELAY_MAX_S));
  gateway.outbox.reply(session, pong(message, pingId));
};
