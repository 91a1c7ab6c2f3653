import type { Method } from '@heliograph/client-api/method';
import { RpcError } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';

/** For a takeout session alone, of which there are none: 403 TAKEOUT_REQUIRED (docs: core.telegram.org/method/channels.getLeftChannels). */
export const getLeftChannels: Method<Deps, 'channels.getLeftChannels'> = async () => {
  throw new RpcError(403, 'TAKEOUT_REQUIRED');
};
