import { PlacedRecordsTaker } from '@heliograph/box/placed-records';
import { openAccessSecrets } from '@heliograph/client-api/access-secrets';
import { MessageReferences } from '@heliograph/client-api/from-message';
import { Peers } from '@heliograph/client-api/peers';
import { serveClientApi } from '@heliograph/client-api/serve';
import { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { BoxMoveService } from '@heliograph/protos/heliograph/messagestore/v1/box_move_pb';
import { ChannelCountService } from '@heliograph/protos/heliograph/messagestore/v1/channel_counts_pb';
import { ChatlistService } from '@heliograph/protos/heliograph/messagestore/v1/chatlists_pb';
import { ChannelBoxService } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import { GroupBoxService } from '@heliograph/protos/heliograph/messagestore/v1/group_box_pb';
import { PostSearchService } from '@heliograph/protos/heliograph/messagestore/v1/post_search_pb';
import { ReferenceService } from '@heliograph/protos/heliograph/messagestore/v1/reference_pb';
import { MessageStoreService } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { PlacedRecordsService } from '@heliograph/protos/heliograph/messagestore/v1/placed_records_pb';
import { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import { HomeService } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import { NameService } from '@heliograph/protos/heliograph/users/v1/names_pb';
import { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { movedError } from '@heliograph/service-kit/call-error';
import type { Client, Kit, ServiceDefinition } from '@heliograph/service-kit/kit';
import type { PlacedRecords } from '@heliograph/event-log/event-log';
import { ChannelCounts } from './channel-counts';
import type { Deps, MoveDeps } from './deps';
import { Claims } from './engine/claims';
import type { BoxEngine } from './engine/contract';
import { createBoxEngine } from './engine/engine';
import { EventReaders } from './engine/event-readers';
import { Handing } from './engine/handing';
import { groupBox } from '@heliograph/box/box-id';
import { BOX_PARTITIONS } from './engine/limits';
import { BOX_COMMANDS, BOX_UPDATES, partitionOfBox } from './engine/topics';
import { methods } from './gen/api';
import { HANDING_DEADLINE_MS, RELAY_DEADLINE_MS } from './limits';
import { Admissions } from './messages/admissions';
import { MemberCursors } from './messages/channel-members';
import { Channels } from './messages/channels';
import { Comments } from './messages/comments';
import { fateOf } from './messages/fate';
import { Groups } from './messages/groups';
import { heirContent } from './messages/leave-channel';
import { PostCounter } from './messages/post-counts';
import { PostSearches } from './messages/post-searches';
import { postTokens } from './messages/post-tokens';
import { PresenceTouches } from './messages/presence';
import { routedEngine } from './messages/routed-engine';
import { PublicPosts } from './messages/search-posts';
import { adoptBox } from './rpc/adoptBox';
import { appendRelayed } from './rpc/appendRelayed';
import { awaitRelay } from './rpc/awaitRelay';
import { act } from './rpc/channel-box/act';
import { getChannels } from './rpc/channel-box/getChannels';
import { listAdminLog } from './rpc/channel-box/listAdminLog';
import { listMembers } from './rpc/channel-box/listMembers';
import { query } from './rpc/channel-box/query';
import { countPosts } from './rpc/countPosts';
import { copyBox } from './rpc/copyBox';
import { eraseBox } from './rpc/eraseBox';
import { findNamed } from './rpc/findNamed';
import { forgetContact } from './rpc/forgetContact';
import { getChatlist } from './rpc/getChatlist';
import { getChatViews } from './rpc/getChatViews';
import { getDialogSettings } from './rpc/getDialogSettings';
import { getGroup } from './rpc/getGroup';
import { listChannels } from './rpc/listChannels';
import { listPosts } from './rpc/listPosts';
import { wakeChannels } from './rpc/wakeChannels';
import { moveBox } from './rpc/moveBox';
import { notify } from './rpc/notify';
import { takeRows } from './rpc/takeRows';
import { channelCount } from './tables/channel-count';
import { postQuery } from './tables/post-query';

/** Composition root of `message-store`: boxes, and what clients do with messages and dialogs. Ready when every partition that is its own is replayed. */
async function compose(kit: Kit): Promise<void> {
  const otherDcs = kit.dcs.map((dc) => dc.id).filter((id) => id !== kit.dc.id);
  const relays = new Map(otherDcs.map((dc) => [dc, kit.client(MessageStoreService, { dc })]));
  const { alone } = kit.replica;
  const users = kit.client(UsersService);
  const admissions = new Admissions(users, kit.clock);
  // A process that is alone with its stores owns everything; others share the work by claims.
  const engine = await createBoxEngine({
    storage: kit.storage,
    eventLog: kit.eventLog,
    clock: kit.clock,
    log: kit.log,
    telemetry: kit.telemetry,
    random: (bytes) => kit.random(bytes),
    dc: kit.dc.id,
    relayDcs: otherDcs,
    relay: async (dc, commands, signal) => {
      await relays.get(dc)?.appendRelayed({ commands }, { signal, deadlineMs: RELAY_DEADLINE_MS });
    },
    fateOf: (from, to) => fateOf(admissions, from, to),
    heirNotice: (box, creator, heir) => heirContent({ dc: kit.dc.id, keyring: kit.keyring }, box, creator, { _: 'messageActionChangeCreator', new_creator_id: heir }),
    postTokens: (box, posts) => postTokens(kit, box, posts),
    partitions: alone ? undefined : [],
    carriedDcs: alone ? undefined : [],
    ownerOf: (number) => claims?.ownerOf({ kind: 'boxes', number }),
    trusted: () => claims?.trusted ?? true,
  });
  await kit.storage.ensureTables([channelCount, postQuery]);
  const counts = new ChannelCounts(kit.storage, kit.clock, kit.log);
  const claims = alone ? undefined : shareOut(kit, engine, counts, otherDcs, admissions);
  kit.onDrain(async () => {
    await claims?.leave();
    await counts.close();
    await engine.close();
  });
  kit.readiness(() => claims?.unreadyReason() ?? engine.unreadyReason());
  const channels = new Channels(new Map(kit.dcs.map(({ id: dc }) => [dc, kit.client(ChannelBoxService, { dc })])));
  const deps: Deps = {
    dc: kit.dc.id,
    dcs: kit.dcs.map((dc) => dc.id),
    homes: kit.client(HomeService),
    engine: routedEngine(engine),
    groups: new Groups(new Map(kit.dcs.map(({ id: dc }) => [dc, kit.client(GroupBoxService, { dc })])), kit.clock),
    postCounts: new PostCounter(new Map(kit.dcs.map(({ id: dc }) => [dc, kit.client(ChannelCountService, { dc })]))),
    publicPosts: new PublicPosts(new Map(kit.dcs.map(({ id: dc }) => [dc, kit.client(PostSearchService, { dc })]))),
    postSearches: new PostSearches(kit.storage, kit.keyring),
    channels,
    chatlistsOf: (dc) => kit.client(ChatlistService, { dc }),
    comments: new Comments(channels, kit.clock),
    memberCursors: new MemberCursors(),
    keyring: kit.keyring,
    peers: new Peers(await openAccessSecrets(kit)),
    users,
    names: kit.client(NameService),
    admissions,
    fanout: kit.client(FanoutService),
    fanoutOf: (dc) => kit.client(FanoutService, { dc }),
    presence: new PresenceTouches(users, kit.clock, kit.log),
    clock: kit.clock,
    log: kit.log,
    random: (bytes) => kit.random(bytes),
  };
  const ownBoxOnly = (box: number): void => {
    if (!engine.owns(box)) throw movedError(claims?.ownerOf({ kind: 'boxes', number: partitionOfBox(box) }));
  };
  kit.serve(MessageStoreService, {
    notify: (request) => notify(deps, request),
    appendRelayed: (request) => appendRelayed(deps, request),
    forgetContact: (request) => {
      ownBoxOnly(Number(request.from));
      return forgetContact(deps, request);
    },
    getDialogSettings: (request) => {
      ownBoxOnly(Number(request.userId));
      return getDialogSettings(deps, request);
    },
    listChannels: (request) => {
      ownBoxOnly(Number(request.userId));
      return listChannels({ engine: deps.engine, clock: kit.clock }, request);
    },
    wakeChannels: (request) => {
      ownBoxOnly(Number(request.userId));
      return wakeChannels({ ...deps, clock: kit.clock }, request);
    },
  });
  kit.serve(GroupBoxService, {
    getChatViews: (request) => {
      ownBoxOnly(Number(request.viewerId));
      return getChatViews(deps, request);
    },
    getGroup: (request) => {
      ownBoxOnly(groupBox(Number(request.chatId)));
      return getGroup(deps, request);
    },
  });
  const channelDeps = { engine: deps.engine, keyring: deps.keyring, clock: kit.clock };
  kit.serve(ChannelBoxService, {
    act: (request) => {
      ownBoxOnly(Number(request.channel));
      return act(channelDeps, request);
    },
    getChannels: (request) => {
      for (const box of request.channels) ownBoxOnly(Number(box));
      return getChannels(channelDeps, request);
    },
    query: (request) => {
      ownBoxOnly(Number(request.channel));
      return query(channelDeps, request);
    },
    listMembers: (request) => {
      ownBoxOnly(Number(request.channel));
      return listMembers(channelDeps, request);
    },
    listAdminLog: (request) => {
      ownBoxOnly(Number(request.channel));
      return listAdminLog({ storage: kit.storage, clock: kit.clock }, request);
    },
  });
  kit.serve(ChatlistService, {
    getChatlist: (request) => {
      ownBoxOnly(Number(request.userId));
      return getChatlist(deps, request);
    },
  });
  kit.serve(ReferenceService, {
    findNamed: (request) => {
      ownBoxOnly(Number(request.viewer));
      return findNamed(deps, request);
    },
  });
  kit.serve(ChannelCountService, {
    countPosts: (request) => {
      ownBoxOnly(Number(request.channel));
      return countPosts(counts, request);
    },
  });
  kit.serve(PostSearchService, { listPosts: (request) => listPosts(kit, request) });
  const moveDeps: MoveDeps = {
    engine,
    storage: kit.storage,
    eventLog: kit.eventLog,
    keyring: kit.keyring,
    clock: kit.clock,
    dc: deps.dc,
    dcs: deps.dcs,
    homes: deps.homes,
    keys: kit.client(KeyringService),
    boxesOf: (dc) => kit.client(BoxMoveService, { dc }),
  };
  const ofOwnBox = <T extends { userId: bigint }, R>(handler: (deps: MoveDeps, request: T) => Promise<R>) => (request: T): Promise<R> => {
    ownBoxOnly(Number(request.userId));
    return handler(moveDeps, request);
  };
  kit.serve(BoxMoveService, { moveBox: ofOwnBox(moveBox), copyBox: ofOwnBox(copyBox), awaitRelay: (request) => awaitRelay(moveDeps, request), takeRows: ofOwnBox(takeRows), adoptBox: ofOwnBox(adoptBox), eraseBox: ofOwnBox(eraseBox) });
  serveClientApi(kit, { owner: 'message-store', methods, deps, admit: ({ userId }) => ownBoxOnly(userId), references: new MessageReferences(deps.peers, kit.client(ReferenceService)) });
  if (claims !== undefined) {
    const taker = new PlacedRecordsTaker(kit, BOX_COMMANDS);
    kit.serve(PlacedRecordsService, { takeRecords: (request) => taker.takeRecords(request) });
    new Handing({
      eventLog: kit.eventLog,
      log: kit.log,
      topic: BOX_COMMANDS,
      ownerOf: (number) => {
        const owner = claims.ownerOf({ kind: 'boxes', number });
        return owner === kit.replica.index ? undefined : owner;
      },
      send: (owner, batches) => handTo(kit.replicas(PlacedRecordsService)[owner], batches),
    });
  }
  const readers = new EventReaders(() => kit.replicas(PlacedRecordsService, { owner: 'fanout' }), kit.clock);
  new Handing({ eventLog: kit.eventLog, log: kit.log, topic: BOX_UPDATES, ownerOf: (slice) => readers.ownerOf(slice), send: (replica, batches) => readers.bring(replica, (fanout) => handTo(fanout, batches)) });
  await claims?.start();
}

/** Brings records that this replica appended to a replica that reads their partitions. */
async function handTo(replica: Client<typeof PlacedRecordsService> | undefined, batches: readonly PlacedRecords[]): Promise<void> {
  await replica?.takeRecords({ batches: batches.map(({ incarnation, partition, firstOffset, records }) => ({ incarnation, partition, firstOffset, records: records.map(({ key, value }) => ({ key, value })) })) }, { deadlineMs: HANDING_DEADLINE_MS });
}

/** The engine's work among the replicas; `GET /claims` shows who has what. */
function shareOut(kit: Kit, engine: BoxEngine, counts: ChannelCounts, otherDcs: readonly number[], admissions: Admissions): Claims {
  const { index, count } = kit.replica;
  const claims = new Claims({
    storage: kit.storage,
    clock: kit.clock,
    log: kit.log,
    replica: index,
    replicas: count,
    life: Buffer.from(kit.random(8)).toString('hex'),
    fit: () => kit.clockIsRight(),
    work: Claims.workOf(BOX_PARTITIONS, otherDcs),
    begin: ({ kind, number }) => {
      // Whoever had it may have been told of blocks that this replica was not.
      admissions.clear();
      return kind === 'boxes' ? engine.take(number) : engine.carryTo(number);
    },
    end: async ({ kind, number }, atOnce) => {
      if (kind !== 'boxes') return engine.stopCarrying(number);
      await engine.give(number, atOnce);
      await counts.release(number, !atOnce);
    },
  });
  kit.http('GET', '/claims', async () => ({ status: 200, body: { replica: index, work: claims.view() } }));
  return claims;
}

export const messageStoreService: ServiceDefinition = { name: 'message-store', uses: ['storage', 'eventLog'], compose };
