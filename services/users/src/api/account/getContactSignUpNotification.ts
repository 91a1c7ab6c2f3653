import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { ownAccount } from '../../own-profile';

/** Whether joined notices are silent for the caller. */
export const getContactSignUpNotification: Method<Deps, 'account.getContactSignUpNotification'> = async (deps, caller) => (await ownAccount(deps, caller)).row.joined_notice_silent ?? false;
