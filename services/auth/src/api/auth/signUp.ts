import type { Method } from '@heliograph/client-api/method';
import { normalisePhone } from '@heliograph/client-api/phone';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { authorize } from '../../authorization';
import type { Deps } from '../../deps';
import { ifThere } from '../../ephemeral-loss';
import { NAME_CHARS_MAX } from '../../limits';
import { permanentKey } from '../../logins';
import { beginSignUp, deletePendingCode, endSignUp, requirePendingCode } from '../../pending-codes';

/**
 * Makes an account for a number whose code was entered rightly, and logs in (docs: core.telegram.org/method/auth.signUp). Repeated because
 * its answer was lost, it logs in to the account that it made.
 */
export const signUp: Method<Deps, 'auth.signUp'> = async (deps, caller, request) => {
  const phone = normalisePhone(request.phone_number);
  if (phone === undefined) throw badRequest('PHONE_NUMBER_INVALID');
  const firstName = request.first_name.trim();
  const lastName = request.last_name.trim();
  if (firstName === '' || firstName.length > NAME_CHARS_MAX) throw badRequest('FIRSTNAME_INVALID');
  if (lastName.length > NAME_CHARS_MAX) throw badRequest('LASTNAME_INVALID');
  const pending = await requirePendingCode(deps, phone, request.phone_code_hash, permanentKey(caller));
  if (!pending.verified) throw badRequest('PHONE_CODE_INVALID');

  const isFirst = await beginSignUp(deps, request.phone_code_hash);
  const created = await deps.users.createUser({ phone, firstName, lastName, langCode: caller.client?.langCode ?? '', noJoinedNotifications: request.no_joined_notifications ?? false });
  const userId = created.userId === 0n && !isFirst ? (await deps.users.findByPhone({ phone })).userId : created.userId;
  if (userId === 0n) {
    await endSignUp(deps, request.phone_code_hash);
    throw badRequest('PHONE_NUMBER_OCCUPIED');
  }
  const authorization = await authorize(deps, caller, { userId: Number(userId), bot: false, parentKey: 0n, homeDc: deps.dc });
  // The number is taken now: the code signs nobody up any more.
  await ifThere(deps, 'forget a code that was used', () => deletePendingCode(deps, request.phone_code_hash));
  return authorization;
};
