import { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { HomeService } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import { NameService } from '@heliograph/protos/heliograph/users/v1/names_pb';
import { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { ChannelBoxService } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import { ReferenceService } from '@heliograph/protos/heliograph/messagestore/v1/reference_pb';
import { MessageStoreService } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { openAccessSecrets } from '@heliograph/client-api/access-secrets';
import { MessageReferences } from '@heliograph/client-api/from-message';
import { Peers } from '@heliograph/client-api/peers';
import { serveClientApi } from '@heliograph/client-api/serve';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Client, Kit, ServiceDefinition } from '@heliograph/service-kit/kit';
import { backgroundTasks } from '@heliograph/service-kit/background-tasks';
import { OtherDcs } from '@heliograph/service-kit/other-dcs';
import { channelNames } from './channel-names';
import type { Deps } from './deps';
import { methods } from './gen/api';
import { BACKGROUND_TASKS_MAX, HOMES_REFRESH_MS, OTHER_DC_DEADLINE_MS } from './limits';
import { HomeFence } from './home-fence';
import { Homes, HOMES_CHANNEL } from './homes';
import { Notices } from './notices';
import { CHANGED_USERS_CHANNEL, onChangedUsers } from './pushes';
import { FactsMemory } from './remembered-facts';
import { RemoteViews } from './remote-views';
import { joinedErrands } from './joined';
import { serveMoves } from './serve-moves';
import { announceJoined } from './rpc/announceJoined';
import { checkContact } from './rpc/checkContact';
import { createUser } from './rpc/createUser';
import { findBlocks } from './rpc/findBlocks';
import { findByPhone } from './rpc/findByPhone';
import { findByUsernames } from './rpc/findByUsernames';
import { findContactOwners } from './rpc/findContactOwners';
import { getViews } from './rpc/getViews';
import { findHomes } from './rpc/findHomes';
import { checkName } from './rpc/names/checkName';
import { claimName } from './rpc/names/claimName';
import { releaseName } from './rpc/names/releaseName';
import { reloadHomes } from './rpc/reloadHomes';
import { takeNotices } from './rpc/takeNotices';
import { takeUser } from './rpc/takeUser';
import { tellPeer } from './rpc/tellPeer';
import { touchPresence } from './rpc/touchPresence';
import { blocked } from './tables/blocked';
import { contactOwners, contacts, contactsByPhone, importedPhones } from './tables/contacts';
import { homes as homesTable } from './tables/homes';
import { joinedElsewhere } from './tables/joined-elsewhere';
import { phones } from './tables/phones';
import { usernames } from './tables/usernames';
import { users } from './tables/users';
import { Watchers } from './watchers';

const COUNTRY_DEFAULT = 'DE';

/** Composition root of `users`: accounts, contacts, usernames, presence, and what clients ask about the server. */
async function compose(kit: Kit): Promise<void> {
  await kit.storage.ensureTables([users, phones, usernames, contacts, contactOwners, contactsByPhone, blocked, joinedElsewhere, importedPhones, homesTable]);
  const background = backgroundTasks(kit.log, BACKGROUND_TASKS_MAX);
  kit.onDrain(() => background.drained());
  const [accessSecret, phoneSecret] = await Promise.all([openAccessSecrets(kit), kit.keyring.secret('directory-phones')]);
  const others = new Map(kit.dcs.filter((dc) => dc.id !== kit.dc.id).map((dc) => [dc.id, kit.client(UsersService, { dc: dc.id })]));
  const usersOf = (dc: number): Client<typeof UsersService> => {
    const client = others.get(dc);
    if (!client) throw new CallError('UNAVAILABLE', `there is no other data center ${dc}`);
    return client;
  };
  const channelBoxes = new Map(kit.dcs.map(({ id: dc }) => [dc, kit.client(ChannelBoxService, { dc })]));
  const otherDcs = new OtherDcs(kit.clock);
  const notices = new Notices({
    dcs: [...others.keys()], clock: kit.clock, log: kit.log,
    send: async (dc, batch) => void (await otherDcs.call(dc, () => usersOf(dc).takeNotices(batch, { deadlineMs: OTHER_DC_DEADLINE_MS }))),
  });
  kit.onDrain(async () => notices.close());
  const remoteViews = new RemoteViews(kit.clock);
  const factsMemory = new FactsMemory(kit.clock);
  const watchers = new Watchers(kit);
  const changes = await kit.ephemeral.subscribe(CHANGED_USERS_CHANNEL, (message) => onChangedUsers({ remoteViews, factsMemory, watchers }, message));
  kit.onDrain(() => changes.close());
  const homes = new Homes({ storage: kit.storage, log: kit.log });
  const fence = new HomeFence(kit.dc.id, homes, kit.clock);
  const readHomes = (): Promise<void> =>
    homes.load().catch((error: unknown) => kit.log.warn({ error: error instanceof Error ? error.name : typeof error }, 'homes could not be read; the next time they will'));
  const homesTold = await kit.ephemeral.subscribe(HOMES_CHANNEL, () => void readHomes());
  await homes.load();
  const homesRead = kit.clock.every(HOMES_REFRESH_MS, readHomes);
  kit.onDrain(async () => {
    homesRead.stop();
    await homesTold.close();
  });
  const owed = joinedErrands({ storage: kit.storage, keyring: kit.keyring, otherDcs, usersOf, log: kit.log }, [...others.keys()], kit.clock);
  kit.onDrain(() => owed.close());
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
    fanout: kit.client(FanoutService),
    usersOf,
    otherDcs,
    homes,
    usernameOfChannel: channelNames((dc) => channelBoxes.get(dc)),
    remoteViews,
    factsMemory,
    watchers,
    notices,
    joinedErrands: owed,
    isStopping: () => kit.stopping,
    inBackground: (what, task) => background.run(what, task),
  };
  kit.serve(UsersService, {
    getViews: (request) => getViews(deps, request),
    checkContact: (request) => checkContact(deps, request),
    createUser: (request) => createUser(deps, request),
    findByPhone: (request) => findByPhone(deps, request),
    findByUsernames: (request) => findByUsernames(deps, request),
    touchPresence: (request) => touchPresence(deps, request),
    announceJoined: (request) => announceJoined(deps, request),
    findBlocks: (request) => findBlocks(deps, request),
    findContactOwners: (request) => findContactOwners(deps, request),
    tellPeer: (request) => tellPeer(deps, request),
    takeNotices: (request) => takeNotices(deps, request),
  });
  kit.serve(NameService, {
    checkName: (request) => checkName(deps, request),
    claimName: (request) => claimName(deps, request),
    releaseName: (request) => releaseName(deps, request),
  });
  kit.serve(HomeService, {
    findHomes: (request) => findHomes(deps, request),
    reloadHomes: () => reloadHomes(deps, fence),
    takeUser: (request) => takeUser(deps, request),
  });
  serveMoves(kit, deps);
  serveClientApi(kit, { owner: 'users', methods: fence.around(methods), deps, references: new MessageReferences(deps.peers, kit.client(ReferenceService)) });
}

export const usersService: ServiceDefinition = { name: 'users', uses: ['storage', 'ephemeral'], goesOnWithout: ['ephemeral'], compose };
