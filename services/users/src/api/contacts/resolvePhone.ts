import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { phoneDigits } from '../../domain/phone-digits';
import { findUsersByPhone } from '../../tables/phones';

/** Who has a number. Throws PHONE_NOT_OCCUPIED. */
export const resolvePhone: Method<Deps, 'contacts.resolvePhone'> = async (deps, _caller, { phone }) => {
  const digits = phoneDigits(phone);
  const [id] = digits ? await findUsersByPhone(deps, [digits]) : [];
  if (id === undefined) throw badRequest('PHONE_NOT_OCCUPIED');
  return { _: 'contacts.resolvedPeer', peer: { _: 'peerUser', user_id: id }, chats: [], users: [] };
};
