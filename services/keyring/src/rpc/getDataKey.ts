import { DATA_KEY_BYTES } from '@heliograph/crypto/data-key';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import { parseScope, usersOf, type Scope } from '../domain/scope';
import { findMoved } from '../find-moved';
import { OTHER_DC_DEADLINE_MS, SCOPE_BYTES_MAX } from '../limits';
import { findOrStore, findStored } from '../wrapped-keys';

const FIRST_VERSION = 1;

/**
 * The data key of a scope, unwrapped; made on first use. A key whose home is another DC is fetched from that DC's agent once,
 * and kept wrapped under this DC's region key. Keys of users who moved may be anywhere: every DC is asked before one is made, for a second key of one
 * scope would be the end of what the first one sealed (ADR 0011). Keys of groups and channels are asked of their home first: it has what comes from there,
 * and the DC that made the key may be down.
 * Errors: NOT_FOUND (`storedOnly`), INVALID_ARGUMENT (no scope), FAILED_PRECONDITION (a key that this DC has no part in), UNAVAILABLE (another DC, or
 * where the users live can't be told).
 */
export async function getDataKey(deps: Deps, { scope, storedOnly = false }: { scope: string; storedOnly?: boolean }): Promise<{ key: Uint8Array; version: number }> {
  if (scope.length > SCOPE_BYTES_MAX) throw new CallError('INVALID_ARGUMENT', 'no such scope');
  const name = `key:${scope}`;
  const there = await findStored(deps, name);
  if (there) {
    deps.audit.record('unwrapped', scope);
    return there;
  }
  if (storedOnly) throw new CallError('NOT_FOUND', 'no such key here');
  const moved = await findMoved(deps, usersOf(scope));
  const parsed = parseScope(scope, { ...deps.place, homes: moved });
  if (parsed === undefined) throw new CallError('INVALID_ARGUMENT', 'no such scope');
  const { dc, dcs } = deps.place;
  if (parsed.home !== dc && (!parsed.copies.includes(dc) || !dcs.includes(parsed.home))) {
    deps.audit.record('refused', scope);
    throw new CallError('FAILED_PRECONDITION', `a key of DC ${parsed.home}`);
  }
  let made = false;
  const { key, version, stored } = await findOrStore(deps, name, async () => {
    const elsewhere = moved.size > 0 ? await findElsewhere(deps, scope) : undefined;
    if (elsewhere !== undefined) return elsewhere;
    if (parsed.home !== dc) return fetchKey(deps, scope, parsed);
    made = true;
    return { key: deps.random(DATA_KEY_BYTES), version: FIRST_VERSION };
  });
  deps.audit.record(!stored ? 'unwrapped' : made ? 'made' : 'fetched', scope);
  return { key, version };
}

/** The key as the DC that made it has it, or one that must have it. */
async function fetchKey(deps: Deps, scope: string, { home, through }: Scope): Promise<{ key: Uint8Array; version: number }> {
  const { dc, dcs } = deps.place;
  const asked = through !== undefined && through !== dc && through !== home && dcs.includes(through) ? through : undefined;
  const there = asked === undefined ? undefined : await deps.agentOf(asked).getDataKey({ scope, storedOnly: true }, { deadlineMs: OTHER_DC_DEADLINE_MS }).catch(() => undefined);
  return there ?? deps.agentOf(home).getDataKey({ scope }, { deadlineMs: OTHER_DC_DEADLINE_MS });
}

/** The key as another DC holds it; undefined when none does. Throws UNAVAILABLE when one that may hold it can't be asked. */
async function findElsewhere(deps: Deps, scope: string): Promise<{ key: Uint8Array; version: number } | undefined> {
  let unreachable: unknown;
  for (const dc of deps.place.dcs) {
    if (dc === deps.place.dc) continue;
    try {
      return await deps.agentOf(dc).getDataKey({ scope, storedOnly: true }, { deadlineMs: OTHER_DC_DEADLINE_MS });
    } catch (error) {
      if (!(error instanceof CallError && error.code === 'NOT_FOUND')) unreachable = error;
    }
  }
  if (unreachable !== undefined) throw unreachable;
  return undefined;
}
