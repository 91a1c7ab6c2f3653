import { create } from '@bufbuild/protobuf';
import { encode } from '@heliograph/protos/codec';
import { CallError } from '@heliograph/service-kit/call-error';
import { HeadSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { MoveBoxResponseSchema, type MoveBoxRequest, type MoveBoxResponse } from '@heliograph/protos/heliograph/messagestore/v1/box_move_pb';
import type { MoveDeps } from '../deps';
import { eraseParked } from '../engine/box-copy';
import type { CommandBody } from '../messages/submit';
import { internalFailure } from '../messages/internal-failure';

/** One step of a box's way to another DC, and how the box is after it. Throws FAILED_PRECONDITION (the step doesn't fit the box), DEADLINE_EXCEEDED (unknown: repeat). */
export async function moveBox(deps: Pick<MoveDeps, 'engine' | 'storage' | 'clock'>, { userId, step }: Pick<MoveBoxRequest, 'userId' | 'step'>): Promise<MoveBoxResponse> {
  const body = bodyOf(step);
  let more = false;
  let version = 0n;
  if (body) {
    const outcome = await deps.engine.submit({ box: userId, date: Math.floor(deps.clock.now() / 1000), body }).catch((error: unknown) => {
      throw internalFailure(error);
    });
    if (outcome.error !== undefined) throw new CallError('FAILED_PRECONDITION', outcome.error);
    more = outcome.more ?? false;
    version = outcome.version;
  }
  const reader = await deps.engine.read(Number(userId)).catch((error: unknown) => {
    throw internalFailure(error);
  });
  const head = reader.head();
  // Nobody asks for them again, and where the box lives they would be its only trace of the move.
  if (step.case === 'release' && !head.parking) await eraseParked(deps.storage, Number(userId), head.released);
  return create(MoveBoxResponseSchema, { head: encode(HeadSchema, head), version: version > head.applied ? version : head.applied, more });
}

function bodyOf(step: MoveBoxRequest['step']): CommandBody | undefined {
  switch (step.case) {
    case 'moveOut': return { case: 'moveOut', value: { dc: step.value } };
    case 'hold': return { case: 'hold', value: { token: step.value } };
    case 'release': return { case: 'release', value: {} };
    case 'look': return undefined;
    default: throw new CallError('INVALID_ARGUMENT', 'a move without a step');
  }
}
