import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import { parseScope, usersOf } from '../domain/scope';
import { findMoved } from '../find-moved';
import { OTHER_DC_DEADLINE_MS, SCOPE_BYTES_MAX } from '../limits';
import { dataKeys } from '../tables/data-keys';

/**
 * Deletes a data key here and wherever it has a copy: what it sealed cannot be read any more once the leases end (KEY_LEASE_MS).
 * Deleting what is not there is fine. When another DC cannot be reached it fails with UNAVAILABLE, and is to be repeated.
 */
export async function deleteDataKey(deps: Deps, { scope, hereOnly }: { scope: string; hereOnly: boolean }): Promise<Record<string, never>> {
  const users = scope.length <= SCOPE_BYTES_MAX ? usersOf(scope) : [];
  // Of users who moved, keys may be anywhere; and here, whatever another DC asks for is only to go.
  const moved = hereOnly ? new Set(users) : new Set((await findMoved(deps, users)).keys());
  const anywhere = new Map([...moved].map((user) => [user, deps.place.dcs]));
  const parsed = scope.length <= SCOPE_BYTES_MAX ? parseScope(scope, { ...deps.place, homes: anywhere }) : undefined;
  if (parsed === undefined) throw new CallError('INVALID_ARGUMENT', 'no such scope');
  if (parsed.kind === 'auth-keys' || parsed.kind === 'directory') throw new CallError('FAILED_PRECONDITION', 'a key of the whole system is not deleted');
  const { dc, dcs } = deps.place;
  await deps.storage.delete(dataKeys, { scope: `key:${scope}` });
  deps.audit.record('deleted', scope);
  if (hereOnly) return {};
  const others = [parsed.home, ...parsed.copies].filter((other) => other !== dc && dcs.includes(other));
  await Promise.all(others.map((other) => deps.agentOf(other).deleteDataKey({ scope, hereOnly: true }, { deadlineMs: OTHER_DC_DEADLINE_MS })));
  return {};
}
