import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';

/** What a client is told when the engine refused a command: its error as a 400, but for a box that is on its way to another DC (420) or lives there (303). */
export function refusal(error: string): RpcError {
  if (error.startsWith('FLOOD_WAIT_')) return new RpcError(420, error);
  if (error.startsWith('USER_MIGRATE_')) return new RpcError(303, error);
  return badRequest(error);
}
