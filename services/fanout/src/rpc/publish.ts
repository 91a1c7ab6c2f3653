import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { CallError } from '@heliograph/service-kit/call-error';
import { PublishRequestSchema, PublishResponseSchema, type PublishRequest, type PublishResponse } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Deps } from '../deps';
import { PUBLISH_PUSHES_MAX } from '../limits';

/** Ephemeral channel on which replicas hand each other what was published to one of them. Message: replica id (UTF-8, length byte first), then a PublishRequest. */
export const PUBLISHED_CHANNEL = 'fanout:published';

/** Pushes that nothing stores (typing, presence, revoked keys, changed names) to the gateways of this replica and of the others. */
export async function publish(deps: Deps, request: PublishRequest): Promise<PublishResponse> {
  if (request.pushes.length > PUBLISH_PUSHES_MAX) throw new CallError('INVALID_ARGUMENT', `more than ${PUBLISH_PUSHES_MAX} pushes at once`);
  for (const push of request.pushes) deps.routes.deliver(push);
  deps.metrics.pushed.add(request.pushes.length, { kind: 'transient' });
  const name = Buffer.from(deps.replica);
  await deps.ephemeral.publish(PUBLISHED_CHANNEL, Buffer.concat([Buffer.of(name.length), name, toBinary(PublishRequestSchema, request)]));
  return create(PublishResponseSchema);
}

/** Hands on what another replica was asked to publish. */
export function onPublishedElsewhere(deps: Deps, message: Uint8Array): void {
  const length = message[0] ?? 0;
  if (Buffer.from(message.subarray(1, 1 + length)).toString() === deps.replica) return;
  try {
    // Own copy: decoded bytes fields are views into their input.
    for (const push of fromBinary(PublishRequestSchema, Uint8Array.from(message.subarray(1 + length))).pushes) deps.routes.deliver(push);
  } catch (error) {
    deps.metrics.failures.add(1, { what: 'published' });
    deps.log.warn({ error: error instanceof Error ? error.message : 'unknown' }, 'another replica published what cannot be read');
  }
}
