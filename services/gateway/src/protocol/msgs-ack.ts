import { TlCursor } from '../domain/tl-cursor';
import { MESSAGE_IDS_MAX } from '../limits';
import type { ServiceMessageHandler } from './handlers';

/** The client has these messages: they need not be kept. Source: core.telegram.org/mtproto/service_messages_about_messages#acknowledgment-of-receipt */
export const receiveMsgsAck: ServiceMessageHandler = (gateway, session, message) => {
  const cursor = new TlCursor(message.body, 4);
  const ids = cursor.longs(MESSAGE_IDS_MAX);
  cursor.end();
  gateway.outbox.acknowledged(session, ids);
};
