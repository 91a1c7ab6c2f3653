import type { CallerContext } from '@heliograph/client-api/method';
import type { UnreadReaction } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessagesMessages, MessagesMessagesSlice } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import { messagesPage } from './answer';
import { pageLimit, readPage, sourceOf } from './page';
import { messageViews } from './views';

/** A page of the messages of which a dialog says that something about them (reactions, votes) was not seen. */
export async function unreadMessages(
  deps: Pick<Deps, 'keyring'>, caller: CallerContext, reader: BoxReader, unseen: readonly UnreadReaction[] | undefined, request: Parameters<typeof readPage>[1],
): Promise<MessagesMessages | MessagesMessagesSlice> {
  const ids = [...new Set(unseen?.map(({ id }) => id))].sort((a, b) => b - a);
  const unread = (await reader.messages(ids)).filter((record) => record !== undefined);
  const records = await readPage(sourceOf(unread), request);
  const whole = records.length >= unread.length && pageLimit(request.limit) > 0;
  return messagesPage(await messageViews(deps, reader, caller.userId, records), unread.length, whole);
}
