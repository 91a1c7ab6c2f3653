import type { Method } from '@heliograph/client-api/method';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { findDressedUsers } from '../../dressed-users';
import { USERS_PER_REQUEST_MAX } from '../../limits';

/** Users by id; those whose hash is wrong or who are unknown are left out (docs: core.telegram.org/method/users.getUsers). */
export const getUsers: Method<Deps, 'users.getUsers'> = async (deps, caller, { id: inputs }) => {
  if (inputs.length > USERS_PER_REQUEST_MAX) throw badRequest('LIMIT_INVALID');
  const ids = inputs.flatMap((input) => {
    try {
      return [deps.peers.user(caller.userId, input)];
    } catch (error) {
      if (error instanceof RpcError) return [];
      throw error;
    }
  });
  return findDressedUsers(deps, caller.userId, ids);
};
