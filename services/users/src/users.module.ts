import { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { MessageStoreService } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { Peers } from '@heliograph/client-api/peers';
import { serveClientApi } from '@heliograph/client-api/serve';
import type { Kit, ServiceDefinition } from '@heliograph/service-kit/kit';
import { backgroundTasks } from '@heliograph/service-kit/background-tasks';
import type { Deps } from './deps';
import { methods } from './gen/api';
import { BACKGROUND_TASKS_MAX } from './limits';
import { announceJoined } from './rpc/announceJoined';
import { checkContact } from './rpc/checkContact';
import { createUser } from './rpc/createUser';
import { findByPhone } from './rpc/findByPhone';
import { getViews } from './rpc/getViews';
import { touchPresence } from './rpc/touchPresence';
import { blocked } from './tables/blocked';
import { contactOwners, contacts, contactsByPhone } from './tables/contacts';
import { phones } from './tables/phones';
import { usernames } from './tables/usernames';
import { users } from './tables/users';

const COUNTRY_DEFAULT = 'DE';

/** Composition root of `users`: accounts, contacts, usernames, presence, and what clients ask about the server. */
async function compose(kit: Kit): Promise<void> {
  await kit.storage.ensureTables([users, phones, usernames, contacts, contactOwners, contactsByPhone, blocked]);
  const background = backgroundTasks(kit.log, BACKGROUND_TASKS_MAX);
  kit.onDrain(() => background.drained());
  const [accessSecret, phoneSecret] = await Promise.all([kit.keyring.secret('access-hash'), kit.keyring.secret('directory-phones')]);
  const deps: Deps = {
    dc: kit.dc,
    dcs: kit.dcs,
    country: kit.setting('COUNTRY') ?? COUNTRY_DEFAULT,
    storage: kit.storage,
    ephemeral: kit.ephemeral,
    keyring: kit.keyring,
    clock: kit.clock,
    log: kit.log,
    random: (bytes) => kit.random(bytes),
    peers: new Peers(accessSecret),
    accessSecret,
    phoneSecret,
    messages: kit.client(MessageStoreService),
    messagesOf: (dc) => kit.client(MessageStoreService, { dc }),
    fanout: kit.client(FanoutService),
    usersOf: (dc) => kit.client(UsersService, { dc }),
    inBackground: (what, task) => background.run(what, task),
  };
  kit.serve(UsersService, {
    getViews: (request) => getViews(deps, request),
    checkContact: (request) => checkContact(deps, request),
    createUser: (request) => createUser(deps, request),
    findByPhone: (request) => findByPhone(deps, request),
    touchPresence: (request) => touchPresence(deps, request),
    announceJoined: (request) => announceJoined(deps, request),
  });
  serveClientApi(kit, { owner: 'users', methods, deps });
}

export const usersService: ServiceDefinition = { name: 'users', uses: ['storage', 'ephemeral'], compose };
