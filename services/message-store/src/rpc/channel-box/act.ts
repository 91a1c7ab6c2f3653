import type { MessageInitShape } from '@bufbuild/protobuf';
import { isChannelBox } from '@heliograph/box/box-id';
import type { ActRequest, ActResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Clock } from '@heliograph/service-kit/kit';
import type { Deps } from '../../deps';
import type { BoxReader } from '../../engine/contract';
import { internalFailure, readBox } from '../../messages/internal-failure';
import { takenBack } from '../../engine/effects/reactions';
import { changesWithOwn } from '../../messages/own-choices';
import { changesOfReaction, REACTIONS } from '../../messages/own-reactions';
import { VOTES } from '../../messages/own-votes';

/**
 * One command in a channel's box, dated by the clock of whoever owns that: its messages' dates rise with their ids. What the channel refuses is in the answer. Throws INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED (nothing was done), DEADLINE_EXCEEDED (unknown: repeat).
 */
export async function act(deps: Pick<Deps, 'engine'> & { readonly clock: Pick<Clock, 'now'> }, request: ActRequest): Promise<MessageInitShape<typeof ActResponseSchema>> {
  if (!isChannelBox(Number(request.channel)) || request.act === undefined || request.act.actor <= 0n || request.act.act.case === undefined) throw new CallError('INVALID_ARGUMENT', 'an act needs a channel and an actor');
  const outcome = await deps.engine.submit({
    box: request.channel, date: Math.floor(deps.clock.now() / 1000), callerAuthKeyId: request.callerAuthKeyId, callerSessionId: request.callerSessionId,
    body: { case: 'channelAct', value: request.act },
  }).catch((error: unknown) => {
    throw internalFailure(error);
  });
  const { error, duplicate, pts, ptsCount, message, more, usersRefused, requested, next } = outcome;
  // Who voted or reacted just now is told so by what he did.
  const { act: { actor, act: asked } } = request;
  const open = (): Promise<BoxReader> => readBox(deps, Number(request.channel));
  const voted = asked.case === 'vote' ? outcome.updates : await changesWithOwn(VOTES, open, Number(actor), outcome.updates);
  const reaction = asked.case === 'react' ? asked.value.reaction : asked.case === 'deleteReactions' && asked.value.participant === actor ? takenBack(actor) : undefined;
  const updates = reaction === undefined ? await changesWithOwn(REACTIONS, open, Number(actor), voted) : changesOfReaction(voted, { ...reaction, user: actor, version: outcome.version });
  return { error, duplicate, pts, ptsCount, updates, message, more, usersRefused: usersRefused?.map(BigInt), requested, next };
}
