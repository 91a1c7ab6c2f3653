import { DATA_KEY_BYTES } from '@heliograph/crypto/data-key';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import { parseScope } from '../domain/scope';
import { OTHER_DC_DEADLINE_MS, SCOPE_BYTES_MAX } from '../limits';
import { findOrStore } from '../wrapped-keys';

const FIRST_VERSION = 1;

/**
 * The data key of a scope, unwrapped; made on first use. A key whose home is another DC is fetched from that DC's agent once,
 * and kept wrapped under this DC's region key.
 * Errors: INVALID_ARGUMENT (no scope), FAILED_PRECONDITION (a key that this DC has no part in), UNAVAILABLE (the other DC).
 */
export async function getDataKey(deps: Deps, { scope }: { scope: string }): Promise<{ key: Uint8Array; version: number }> {
  const parsed = scope.length <= SCOPE_BYTES_MAX ? parseScope(scope, deps.place) : undefined;
  if (parsed === undefined) throw new CallError('INVALID_ARGUMENT', 'no such scope');
  const { dc, dcs } = deps.place;
  if (parsed.home !== dc && (!parsed.copies.includes(dc) || !dcs.includes(parsed.home))) {
    deps.audit.record('refused', scope);
    throw new CallError('FAILED_PRECONDITION', `a key of DC ${parsed.home}`);
  }
  const { key, version, stored } = await findOrStore(deps, `key:${scope}`, parsed.home === dc
    ? async () => ({ key: deps.random(DATA_KEY_BYTES), version: FIRST_VERSION })
    : () => deps.agentOf(parsed.home).getDataKey({ scope }, { deadlineMs: OTHER_DC_DEADLINE_MS }));
  deps.audit.record(!stored ? 'unwrapped' : parsed.home === dc ? 'made' : 'fetched', scope);
  return { key, version };
}
