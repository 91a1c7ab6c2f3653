import type { MessageInitShape } from '@bufbuild/protobuf';
import type { CallerContext } from '@heliograph/client-api/method';
import type { ChannelAnswerRequestsSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeUpdate, Updates } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { JOIN_REQUEST_COMMANDS } from '../limits';
import { emptyUpdates } from './answer';
import { actInChannel, channelUpdates } from './channel-act';
import type { ChannelReader } from './channels';
import { tellRequests } from './tell-requests';

/** Lets people into a channel who asked, or not, page by page, and tells its admins how many still wait. Throws what the channel refuses. */
export async function answerRequests(deps: Deps, caller: CallerContext, { box, record }: ChannelReader, answer: MessageInitShape<typeof ChannelAnswerRequestsSchema>): Promise<Updates> {
  const updates: TypeUpdate[] = [];
  let more = true;
  for (let run = 0; more && run < JOIN_REQUEST_COMMANDS; run += 1) {
    const done = await actInChannel(deps, caller, box, { case: 'answerRequests', value: answer }, record.broadcast ? undefined : { _: 'messageActionChatJoinedByRequest' });
    updates.push(...(await channelUpdates(deps, caller, box, done)).updates);
    more = done.more;
  }
  updates.push(await tellRequests(deps, caller, box));
  return emptyUpdates(caller, updates);
}
