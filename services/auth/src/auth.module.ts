import { AuthKeyService } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import { LoginMoveService } from '@heliograph/protos/heliograph/auth/v1/login_move_pb';
import { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { MessageStoreService } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { HomeService } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { openAccessSecrets } from '@heliograph/client-api/access-secrets';
import { serveClientApi } from '@heliograph/client-api/serve';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Client, Kit, ServiceDefinition } from '@heliograph/service-kit/kit';
import { OtherDcs } from '@heliograph/service-kit/other-dcs';
import { backgroundTasks } from '@heliograph/service-kit/background-tasks';
import { readAuthConfig } from './config';
import type { Deps } from './deps';
import { endedExportErrands } from './ended-exports';
import { methods } from './gen/api';
import { NOTICES_IN_FLIGHT_MAX } from './limits';
import { acceptLoginToken } from './rpc/acceptLoginToken';
import { destroyKey } from './rpc/destroyKey';
import { endImported } from './rpc/endImported';
import { endLogins } from './rpc/endLogins';
import { findKey } from './rpc/findKey';
import { holdLogins } from './rpc/holdLogins';
import { listLogins } from './rpc/listLogins';
import { loginLasts } from './rpc/loginLasts';
import { redeemExport } from './rpc/redeemExport';
import { reportClient } from './rpc/reportClient';
import { settleLogins } from './rpc/settleLogins';
import { storeKey } from './rpc/storeKey';
import { createOutbox } from './senders/outbox';
import { createSmsWebhook } from './senders/sms-webhook';
import { authKeys } from './tables/auth-keys';
import { endedExports, exportedLogins } from './tables/exported-logins';
import { keyClients } from './tables/key-clients';
import { authorizationSettings, logins, loginsByUser } from './tables/logins';

/** Composition root of `auth`: keys, logins, codes. */
async function compose(kit: Kit): Promise<void> {
  await kit.storage.ensureTables([authKeys, keyClients, logins, loginsByUser, authorizationSettings, exportedLogins, endedExports]);
  const config = readAuthConfig((name) => kit.setting(name), kit.dcs.map((dc) => dc.id));
  const background = backgroundTasks(kit.log, NOTICES_IN_FLIGHT_MAX);
  kit.onDrain(() => background.drained());
  const [codeSecret, accessSecret] = await Promise.all([kit.keyring.secret('login-codes'), openAccessSecrets(kit)]);
  const otherIds = kit.dcs.map((dc) => dc.id).filter((id) => id !== kit.dc.id);
  const clients = new Map(otherIds.map((dc) => [dc, kit.client(AuthKeyService, { dc })]));
  const authOf = (dc: number): Client<typeof AuthKeyService> => {
    const client = clients.get(dc);
    if (!client) throw new CallError('UNAVAILABLE', `there is no other data center ${dc}`);
    return client;
  };
  const otherDcs = new OtherDcs(kit.clock);
  const owed = endedExportErrands({ storage: kit.storage, authOf, otherDcs, log: kit.log }, otherIds, kit.clock);
  kit.onDrain(() => owed.close());
  const deps: Deps = {
    dc: kit.dc.id,
    dcIds: kit.dcs.map((dc) => dc.id),
    config,
    storage: kit.storage,
    ephemeral: kit.ephemeral,
    keyring: kit.keyring,
    clock: kit.clock,
    log: kit.log,
    random: (bytes) => kit.random(bytes),
    users: kit.client(UsersService),
    messages: kit.client(MessageStoreService),
    fanout: kit.client(FanoutService),
    authOf,
    loginMovesOf: (dc) => kit.client(LoginMoveService, { dc }),
    homes: kit.client(HomeService),
    otherDcs,
    endedExports: owed,
    codeSecret,
    accessSecret,
    sendCode: config.smsWebhook ? createSmsWebhook(config.smsWebhook, kit.clock) : outboxOf(kit),
    inBackground: (what, task) => background.run(what, task),
  };
  kit.serve(AuthKeyService, {
    storeKey: (request) => storeKey(deps, request),
    findKey: (request) => findKey(deps, request),
    reportClient: (request) => reportClient(deps, request),
    destroyKey: (request) => destroyKey(deps, request),
    listLogins: (request) => listLogins(deps, request),
    redeemExport: (request) => redeemExport(deps, request),
    acceptLoginToken: (request) => acceptLoginToken(deps, request),
    endImported: (request) => endImported(deps, request),
    loginLasts: (request) => loginLasts(deps, request),
  });
  kit.serve(LoginMoveService, { holdLogins: (request) => holdLogins(deps, request), settleLogins: (request) => settleLogins(deps, request), endLogins: (request) => endLogins(deps, request) });
  serveClientApi(kit, { owner: 'auth', methods, deps });
}

function outboxOf(kit: Kit): Deps['sendCode'] {
  const outbox = createOutbox(kit.clock);
  kit.http('GET', '/dev/outbox', async ({ query }) => ({ status: 200, body: outbox.list(query.get('phone') ?? '') }));
  return outbox.send;
}

export const authService: ServiceDefinition = { name: 'auth', uses: ['storage', 'ephemeral'], goesOnWithout: ['ephemeral'], compose };

