import type { Connection } from '../connection';
import { CONSTRUCTOR } from '../domain/constructors';
import type { Message } from '../domain/container';
import type { Gateway } from '../gateway';
import type { Session } from '../session';
import { receiveDestroyAuthKey } from './destroy-auth-key';
import { receiveDestroySession } from './destroy-session';
import { receiveGetFutureSalts } from './get-future-salts';
import { receiveGzipPacked } from './gzip-packed';
import { receiveHttpWait } from './http-wait';
import { receiveMsgResendAnsReq } from './msg-resend-ans-req';
import { receiveMsgResendReq } from './msg-resend-req';
import { receiveMsgsAck } from './msgs-ack';
import { receiveMsgsAllInfo } from './msgs-all-info';
import { receiveMsgsStateInfo } from './msgs-state-info';
import { receiveMsgsStateReq } from './msgs-state-req';
import { receivePing } from './ping';
import { receivePingDelayDisconnect } from './ping-delay-disconnect';
import { receiveRpcDropAnswer } from './rpc-drop-answer';

/** Takes one service message. Throws MalformedError when it isn't what its constructor promises. */
export type ServiceMessageHandler = (gateway: Gateway, session: Session, message: Message, connection: Connection) => void;

/** Every service message that clients send, by constructor. What isn't here is a query. */
export const SERVICE_MESSAGES: ReadonlyMap<number, ServiceMessageHandler> = new Map<number, ServiceMessageHandler>([
  [CONSTRUCTOR.msgs_ack, receiveMsgsAck],
  [CONSTRUCTOR.ping, receivePing],
  [CONSTRUCTOR.ping_delay_disconnect, receivePingDelayDisconnect],
  [CONSTRUCTOR.get_future_salts, receiveGetFutureSalts],
  [CONSTRUCTOR.gzip_packed, receiveGzipPacked],
  [CONSTRUCTOR.msgs_state_req, receiveMsgsStateReq],
  [CONSTRUCTOR.msgs_state_info, receiveMsgsStateInfo],
  [CONSTRUCTOR.msgs_all_info, receiveMsgsAllInfo],
  [CONSTRUCTOR.msg_resend_req, receiveMsgResendReq],
  [CONSTRUCTOR.msg_resend_ans_req, receiveMsgResendAnsReq],
  [CONSTRUCTOR.destroy_session, receiveDestroySession],
  [CONSTRUCTOR.destroy_auth_key, receiveDestroyAuthKey],
  [CONSTRUCTOR.rpc_drop_answer, receiveRpcDropAnswer],
  [CONSTRUCTOR.http_wait, receiveHttpWait],
]);
