import { isChannelBox } from '@heliograph/box/box-id';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import type { MessagesAffectedHistory } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import type { ChannelReader } from '../../messages/channels';
import { openChannel } from '../../messages/named-channel';
import { isOtherPart, namedPeer } from '../../messages/peer';
import { submit } from '../../messages/submit';
import { unseenMessages } from '../../messages/unseen-messages';

/**
 * Marks all reactions to the caller's messages in a chat, or in a thread of a supergroup, as seen (docs: core.telegram.org/method/messages.readReactions).
 * Other chats have no threads.
 */
export const readReactions: Method<Deps, 'messages.readReactions'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  const otherPart = await isOtherPart(deps, caller, request.saved_peer_id);
  const { top_msg_id: thread } = request;
  if (isChannelBox(peer)) {
    const channel = await openChannel(deps, caller, request.peer);
    if (thread !== undefined) await readInThread(deps, caller, channel, thread);
    else if (!otherPart) await submit(deps, caller, { case: 'readReactions', value: { peer: BigInt(peer) } });
    return affected(channel.pts, 0);
  }
  if (otherPart || thread !== undefined) return affected((await deps.engine.read(caller.userId)).head().pts, 0);
  const { pts, ptsCount } = await submit(deps, caller, { case: 'readReactions', value: { peer: BigInt(peer) } });
  return affected(pts, ptsCount);
};

const affected = (pts: number, pts_count: number): MessagesAffectedHistory => ({ _: 'messages.affectedHistory', pts, pts_count, offset: 0 });

async function readInThread(deps: Deps, caller: CallerContext, channel: ChannelReader, thread: number): Promise<void> {
  const unseen = await unseenMessages(channel, (await deps.engine.read(caller.userId)).dialog(channel.box)?.unreadReactions);
  const ids = unseen.filter(({ threadId }) => threadId === thread).map(({ id }) => id);
  if (ids.length > 0) await submit(deps, caller, { case: 'readChannelContents', value: { channel: BigInt(channel.box), ids } });
}
