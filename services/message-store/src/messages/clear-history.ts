import type { CallerContext } from '@heliograph/client-api/method';
import type { MessagesAffectedHistory } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { DELETE_HISTORY_COMMANDS, DELETE_HISTORY_MESSAGES } from '../limits';
import { submit } from './submit';

/** Messages of a dialog of the caller's box that are to go; 0: without that bound. */
export interface Cleared {
  readonly peer: bigint;
  readonly maxId: number;
  readonly minDate: number;
  readonly maxDate: number;
  readonly justClear: boolean;
  readonly revoke: boolean;
}

/** Deletes them, DELETE_HISTORY_MESSAGES with each command; `offset` is positive while there are more than DELETE_HISTORY_COMMANDS take away. */
export async function clearHistory(deps: Pick<Deps, 'engine'>, caller: CallerContext, cleared: Cleared): Promise<MessagesAffectedHistory> {
  let { pts } = (await deps.engine.read(caller.userId)).head();
  let ptsCount = 0;
  let more = true;
  for (let run = 0; more && run < DELETE_HISTORY_COMMANDS; run += 1) {
    const outcome = await submit(deps, caller, { case: 'deleteHistory', value: { ...cleared, limit: DELETE_HISTORY_MESSAGES } });
    pts = outcome.pts;
    // Changes that came in between are not counted: the client sees the gap and fetches them.
    ptsCount += outcome.ptsCount;
    more = outcome.more ?? false;
  }
  return { _: 'messages.affectedHistory', pts, pts_count: ptsCount, offset: more ? 1 : 0 };
}
