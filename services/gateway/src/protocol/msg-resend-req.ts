import { TlCursor } from '../domain/tl-cursor';
import { MESSAGE_IDS_MAX } from '../limits';
import type { ServiceMessageHandler } from './handlers';
import { msgsStateInfo, statesOf } from './msgs-state-req';

/** Sends kept messages again, each under its own id; says what it knows of the others. Source: core.telegram.org/mtproto/service_messages_about_messages#explicit-request-to-re-send-messages */
export const receiveMsgResendReq: ServiceMessageHandler = (gateway, session, message) => {
  const cursor = new TlCursor(message.body, 4);
  const ids = cursor.longs(MESSAGE_IDS_MAX);
  cursor.end();
  let missing = false;
  for (const id of ids) {
    const kept = session.unacked?.get(id);
    if (kept === undefined) missing = true;
    else gateway.outbox.resend(session, kept);
  }
  if (!missing) return;
  const states = statesOf(session, gateway.outbox.answers(session), ids);
  gateway.outbox.reply(session, msgsStateInfo(message.id, ids.map((id, index) => (session.unacked?.has(id) ? 4 : states[index] as number))));
};
