import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SessionState, SessionStateSchema } from '@heliograph/protos/heliograph/gateway/v1/gateway_pb';
import { oldestClientMessageId } from '@heliograph/mtproto/message-id';
import { isAnswered } from './domain/message-kind';
import { constructorOf } from './domain/tl-cursor';
import { FAILED_QUERIES_MAX, HAND_OVER_IDS_MAX } from './limits';
import type { Outbox } from './outbox';
import { rpcError } from './rpc-failure';
import type { Numbered, Session } from './session';
import type { Sessions } from './sessions';

/** What another gateway needs to go on with the session. What waits to be written here is written there. */
export function describeSession(session: Session, nowMs: number): MessageInitShape<typeof SessionStateSchema> {
  const { ids, seqNos, floor } = session.window.list(oldestClientMessageId(nowMs), HAND_OVER_IDS_MAX);
  // What came and wasn't begun is not answered either.
  const waiting = (session.inbox ?? []).filter(({ message }) => isAnswered(constructorOf(message.body))).map(({ message }) => message.id);
  const unacked = new Map<bigint, Numbered>();
  for (const kept of session.unacked?.values() ?? []) unacked.set(kept.message.id, kept);
  for (const due of session.out ?? []) if (due.message.contentRelated) unacked.set(due.message.id, due);
  return {
    uniqueId: session.uniqueId, announced: session.announced, sentContent: session.sentContent, layer: session.layer,
    receivedIds: ids, receivedSeqNos: seqNos, floor,
    acks: session.acks ?? [], failed: session.failed ?? [], unfinished: [...(session.queries?.keys() ?? []), ...waiting],
    unacked: [...unacked.values()].map(({ message: { id, body, answers }, seqNo }) => ({ id, seqNo, body, answers })),
    wantsPushes: session.wantsPushes, withoutPushes: session.withoutPushes, transfersFiles: session.transfersFiles,
  };
}

/**
 * Makes a new session here what it was there. Queries that were still under way there get 500: their outcome is unknown, and clients repeat them with the
 * same random_id. What was pushed meanwhile is asked for by its client.
 */
export function resumeSession(session: Session, state: SessionState, { sessions, outbox }: { sessions: Sessions; outbox: Outbox }): void {
  session.announced = state.announced;
  session.sentContent = state.sentContent;
  session.layer = state.layer;
  const failed = [...state.failed, ...state.unfinished].slice(-FAILED_QUERIES_MAX);
  if (failed.length > 0) session.failed = failed;
  session.wantsPushes = state.wantsPushes;
  session.withoutPushes = state.withoutPushes;
  session.transfersFiles = state.transfersFiles;
  session.missedPushes = state.wantsPushes;
  sessions.raiseFloor(session, state.floor);
  state.receivedIds.forEach((id, index) => sessions.remember(session, id, state.receivedSeqNos[index] ?? 0));
  for (const { id, seqNo, body, answers } of state.unacked) outbox.keepAgain(session, { message: { id, body, contentRelated: true, answers, shared: false }, seqNo });
  for (const id of state.acks) outbox.ack(session, id);
  for (const id of state.unfinished) outbox.answer(session, id, rpcError(500, 'RPC_CALL_FAIL'));
}
