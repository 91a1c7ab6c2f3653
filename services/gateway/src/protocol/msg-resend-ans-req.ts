import { TlCursor } from '../domain/tl-cursor';
import { MESSAGE_IDS_MAX } from '../limits';
import type { ServiceMessageHandler } from './handlers';
import { msgsStateInfo, statesOf } from './msgs-state-req';

/** Sends the kept answers to these queries again; says what it knows of the others. Source: core.telegram.org/mtproto/service_messages_about_messages#explicit-request-to-re-send-answers */
export const receiveMsgResendAnsReq: ServiceMessageHandler = (gateway, session, message) => {
  const cursor = new TlCursor(message.body, 4);
  const ids = cursor.longs(MESSAGE_IDS_MAX);
  cursor.end();
  const answers = gateway.outbox.answers(session);
  let missing = false;
  for (const id of ids) {
    const kept = answers.get(id);
    if (kept === undefined) missing = true;
    else gateway.outbox.resend(session, kept);
  }
  if (missing) gateway.outbox.reply(session, msgsStateInfo(message.id, statesOf(session, answers, ids)));
};
