import { create } from '@bufbuild/protobuf';
import { CallError } from '@heliograph/service-kit/call-error';
import { PublishResponseSchema, type PublishRequest, type PublishResponse } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Deps } from '../deps';
import { PUBLISH_PUSHES_MAX } from '../limits';
import { tellOthers } from '../published';

/** Pushes that nothing stores (typing, presence, revoked keys, changed names) to the gateways of this replica and of the others. */
export async function publish(deps: Deps, request: PublishRequest): Promise<PublishResponse> {
  if (request.pushes.length > PUBLISH_PUSHES_MAX) throw new CallError('INVALID_ARGUMENT', `more than ${PUBLISH_PUSHES_MAX} pushes at once`);
  for (const push of request.pushes) deps.routes.deliver(push);
  deps.metrics.pushed.add(request.pushes.length, { kind: 'transient' });
  await tellOthers(deps, request);
  return create(PublishResponseSchema);
}
