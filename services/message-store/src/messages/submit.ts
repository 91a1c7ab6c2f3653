import { floodWait, RpcError } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { CommandSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Deps } from '../deps';
import { BoxBusy, CommandUnknown, type Outcome } from '../engine/contract';
import { BOX_BUSY_WAIT_SECONDS } from '../limits';
import { refusal } from './refusal';

export type CommandBody = NonNullable<MessageInitShape<typeof CommandSchema>['body']>;

/**
 * Submits a command to the caller's own box. Its changes are pushed to the caller's other sessions, and not to this one,
 * which gets them in its answer.
 * Throws what the engine refused as 400, FLOOD_WAIT when the box has too much to do, and 500 RPC_CALL_FAIL when the
 * command's fate is unknown: clients repeat that with the same random_id.
 */
export async function submit(deps: Pick<Deps, 'engine'>, caller: CallerContext, body: CommandBody): Promise<Outcome> {
  let outcome: Outcome;
  try {
    outcome = await deps.engine.submit({ box: BigInt(caller.userId), date: caller.date, callerAuthKeyId: caller.authKeyId, callerSessionId: caller.sessionId, body });
  } catch (error) {
    throw submitFailure(error);
  }
  if (outcome.error !== undefined) throw refusal(outcome.error);
  return outcome;
}

/** What a client is told about a command that was not applied here. */
export function submitFailure(error: unknown): unknown {
  if (error instanceof BoxBusy) return floodWait(BOX_BUSY_WAIT_SECONDS);
  if (error instanceof CommandUnknown) return new RpcError(500, 'RPC_CALL_FAIL');
  return error;
}
