import { CONSTRUCTOR } from '../domain/constructors';
import { TlBytes } from '../domain/tl-bytes';
import { TlCursor } from '../domain/tl-cursor';
import type { ServiceMessageHandler } from './handlers';

/**
 * Destroys the key of the session, after the queries that came before it are answered (auth.logOut is often in the same container);
 * then the key's connections are closed. Source: core.telegram.org/mtproto/destroy_auth_key
 */
export const receiveDestroyAuthKey: ServiceMessageHandler = (gateway, session, message) => {
  new TlCursor(message.body, 4).end();
  const accepted = gateway.whenIdle(session, () => {
    gateway.destroyKey(session.key, session.id).then(
      (destroyed) => {
        gateway.outbox.reply(session, bare(destroyed ? CONSTRUCTOR.destroy_auth_key_ok : CONSTRUCTOR.destroy_auth_key_none));
        gateway.endKey(session.key, 'key-destroyed');
      },
      () => gateway.outbox.reply(session, bare(CONSTRUCTOR.destroy_auth_key_fail)),
    );
  });
  if (!accepted) gateway.outbox.reply(session, bare(CONSTRUCTOR.destroy_auth_key_fail));
};

const bare = (constructor: number): Buffer => new TlBytes(4).uint32(constructor).done();
