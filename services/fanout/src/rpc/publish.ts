import { CallError } from '@heliograph/service-kit/call-error';
import { PublishResponseSchema, type PublishRequest, type PublishResponse } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { create } from '@bufbuild/protobuf';
import type { Deps } from '../deps';
import { PASS_ON_DEADLINE_MS, PUBLISH_PUSHES_MAX } from '../limits';

/**
 * Pushes that nothing stores (typing, presence, revoked keys, changed names) to the gateways of this replica, and through the other replicas
 * to theirs. Each gateway announces a user at one replica and takes pushes without users from one, so it gets each push once.
 */
export async function publish(deps: Deps, request: PublishRequest): Promise<PublishResponse> {
  if (request.pushes.length > PUBLISH_PUSHES_MAX) throw new CallError('INVALID_ARGUMENT', `more than ${PUBLISH_PUSHES_MAX} pushes at once`);
  for (const push of request.pushes) deps.routes.deliver(push);
  deps.metrics.pushed.add(request.pushes.length, { kind: 'transient' });
  if (!request.passedOn) await tellOthers(deps, request);
  return create(PublishResponseSchema);
}

/** One that is down has no gateways; what it misses while it only seems to be is repaired by nothing, as any transient push. */
async function tellOthers(deps: Deps, { pushes }: PublishRequest): Promise<void> {
  const told = await Promise.allSettled(deps.others().map((other) => other.publish({ pushes, passedOn: true }, { deadlineMs: PASS_ON_DEADLINE_MS })));
  const failed = told.filter((outcome) => outcome.status === 'rejected');
  if (failed.length === 0) return;
  deps.metrics.failures.add(failed.length, { what: 'pass-on' });
  deps.log.debug({ failed: failed.length }, 'other replicas could not be told what was published');
}
