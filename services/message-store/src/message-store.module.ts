import { Peers } from '@heliograph/client-api/peers';
import { serveClientApi } from '@heliograph/client-api/serve';
import { FanoutService } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { MessageStoreService } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { movedError } from '@heliograph/service-kit/call-error';
import type { Kit, ServiceDefinition } from '@heliograph/service-kit/kit';
import type { Deps } from './deps';
import { createBoxEngine } from './engine/engine';
import { BOX_PARTITIONS } from './engine/limits';
import { partitionOfBox } from './engine/topics';
import { methods } from './gen/api';
import { Admissions } from './messages/admissions';
import { PresenceTouches } from './messages/presence';
import { routedEngine } from './messages/routed-engine';
import { appendRelayed } from './rpc/appendRelayed';
import { forgetContact } from './rpc/forgetContact';
import { notify } from './rpc/notify';

/** Composition root of `message-store`: boxes, and what clients do with messages and dialogs. Ready when every owned partition is replayed. */
async function compose(kit: Kit): Promise<void> {
  const otherDcs = kit.dcs.map((dc) => dc.id).filter((id) => id !== kit.dc.id);
  const relays = new Map(otherDcs.map((dc) => [dc, kit.client(MessageStoreService, { dc })]));
  const { index, count } = kit.replica;
  const slice = (all: readonly number[]): number[] => all.filter((one) => one % count === index);
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
      await relays.get(dc)?.appendRelayed({ commands }, { signal });
    },
    partitions: slice(Array.from({ length: BOX_PARTITIONS }, (_, partition) => partition)),
    carriedDcs: slice(otherDcs),
    ownerOf: (partition) => partition % count,
  });
  kit.onDrain(() => engine.close());
  kit.readiness(() => engine.unreadyReason());
  const users = kit.client(UsersService);
  const deps: Deps = {
    engine: routedEngine(engine),
    keyring: kit.keyring,
    peers: new Peers(await kit.keyring.secret('access-hash')),
    users,
    admissions: new Admissions(users, kit.clock),
    fanout: kit.client(FanoutService),
    presence: new PresenceTouches(users, kit.clock, kit.log),
    log: kit.log,
    random: (bytes) => kit.random(bytes),
  };
  kit.serve(MessageStoreService, {
    notify: (request) => notify(deps, request),
    appendRelayed: (request) => appendRelayed(deps, request),
    forgetContact: (request) => forgetContact(deps, request),
  });
  serveClientApi(kit, {
    owner: 'message-store',
    methods,
    deps,
    admit: ({ userId }) => {
      if (!engine.owns(userId)) throw movedError(partitionOfBox(userId) % count);
    },
  });
}

export const messageStoreService: ServiceDefinition = { name: 'message-store', uses: ['storage', 'eventLog'], compose };
