import { renderUpdate, updateKeys } from '@heliograph/box/render-update';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Method } from '@heliograph/client-api/method';
import type { TypeMessage, TypeUpdate } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { DIFFERENCE_CHANGES_MAX } from '../../limits';
import { changedChannels } from '../../messages/changed-channels';
import { boxState, SEQ } from '../../messages/state';
import { pinnedLookup } from '../../messages/views';
import { wakeChannels } from '../../messages/wake-channels';

/**
 * Everything that changed in the box since `pts`, however long ago, in slices: each message once, as it is now; with the last one the channels that changed since `date`
 * (docs: core.telegram.org/api/updates#recovering-gaps).
 * NOTSPEC: never differenceTooLong, whatever pts_total_limit says: some clients can't recover from it, and nothing here is ever too long.
 */
export const getDifference: Method<Deps, 'updates.getDifference'> = async (deps, caller, request) => {
  if (request.pts < 0) throw badRequest('PERSISTENT_TIMESTAMP_INVALID');
  const reader = await wakeChannels(deps, caller, await deps.engine.read(caller.userId));
  caller.changeSession({ case: 'updatesWanted', value: true });
  const head = reader.head().pts;
  const channels = await changedChannels(deps, caller, reader, request.date);
  if (request.pts === head && channels.length === 0) return { _: 'updates.differenceEmpty', date: caller.date, seq: SEQ };
  // A state from the future (an older copy of the data was restored): the client is led back to this one.
  if (request.pts >= head) return { _: 'updates.difference', new_messages: [], new_encrypted_messages: [], other_updates: channels, chats: [], users: [], state: boxState(reader, caller) };
  const limit = request.pts_limit !== undefined && request.pts_limit > 0 ? Math.min(request.pts_limit, DIFFERENCE_CHANGES_MAX) : DIFFERENCE_CHANGES_MAX;
  const { updates, pts, complete } = await reader.changes(request.pts, limit);
  const keys = await updateKeys(deps.keyring, caller.userId, updates);
  const isPinned = pinnedLookup(reader);
  const new_messages: TypeMessage[] = [];
  const other_updates: TypeUpdate[] = complete ? channels : [];
  for (const update of updates) {
    const rendered = renderUpdate(caller.userId, update, keys, isPinned);
    if (rendered === undefined) continue;
    if (rendered._ === 'updateNewMessage') new_messages.push(rendered.message);
    // Also of a message that is new in this slice, and there as it is now: a client that was pushed it meanwhile passes it over, and knows it as it was.
    else other_updates.push(rendered);
  }
  const state = boxState(reader, caller, pts);
  const rest = { new_messages, new_encrypted_messages: [], other_updates, chats: [], users: [] };
  return complete ? { _: 'updates.difference', ...rest, state } : { _: 'updates.differenceSlice', ...rest, intermediate_state: state };
};
