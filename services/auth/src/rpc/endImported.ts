import type { EndImportedRequest } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import type { Deps } from '../deps';
import { endImportedHere } from '../logins';

/** A login of another DC ended: what was imported from it here ends too. */
export async function endImported(deps: Deps, { userId, parentKeyId }: EndImportedRequest): Promise<object> {
  await endImportedHere(deps, Number(userId), parentKeyId);
  return {};
}
