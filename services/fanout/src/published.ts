import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { PublishRequestSchema, type PublishRequest } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Deps } from './deps';

/** Ephemeral channel on which replicas hand each other what was published to one of them. Message: length of the replica's name, the name, a PublishRequest. */
export const PUBLISHED_CHANNEL = 'fanout:published';

/** Tells the other replicas what this one was asked to publish. */
export async function tellOthers(deps: Pick<Deps, 'ephemeral' | 'replica'>, request: PublishRequest): Promise<void> {
  const name = Buffer.from(deps.replica);
  await deps.ephemeral.publish(PUBLISHED_CHANNEL, Buffer.concat([Buffer.of(name.length), name, toBinary(PublishRequestSchema, request)]));
}

/** Hands on what another replica was asked to publish. */
export function onPublishedElsewhere(deps: Pick<Deps, 'routes' | 'replica' | 'metrics' | 'log'>, message: Uint8Array): void {
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
