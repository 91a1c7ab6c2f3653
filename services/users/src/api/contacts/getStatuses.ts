import { create } from '@bufbuild/protobuf';
import { StatusSchema } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Method } from '@heliograph/client-api/method';
import { statusFromView } from '@heliograph/client-api/user';
import type { Deps } from '../../deps';
import { VIEWS_PER_CALL_MAX } from '../../limits';
import { listContacts } from '../../tables/contacts';
import { findViews } from '../../views';

/** When each contact was last online, as far as the caller may know. */
export const getStatuses: Method<Deps, 'contacts.getStatuses'> = async (deps, caller) => {
  const ids = (await listContacts(deps, caller.userId)).map(({ contactId }) => contactId);
  const statuses = [];
  for (let start = 0; start < ids.length; start += VIEWS_PER_CALL_MAX) {
    for (const view of await findViews(deps, caller.userId, ids.slice(start, start + VIEWS_PER_CALL_MAX))) {
      const status = statusFromView(view.status && create(StatusSchema, view.status)) ?? { _: 'userStatusEmpty' as const };
      statuses.push({ _: 'contactStatus' as const, user_id: Number(view.id), status });
    }
  }
  return statuses;
};
