import { CONSTRUCTOR } from '../domain/constructors';
import { TlBytes } from '../domain/tl-bytes';
import { TlCursor } from '../domain/tl-cursor';
import type { ServiceMessageHandler } from './handlers';

/** Forgets another session of the same key, at whichever gateway it is. Source: core.telegram.org/mtproto/service_messages#request-to-destroy-session */
export const receiveDestroySession: ServiceMessageHandler = (gateway, session, message) => {
  const cursor = new TlCursor(message.body, 4);
  const id = cursor.long();
  cursor.end();
  const answer = (destroyed: boolean): void => gateway.outbox.reply(session, new TlBytes(12).uint32(destroyed ? CONSTRUCTOR.destroy_session_ok : CONSTRUCTOR.destroy_session_none).long(id).done());
  if (id === session.id) return answer(false);
  const other = session.key.sessions.get(id);
  if (other !== undefined) {
    gateway.destroySession(other);
    return answer(true);
  }
  const elsewhere = gateway.destroyElsewhere(session.key, id);
  if (elsewhere === undefined) return answer(false);
  void elsewhere.then(answer);
};
