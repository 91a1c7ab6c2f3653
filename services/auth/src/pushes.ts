import { writeObject } from '@heliograph/tl/writer';
import type { Deps } from './deps';

/** Tells the client behind a key (not logged in) that its QR token was accepted, so that it asks for the outcome. */
export async function pushLoginToken(deps: Pick<Deps, 'fanout' | 'clock' | 'log'>, keyId: bigint): Promise<void> {
  const updates = writeObject({ _: 'updateShort', update: { _: 'updateLoginToken' }, date: Math.floor(deps.clock.now() / 1000) }, 'newest');
  // Clients poll as well: a push that fails costs them some seconds.
  await deps.fanout.publish({ pushes: [{ userIds: [], what: { case: 'updates', value: updates }, onlyAuthKeyId: keyId }] })
    .catch((error: unknown) => deps.log.warn({ error }, 'a login token could not be announced'));
}
