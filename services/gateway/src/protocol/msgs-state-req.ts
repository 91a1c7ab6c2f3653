import type { Session } from '../session';
import type { Gateway } from '../gateway';
import { CONSTRUCTOR } from '../domain/constructors';
import { messageState } from '../domain/message-state';
import { bytesFieldSize, TlBytes } from '../domain/tl-bytes';
import { TlCursor } from '../domain/tl-cursor';
import { MESSAGE_IDS_MAX } from '../limits';
import type { ServiceMessageHandler } from './handlers';

/** What became of the client's messages. Source: core.telegram.org/mtproto/service_messages_about_messages#request-for-message-status-information */
export const receiveMsgsStateReq: ServiceMessageHandler = (gateway, session, message) => {
  const cursor = new TlCursor(message.body, 4);
  const ids = cursor.longs(MESSAGE_IDS_MAX);
  cursor.end();
  gateway.outbox.reply(session, msgsStateInfo(message.id, ids.map((id) => stateOf(gateway, session, id))));
};

export function stateOf(gateway: Gateway, session: Session, id: bigint): number {
  return messageState({
    received: session.window.classify(id),
    aboveAll: id > session.window.highest,
    running: session.queries?.has(id) ?? false,
    answered: gateway.outbox.findAnswer(session, id) !== undefined,
  });
}

export function msgsStateInfo(queryId: bigint, states: readonly number[]): Buffer {
  return new TlBytes(12 + bytesFieldSize(states.length)).uint32(CONSTRUCTOR.msgs_state_info).long(queryId).bytesField(Uint8Array.from(states)).done();
}
