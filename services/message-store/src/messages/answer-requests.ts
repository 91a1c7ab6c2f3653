import type { MessageInitShape } from '@bufbuild/protobuf';
import { isChannelBox } from '@heliograph/box/box-id';
import type { CallerContext } from '@heliograph/client-api/method';
import type { ChannelAnswerRequestsSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeMessageAction, TypeUpdate, Updates } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { JOIN_REQUEST_COMMANDS } from '../limits';
import { emptyUpdates, outcomeUpdates } from './answer';
import { actInChannel, channelUpdates } from './channel-act';
import { submitAct } from './group-act';
import type { Invitable } from './invites';
import { tellRequests } from './tell-requests';

type Answer = MessageInitShape<typeof ChannelAnswerRequestsSchema>;

/** Lets people into a basic group or a channel who asked, or not, page by page, and tells its admins how many still wait. Throws what the chat refuses. */
export async function answerRequests(deps: Deps, caller: CallerContext, { box, broadcast }: Pick<Invitable, 'box' | 'broadcast'>, answer: Answer): Promise<Updates> {
  const updates: TypeUpdate[] = [];
  const notice: TypeMessageAction | undefined = broadcast ? undefined : { _: 'messageActionChatJoinedByRequest' };
  let more = true;
  for (let run = 0; more && run < JOIN_REQUEST_COMMANDS; run += 1) {
    const page = await answerPage(deps, caller, box, answer, notice);
    updates.push(...page.updates);
    more = page.more;
  }
  updates.push(await tellRequests(deps, caller, box));
  return emptyUpdates(caller, updates);
}

async function answerPage(deps: Deps, caller: CallerContext, box: number, value: Answer, notice: TypeMessageAction | undefined): Promise<{ updates: TypeUpdate[]; more: boolean }> {
  if (isChannelBox(box)) {
    const done = await actInChannel(deps, caller, box, { case: 'answerRequests', value }, notice);
    return { updates: (await channelUpdates(deps, caller, box, done)).updates, more: done.more };
  }
  const done = await submitAct(deps, caller, -box, { case: 'answerRequests', value }, notice);
  return { updates: (await outcomeUpdates(deps, caller, done)).updates, more: done.more ?? false };
}
