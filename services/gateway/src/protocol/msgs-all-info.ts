import { TlCursor } from '../domain/tl-cursor';
import { MESSAGE_IDS_MAX } from '../limits';
import type { ServiceMessageHandler } from './handlers';

/** The client volunteers what it received. Messages go over TCP in order, and acks say which may be forgotten: nothing to do. Source: core.telegram.org/mtproto/service_messages_about_messages#voluntary-communication-of-status-of-messages */
export const receiveMsgsAllInfo: ServiceMessageHandler = (_gateway, _session, message) => {
  const cursor = new TlCursor(message.body, 4);
  cursor.longs(MESSAGE_IDS_MAX);
  cursor.bytesField();
  cursor.end();
};
