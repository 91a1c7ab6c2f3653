import { isChannelBox } from '@heliograph/box/box-id';
import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { READ_MENTIONS_COMMANDS, REQUEST_IDS_MAX } from '../../limits';
import { openChannel } from '../../messages/named-channel';
import { namedPeer } from '../../messages/peer';
import { submit } from '../../messages/submit';
import { readUnreadMentions } from '../../messages/unread-mentions';

/**
 * Marks all mentions of the caller in a group as seen (docs: core.telegram.org/method/messages.readMentions). Many take several calls: while the
 * answer's `offset` is positive, clients ask again.
 */
export const readMentions: Method<Deps, 'messages.readMentions'> = async (deps, caller, request) => {
  const peer = await namedPeer(deps, caller, request.peer);
  const reader = await deps.engine.read(caller.userId);
  if (isChannelBox(peer)) {
    const { pts: channelPts } = await openChannel(deps, caller, request.peer);
    // No ids: all of them.
    await submit(deps, caller, { case: 'readChannelContents', value: { channel: BigInt(peer) } });
    return { _: 'messages.affectedHistory', pts: channelPts, pts_count: 0, offset: 0 };
  }
  const ids = (await readUnreadMentions(reader, peer)).map(({ id }) => id);
  let { pts } = reader.head();
  let ptsCount = 0;
  let done = 0;
  for (let run = 0; done < ids.length && run < READ_MENTIONS_COMMANDS; run += 1) {
    const outcome = await submit(deps, caller, { case: 'readContents', value: { ids: ids.slice(done, done + REQUEST_IDS_MAX) } });
    pts = outcome.pts;
    ptsCount += outcome.ptsCount;
    done += REQUEST_IDS_MAX;
  }
  return { _: 'messages.affectedHistory', pts, pts_count: ptsCount, offset: done < ids.length ? 1 : 0 };
};
