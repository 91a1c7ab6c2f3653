import { channelOfBox, homeDcOf } from '@heliograph/box/box-id';
import { adminRights, postRefusal } from '@heliograph/box/channel-rights';
import { ADMIN } from '@heliograph/box/group-rights';
import { peerOf } from '@heliograph/box/render-peer';
import type { CallerContext } from '@heliograph/client-api/method';
import type { TypeSendMessageAction } from '@heliograph/tl/api';
import { writeObject } from '@heliograph/tl/writer';
import type { Deps } from '../deps';
import type { ChannelReader } from './channels';
import { refusal } from './refusal';

const NOTHING = new Uint8Array(0);

/** Shows the other members of a supergroup that the caller is writing; of a broadcast nobody is told. Throws why the caller may not write there. */
export async function tellChannel(deps: Pick<Deps, 'fanoutOf'>, caller: CallerContext, { box, record, member }: ChannelReader, action: TypeSendMessageAction, threadId: number | undefined): Promise<void> {
  const refused = postRefusal(record, member, caller.userId, caller.date, 0);
  if (refused !== undefined) throw refusal(refused);
  if (record.broadcast) return;
  const anonymous = (adminRights(record, caller.userId) & ADMIN.anonymous) !== 0;
  const update = { _: 'updateChannelUserTyping' as const, channel_id: channelOfBox(box), top_msg_id: threadId, from_id: peerOf(anonymous ? box : caller.userId), action };
  const updates = writeObject({ _: 'updateShort', update, date: caller.date }, 'newest');
  const channel = { channel: BigInt(box), updates, variants: [{ userIds: [BigInt(caller.userId)], updates: NOTHING }] };
  await deps.fanoutOf(homeDcOf(box)).publish({ pushes: [{ what: { case: 'channel', value: channel } }] });
}
