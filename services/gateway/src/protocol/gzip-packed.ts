import { InflateError } from '@heliograph/mtproto/inflate';
import { CONSTRUCTOR } from '../domain/constructors';
import { MalformedError, TlCursor } from '../domain/tl-cursor';
import type { ServiceMessageHandler } from './handlers';

/** A message packed with gzip or zlib; what is inside is taken as if it had come by itself. No container and nothing packed inside. Source: core.telegram.org/mtproto/service_messages#packed-object */
export const receiveGzipPacked: ServiceMessageHandler = (gateway, session, message, connection) => {
  const cursor = new TlCursor(message.body, 4);
  const packed = cursor.bytesField();
  cursor.end();
  const accept = (body: Uint8Array): void => {
    const constructor = new TlCursor(body).peekUint32();
    if (constructor === CONSTRUCTOR.gzip_packed || constructor === CONSTRUCTOR.msg_container) throw new MalformedError('packed twice');
    gateway.dispatch(session, { ...message, body, packed: true }, connection);
  };
  const refuse = (error: unknown): void => {
    if (error instanceof InflateError && error.reason === 'busy') gateway.refuse(session, message, 420, 'FLOOD_WAIT_1');
    else gateway.refuse(session, message, 400, 'INPUT_FETCH_ERROR');
  };
  try {
    const body = gateway.deps.inflater.inflate(packed);
    if (!(body instanceof Promise)) return accept(body);
    gateway.holdInbox(session);
    body.then(accept).catch(refuse).finally(() => gateway.releaseInbox(session));
  } catch (error) {
    refuse(error);
  }
};
