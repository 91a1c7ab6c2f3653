import { RpcError } from '@heliograph/client-api/rpc-error';
import { findError } from '@heliograph/tl/catalogue';

/**
 * What a client is told when the engine refused a command: its error with the code that Telegram gives it, e.g. 403 where one may not write in a
 * group, 420 for a box that is on its way to another DC, 303 for one that lives there.
 */
export function refusal(error: string): RpcError {
  const published = findError(error)?.code ?? (error.endsWith('_FORBIDDEN') ? 403 : 400);
  return new RpcError(published as RpcError['code'], error);
}
