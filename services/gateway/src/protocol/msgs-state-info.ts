import { TlCursor } from '../domain/tl-cursor';
import type { ServiceMessageHandler } from './handlers';

/** An answer to a question that this server never asks; well-formed ones are ignored. */
export const receiveMsgsStateInfo: ServiceMessageHandler = (_gateway, _session, message) => {
  const cursor = new TlCursor(message.body, 4);
  cursor.long();
  cursor.bytesField();
  cursor.end();
};
