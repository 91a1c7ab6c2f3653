import { create } from '@bufbuild/protobuf';
import { CallError } from '@heliograph/service-kit/call-error';
import { AppendRelayedResponseSchema, type AppendRelayedRequest, type AppendRelayedResponse } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import type { Deps } from '../deps';
import { RELAYED_COMMANDS_MAX } from '../limits';
import { internalFailure } from '../messages/internal-failure';

/** Appends what another DC derived for boxes of this one; answers when it is durable. Repetition is harmless. Throws INVALID_ARGUMENT, DEADLINE_EXCEEDED (unknown: repeat). */
export async function appendRelayed(deps: Pick<Deps, 'engine'>, request: AppendRelayedRequest): Promise<AppendRelayedResponse> {
  if (request.commands.length > RELAYED_COMMANDS_MAX) throw new CallError('INVALID_ARGUMENT', `more than ${RELAYED_COMMANDS_MAX} relayed commands`);
  await deps.engine.appendRelayed(request.commands).catch((error: unknown) => {
    throw internalFailure(error);
  });
  return create(AppendRelayedResponseSchema);
}
