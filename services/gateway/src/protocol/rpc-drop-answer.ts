import { CONSTRUCTOR } from '../domain/constructors';
import { TlBytes } from '../domain/tl-bytes';
import { TlCursor } from '../domain/tl-cursor';
import type { ServiceMessageHandler } from './handlers';

/** The client doesn't want an answer any more. What the query does is done all the same. Source: core.telegram.org/mtproto/service_messages#cancellation-of-an-rpc-query */
export const receiveRpcDropAnswer: ServiceMessageHandler = (gateway, session, message) => {
  const cursor = new TlCursor(message.body, 4);
  const queryId = cursor.long();
  cursor.end();
  const running = session.queries?.get(queryId);
  if (running !== undefined && !running.dropped) {
    gateway.queries.drop(running);
    return gateway.outbox.answer(session, message.id, new TlBytes(4).uint32(CONSTRUCTOR.rpc_answer_dropped_running).done());
  }
  const kept = gateway.outbox.findAnswer(session, queryId);
  if (kept === undefined) return gateway.outbox.answer(session, message.id, new TlBytes(4).uint32(CONSTRUCTOR.rpc_answer_unknown).done());
  gateway.outbox.withdraw(session, kept);
  gateway.outbox.answer(session, message.id, new TlBytes(20).uint32(CONSTRUCTOR.rpc_answer_dropped).long(kept.message.id).uint32(kept.seqNo).uint32(kept.message.body.byteLength).done());
};
