import { CONSTRUCTOR } from '../domain/constructors';
import type { Message } from '../domain/container';
import { TlBytes } from '../domain/tl-bytes';

/** Source: core.telegram.org/mtproto/service_messages_about_messages#notification-of-ignored-message */
export type BadMessageCode = 16 | 17 | 18 | 19 | 20 | 32 | 33 | 34 | 35 | 64;

export const badMsgNotification = (message: Message, code: BadMessageCode): Buffer =>
  new TlBytes(20).uint32(CONSTRUCTOR.bad_msg_notification).long(message.id).uint32(message.seqNo).uint32(code).done();
