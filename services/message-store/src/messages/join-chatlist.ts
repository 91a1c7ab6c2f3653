import { isMember } from '@heliograph/box/channel-rights';
import { sealJoined } from '@heliograph/box/chatlist';
import { sealFilter } from '@heliograph/box/dialog-filter';
import { updatesOf } from '@heliograph/box/render-update';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { ChannelState } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import type { DialogFilterChatlist, TypeUpdate, Updates } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { FILTER_IDS } from '../domain/dialog-filter';
import type { Outcome } from '../engine/contract';
import { CHATLISTS_MAX, DIALOG_FILTERS_MAX } from '../engine/limits';
import { CHATLIST_ACTS_AT_ONCE, DIALOG_FILTER_PEERS_MAX, OWN_CHANNELS_MAX } from '../limits';
import { outcomeUpdates } from './answer';
import { changeOf, channelInput, findByLink, readFilters, type OwnFilter, type OwnFilters, type SharedChatlist } from './chatlists';
import { enterChannel } from './join-channel';
import { ownChannels } from './own-channels';
import { submit } from './submit';

/** What became of the channels that somebody joins. */
interface Entries {
  readonly updates: TypeUpdate[];
  /** Those that the caller came into, or asked to be let into. */
  readonly entered: number[];
  readonly failed: Map<number, RpcError>;
}

/**
 * Joins channels of a shared list, and puts them into the caller's folder of it, which is made where he has none; `wanted`: their boxes. Channels that can't be joined stay out of
 * the folder, and are told of as missing; where that is all of them, what the first one refused is thrown. Who has to wait for an admin finds the channel in the folder when he is
 * let in. Throws FILTER_INCLUDE_EMPTY, FILTER_INCLUDE_TOO_MUCH, DIALOG_FILTERS_TOO_MUCH, CHATLISTS_TOO_MUCH, CHANNELS_TOO_MUCH, before anything has changed.
 */
export async function joinShared(deps: Deps, caller: CallerContext, shared: SharedChatlist, wanted: readonly number[]): Promise<Updates> {
  if (wanted.length === 0) throw badRequest('FILTER_INCLUDE_EMPTY');
  const filters = await readFilters(deps, caller);
  refuseNoRoom(filters, findByLink(filters, caller.userId, shared), wanted);
  const { updates, entered, failed } = await enter(deps, caller, shared, wanted);
  const inFolder = wanted.filter((box) => !failed.has(box));
  if (inFolder.length === 0) throw [...failed.values()][0] ?? badRequest('FILTER_INCLUDE_EMPTY');
  const outcome = await changeOf(async () => putIntoFolder(deps, caller, shared, inFolder, entered, shared.channels.filter((box) => !failed.has(box))));
  return updatesOf([...updates, ...(await outcomeUpdates(deps, caller, outcome)).updates], caller.date);
}

function refuseNoRoom({ records }: OwnFilters, own: OwnFilter | undefined, wanted: readonly number[]): void {
  if (own) {
    const { pinned_peers, include_peers } = own.filter;
    const more = wanted.filter((box) => !own.chats.includes(box)).length;
    if (pinned_peers.length + include_peers.length + more > DIALOG_FILTER_PEERS_MAX) throw badRequest('FILTER_INCLUDE_TOO_MUCH');
  } else if (records.length >= DIALOG_FILTERS_MAX) {
    throw badRequest('DIALOG_FILTERS_TOO_MUCH');
  } else if (records.filter(({ chatlist }) => chatlist !== undefined).length >= CHATLISTS_MAX) {
    throw badRequest('CHATLISTS_TOO_MUCH');
  }
}

async function enter(deps: Deps, caller: CallerContext, { sharer }: SharedChatlist, wanted: readonly number[]): Promise<Entries> {
  const states = new Map((await deps.channels.find(caller.userId, wanted)).map((state) => [Number(state.channel), state]));
  const missing = wanted.filter((box) => !isMember(states.get(box)?.member));
  if (missing.length > 0 && (await ownChannels(deps, caller)).length + missing.length > OWN_CHANNELS_MAX) throw badRequest('CHANNELS_TOO_MUCH');
  const entries: Entries = { updates: [], entered: [], failed: new Map() };
  for (let start = 0; start < missing.length; start += CHATLIST_ACTS_AT_ONCE) {
    await Promise.all(missing.slice(start, start + CHATLIST_ACTS_AT_ONCE).map((box) => enterOne(deps, caller, sharer, box, states.get(box), entries)));
  }
  return entries;
}

async function enterOne(deps: Deps, caller: CallerContext, sharer: number, box: number, state: ChannelState | undefined, { updates, entered, failed }: Entries): Promise<void> {
  const record = state?.record;
  if (record === undefined) {
    failed.set(box, badRequest('CHANNEL_INVALID'));
    return;
  }
  const notice = record.username === '' ? { _: 'messageActionChatJoinedByLink' as const, inviter_id: sharer } : { _: 'messageActionChatAddUser' as const, users: [caller.userId] };
  try {
    updates.push(...(await enterChannel(deps, caller, { box, record }, { case: 'joinListed', value: { sharer: BigInt(sharer) } }, notice)).updates);
    entered.push(box);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    if (error.type === 'INVITE_REQUEST_SENT') entered.push(box);
    else if (error.type !== 'USER_ALREADY_PARTICIPANT') failed.set(box, error);
  }
}

/** The folder with these channels; `seen`: none of them is new to the caller from now on. */
async function putIntoFolder(deps: Deps, caller: CallerContext, shared: SharedChatlist, channels: readonly number[], entered: readonly number[], seen: readonly number[]): Promise<Outcome> {
  const filters = await readFilters(deps, caller);
  const own = findByLink(filters, caller.userId, shared);
  const id = own?.record.id ?? freeId(filters);
  const before: DialogFilterChatlist = own?.filter._ === 'dialogFilterChatlist' ? own.filter : {
    _: 'dialogFilterChatlist', id, title: { _: 'textWithEntities', text: shared.title, entities: [] }, pinned_peers: [], include_peers: [],
    title_noanimate: shared.titleNoanimate || undefined, emoticon: shared.emoticon || undefined,
  };
  const added = channels.filter((box) => !own?.chats.includes(box)).map((box) => channelInput(deps, caller, box));
  const { has_my_invites: _, ...filter } = { ...before, include_peers: [...before.include_peers, ...added] };
  if (filter.pinned_peers.length + filter.include_peers.length > DIALOG_FILTER_PEERS_MAX) throw badRequest('FILTER_INCLUDE_TOO_MUCH');
  const inFolder = new Set([...own?.chats ?? [], ...channels]);
  const joined = [...new Set([...own?.joined?.joined ?? [], ...entered])].filter((box) => inFolder.has(box));
  const isOwn = shared.sharer === caller.userId;
  return submit(deps, caller, {
    case: 'setChatlist',
    value: {
      id, base: own?.record.sealed ?? new Uint8Array(0), sealed: sealFilter(filters.key, caller.userId, id, filter),
      joined: isOwn ? undefined : sealJoined(filters.key, caller.userId, id, { sharer: shared.sharer, nonce: shared.nonce, seen, joined }),
    },
  });
}

/** There are more ids than filters. */
function freeId({ records }: OwnFilters): number {
  const taken = new Set(records.map(({ id }) => id));
  let id: number = FILTER_IDS.first;
  while (taken.has(id)) id += 1;
  return id;
}
