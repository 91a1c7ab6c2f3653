import type { CallerContext } from '@heliograph/client-api/method';
import type { UpdatesState } from '@heliograph/tl/api';
import type { BoxReader } from '../engine/contract';
import { UNREAD_DIALOGS_MAX } from '../limits';
import { walkDialogs } from './dialogs';

/**
 * `seq` orders updates that have neither pts nor qts; this server sends those unordered (seq 0), so the state's stays 1 for ever.
 * `qts` counts the messages of secret chats, of which there are none.
 */
export const SEQ = 1;
export const QTS = 0;

/** The state of the caller's box as of this reader (docs: core.telegram.org/constructor/updates.state). */
export function boxState(reader: BoxReader, caller: Pick<CallerContext, 'date'>, pts = reader.head().pts): UpdatesState {
  let unread = 0;
  for (const dialog of walkDialogs(reader, UNREAD_DIALOGS_MAX)) unread += dialog.unreadCount;
  return { _: 'updates.state', pts, qts: QTS, date: caller.date, seq: SEQ, unread_count: unread };
}
