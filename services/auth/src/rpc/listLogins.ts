import type { ListLoginsRequest, ListLoginsResponseSchema } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Deps } from '../deps';
import { findKeyClients } from '../tables/key-clients';
import { listLogins as readLogins } from '../tables/logins';

/** A user's logins in this DC with what is known of their clients. */
export async function listLogins(deps: Deps, { userId }: Pick<ListLoginsRequest, 'userId'>): Promise<MessageInitShape<typeof ListLoginsResponseSchema>> {
  const all = await readLogins(deps.storage, Number(userId), Math.floor(deps.clock.now() / 1000));
  const clients = await findKeyClients(deps, all.map((login) => login.keyId));
  return {
    logins: all.map((login, index) => ({
      authKeyId: login.keyId, createdAt: login.createdAt, activeAt: Math.max(clients[index]?.activeAt ?? 0, login.createdAt),
      deviceModel: clients[index]?.facts.deviceModel ?? '', imported: login.parentKey !== 0n, client: clients[index]?.facts,
    })),
  };
}
