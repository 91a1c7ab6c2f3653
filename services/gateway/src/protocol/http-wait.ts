import { TlCursor } from '../domain/tl-cursor';
import type { ServiceMessageHandler } from './handlers';

/** Means something over HTTP only. Source: core.telegram.org/mtproto/service_messages#http-waitlong-poll */
export const receiveHttpWait: ServiceMessageHandler = (_gateway, _session, message) => {
  const cursor = new TlCursor(message.body, 4);
  cursor.skip(12);
  cursor.end();
};
