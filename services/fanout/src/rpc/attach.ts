import { BOX_UPDATES } from '@heliograph/box/topics';
import { CallError } from '@heliograph/service-kit/call-error';
import type { CallContext } from '@heliograph/service-kit/kit';
import { sliceOf } from '@heliograph/service-kit/slices';
import type { AttachRequest } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Deps } from '../deps';
import { GatewayStream, type FrameInit } from '../gateway-stream';
import { GATEWAY_USERS_MAX, GATEWAYS_MAX } from '../limits';

/**
 * The stream of one gateway: it names the slices that it wants followed here, announces its users of those that are, and is pushed what
 * concerns them, in order per user. The stream ends when the
 * gateway takes less than comes (GATEWAY_QUEUE_*), or this replica goes away; the gateway then attaches anew with all its users and lets
 * their sessions ask for differences.
 */
export async function* attach(deps: Deps, requests: AsyncIterable<AttachRequest>, context: CallContext): AsyncGenerator<FrameInit> {
  const announcements = requests[Symbol.asyncIterator]();
  const first = await announcements.next();
  if (first.done) return;
  if (first.value.gatewayId === '') throw new CallError('INVALID_ARGUMENT', 'the first frame of a gateway names it');
  if (deps.routes.gateways >= GATEWAYS_MAX) throw new CallError('RESOURCE_EXHAUSTED', 'too many gateways are attached');
  const stream = new GatewayStream(first.value.gatewayId);
  deps.routes.attach(stream);
  let failure: unknown;
  const end = (): void => stream.end();
  context.signal.addEventListener('abort', end);
  try {
    announce(deps, stream, first.value);
    void listen(deps, stream, announcements).catch((error: unknown) => {
      failure = error;
    }).finally(end);
    yield* stream.frames((pushes) => deps.metrics.frameSize.record(pushes), deps.feeds.following);
    if (stream.overflowed) {
      deps.metrics.overflows.add(1);
      deps.log.warn({ gateway: stream.gatewayId }, 'a gateway took less than came; its queue was dropped');
    }
    if (failure instanceof CallError) throw failure;
  } finally {
    context.signal.removeEventListener('abort', end);
    deps.routes.detach(stream);
    deps.feeds.unwant(stream);
    void announcements.return?.();
  }
}

async function listen(deps: Deps, stream: GatewayStream, announcements: AsyncIterator<AttachRequest>): Promise<void> {
  for (;;) {
    const next = await announcements.next();
    if (next.done) return;
    announce(deps, stream, next.value);
  }
}

function announce(deps: Deps, stream: GatewayStream, frame: AttachRequest): void {
  if (stream.users.size + frame.usersAdded.length > GATEWAY_USERS_MAX) throw new CallError('RESOURCE_EXHAUSTED', `a gateway may announce ${GATEWAY_USERS_MAX} users`);
  if (frame.broadcasts !== undefined) stream.broadcasts = frame.broadcasts;
  for (const slice of frame.slicesAdded) {
    if (!(slice >= 0 && slice < BOX_UPDATES.partitions)) throw new CallError('INVALID_ARGUMENT', `there is no slice ${slice}`);
    stream.slices.add(slice);
    deps.feeds.want(stream, slice);
    if (deps.feeds.isFollowed(slice)) stream.announceFollowed([slice]);
  }
  const users = frame.usersAdded.map(Number);
  // A gateway that does not know slices: those of its users are followed, and users of one that was not are told to ask once it is.
  for (const slice of new Set(users.map((user) => sliceOf(user)))) if (!stream.slices.has(slice)) deps.feeds.want(stream, slice);
  deps.routes.announce(stream, users, frame.usersRemoved.map(Number));
  for (const { userId, authKeyId, sessionId } of frame.soleSessions) deps.routes.changeSole(stream, Number(userId), sessionId === 0n ? undefined : { authKeyId, sessionId });
  for (const slice of frame.slicesRemoved) {
    stream.slices.delete(slice);
    deps.feeds.unwant(stream, slice);
  }
}
