import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** What writing to each of these users would cost: nothing, for anybody. Throws 400 USER_ID_INVALID. */
export const getRequirementsToContact: Method<Deps, 'users.getRequirementsToContact'> = async (deps, caller, { id: inputs }) =>
  inputs.map((input) => {
    deps.peers.user(caller.userId, input);
    return { _: 'requirementToContactEmpty' };
  });
