import type { Session } from '../session';
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
  gateway.outbox.reply(session, msgsStateInfo(message.id, statesOf(session, gateway.outbox.answers(session), ids)));
};

/** `answers`: what the outbox keeps, by query. */
export function statesOf({ window, queries }: Session, answers: ReadonlyMap<bigint, unknown>, ids: readonly bigint[]): number[] {
  const { highest } = window;
  return ids.map((id) => messageState({ received: window.classify(id), aboveAll: id > highest, running: queries?.has(id) ?? false, answered: answers.has(id) }));
}

export function msgsStateInfo(queryId: bigint, states: readonly number[]): Buffer {
  return new TlBytes(12 + bytesFieldSize(states.length)).uint32(CONSTRUCTOR.msgs_state_info).long(queryId).bytesField(Uint8Array.from(states)).done();
}
