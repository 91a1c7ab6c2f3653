import { CallError } from '@heliograph/service-kit/call-error';
import type { CallContext } from '@heliograph/service-kit/kit';
import type { AttachRequest } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Deps } from '../deps';
import { GatewayStream, type FrameInit } from '../gateway-stream';
import { GATEWAY_USERS_MAX, GATEWAYS_MAX } from '../limits';

/**
 * The stream of one gateway: it announces its users, and is pushed what concerns them, in order per user. The stream ends when the
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
    yield* stream.frames((pushes) => deps.metrics.frameSize.record(pushes));
    if (stream.overflowed) {
      deps.metrics.overflows.add(1);
      deps.log.warn({ gateway: stream.gatewayId }, 'a gateway took less than came; its queue was dropped');
    }
    if (failure instanceof CallError) throw failure;
  } finally {
    context.signal.removeEventListener('abort', end);
    deps.routes.detach(stream);
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
  deps.routes.announce(stream, frame.usersAdded.map(Number), frame.usersRemoved.map(Number));
}
