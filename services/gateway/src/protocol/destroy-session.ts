import { CONSTRUCTOR } from '../domain/constructors';
import { TlBytes } from '../domain/tl-bytes';
import { TlCursor } from '../domain/tl-cursor';
import type { ServiceMessageHandler } from './handlers';

/** Forgets another session of the same key. Source: core.telegram.org/mtproto/service_messages#request-to-destroy-session */
export const receiveDestroySession: ServiceMessageHandler = (gateway, session, message) => {
  const cursor = new TlCursor(message.body, 4);
  const id = cursor.long();
  cursor.end();
  const other = id === session.id ? undefined : session.key.sessions.get(id);
  if (other !== undefined) gateway.destroySession(other);
  gateway.outbox.reply(session, new TlBytes(12).uint32(other === undefined ? CONSTRUCTOR.destroy_session_none : CONSTRUCTOR.destroy_session_ok).long(id).done());
};
