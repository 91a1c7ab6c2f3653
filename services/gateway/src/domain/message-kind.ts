import { CONSTRUCTOR } from './constructors';

/** How the sequence number of a message with this constructor is judged. */
export type MessageKind =
  /** Needs an acknowledgement: its sequence number is odd. */
  | 'query'
  /** Clients number these either way; acknowledged when odd. */
  | 'either'
  /** Even by every client. */
  | 'container';

const EITHER: ReadonlySet<number> = new Set([
  CONSTRUCTOR.msgs_ack, CONSTRUCTOR.http_wait, CONSTRUCTOR.ping, CONSTRUCTOR.ping_delay_disconnect, CONSTRUCTOR.get_future_salts,
  CONSTRUCTOR.msgs_state_req, CONSTRUCTOR.msgs_state_info, CONSTRUCTOR.msgs_all_info, CONSTRUCTOR.msg_resend_req, CONSTRUCTOR.msg_resend_ans_req,
  CONSTRUCTOR.msg_detailed_info, CONSTRUCTOR.msg_new_detailed_info,
  CONSTRUCTOR.destroy_session, CONSTRUCTOR.destroy_auth_key, CONSTRUCTOR.rpc_drop_answer, CONSTRUCTOR.gzip_packed, CONSTRUCTOR.msg_copy,
]);

export function messageKind(constructor: number): MessageKind {
  if (constructor === CONSTRUCTOR.msg_container) return 'container';
  return EITHER.has(constructor) ? 'either' : 'query';
}

/** Is it a query, or may a query be packed in it? */
export const isAnswered = (constructor: number): boolean => constructor === CONSTRUCTOR.gzip_packed || messageKind(constructor) === 'query';

/** 34: even expected, odd received. 35: odd expected, even received. */
export function parityFault(kind: MessageKind, seqNo: number): 34 | 35 | undefined {
  const odd = (seqNo & 1) === 1;
  if (kind === 'container' && odd) return 34;
  if (kind === 'query' && !odd) return 35;
  return undefined;
}
