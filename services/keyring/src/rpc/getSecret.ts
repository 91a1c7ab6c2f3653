import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import { foreignSecret, secretHome } from '../domain/scope';
import { OTHER_DC_DEADLINE_MS, PURPOSE_BYTES_MAX } from '../limits';
import { findOrStore } from '../wrapped-keys';

/**
 * A secret of this DC, derived from the region key; for the purposes of the directory, the one of the lowest DC, fetched once, and for
 * `access-hash-of-<dc>` and `invite-links-of-<dc>` that DC's.
 * Errors: INVALID_ARGUMENT, UNAVAILABLE (the other DC).
 */
export async function getSecret(deps: Deps, { purpose }: { purpose: string }): Promise<{ secret: Uint8Array }> {
  if (!/^[a-z][a-z0-9-]*$/.test(purpose) || purpose.length > PURPOSE_BYTES_MAX) throw new CallError('INVALID_ARGUMENT', 'no such purpose');
  const foreign = foreignSecret(purpose);
  const home = foreign?.dc ?? secretHome(purpose, deps.place);
  if (!deps.place.dcs.includes(home)) throw new CallError('INVALID_ARGUMENT', 'no such purpose');
  deps.audit.record('given', purpose);
  if (home === deps.place.dc) return { secret: deps.regionKey.secret(foreign?.purpose ?? purpose) };
  const { key } = await findOrStore(deps, `secret:${purpose}`, async () => {
    const { secret } = await deps.agentOf(home).getSecret({ purpose: foreign?.purpose ?? purpose }, { deadlineMs: OTHER_DC_DEADLINE_MS });
    return { key: secret, version: 1 };
  });
  return { secret: key };
}
