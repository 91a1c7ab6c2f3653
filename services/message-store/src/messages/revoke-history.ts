import type { CallerContext } from '@heliograph/client-api/method';
import type { Deps } from '../deps';
import { groupBox } from '@heliograph/box/box-id';
import { PAGE_ROWS_MAX, REVOKED_HISTORY_MESSAGES_MAX } from '../limits';
import { submit } from './submit';

/** Deletes for everybody what a user wrote in a group, as far as the caller has it: the newest REVOKED_HISTORY_MESSAGES_MAX messages of the group are looked through. */
export async function revokeHistoryOf(deps: Pick<Deps, 'engine'>, caller: CallerContext, chatId: number, author: number): Promise<void> {
  const reader = await deps.engine.read(caller.userId);
  let maxId = 0;
  for (let seen = 0; seen < REVOKED_HISTORY_MESSAGES_MAX;) {
    const page = await reader.history({ peer: groupBox(chatId), maxId, minId: 0, limit: PAGE_ROWS_MAX });
    const last = page.at(-1);
    if (last === undefined) return;
    const ids = page.filter(({ from }) => Number(from) === author).map(({ id }) => id);
    if (ids.length > 0) await submit(deps, caller, { case: 'delete', value: { ids, revoke: true } });
    seen += page.length;
    maxId = last.id;
  }
}
