import { channelBox, groupBox } from '@heliograph/box/box-id';
import { sealContent } from '@heliograph/box/content';
import { groupSeal, openAbout, openTitle, sealAbout, sealTitle } from '@heliograph/box/group-title';
import type { CallerContext } from '@heliograph/client-api/method';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { Updates } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { channelIdFrom } from '../domain/channel-id';
import { CHAT_ID_DRAWS_MAX, MIGRATED_SEEN_INTERVAL_MS, MIGRATED_SEEN_TRIES } from '../limits';
import { emptyUpdates, outcomeUpdates } from './answer';
import { submitAct } from './group-act';
import { getGroupView } from './group-view';

/**
 * Makes a supergroup of a basic group, with the same people; its creator's to do. The group's own box makes the supergroup as of that moment, so that nobody comes or goes in
 * between; both say so in their histories. `box`: the supergroup's. Throws CHAT_ID_INVALID, CHAT_ADMIN_REQUIRED.
 */
export async function migrateGroup(deps: Deps, caller: CallerContext, chatId: number): Promise<{ box: number; updates: Updates }> {
  const view = await getGroupView(deps, caller, chatId);
  // Whoever asks again is told what came of it.
  if (view.migratedTo > 0n) return { box: channelBox(Number(view.migratedTo)), updates: emptyUpdates(caller, [{ _: 'updateChannel', channel_id: Number(view.migratedTo) }]) };
  const group = await deps.groups.find(chatId);
  if (!group) throw badRequest('CHAT_ID_INVALID');
  const [title, about] = await Promise.all([openTitle(deps.keyring, groupBox(chatId), group.record.titleSealed), openAbout(deps.keyring, groupBox(chatId), group.record.aboutSealed)]);
  const channel_id = await drawId(deps);
  const box = channelBox(channel_id);
  const seal = await groupSeal(deps.keyring, deps.dc, box);
  const outcome = await submitAct(deps, caller, chatId, {
    case: 'migrate',
    value: {
      channelId: BigInt(channel_id),
      titleSealed: sealTitle(seal, box, title),
      aboutSealed: sealAbout(seal, box, about),
      channelNotice: sealContent(seal, caller.userId, box, { _: 'heliograph.messageContent', message: '', action: { _: 'messageActionChannelMigrateFrom', title, chat_id: chatId } }),
    },
  }, { _: 'messageActionChatMigrateTo', channel_id });
  await seeChannel(deps, caller.userId, box);
  const updates = await outcomeUpdates(deps, caller, outcome);
  updates.updates.push({ _: 'updateChannel', channel_id });
  return { box, updates };
}

/** An id that no channel has: the group's box makes the supergroup later, and can't choose another one. Throws CHAT_ID_GENERATE_FAILED. */
async function drawId(deps: Deps): Promise<number> {
  for (let draw = 0; draw < CHAT_ID_DRAWS_MAX; draw += 1) {
    const id = channelIdFrom(deps.random(4), deps.dc);
    if ((await deps.channels.find(0, [channelBox(id)])).length === 0) return id;
  }
  throw new RpcError(500, 'CHAT_ID_GENERATE_FAILED');
}

/** The caller's box hears from the group before the supergroup's box does: what is answered is to show both. */
async function seeChannel(deps: Deps, viewer: number, box: number): Promise<void> {
  for (let tried = 0; tried < MIGRATED_SEEN_TRIES; tried += 1) {
    if ((await deps.channels.find(viewer, [box])).length > 0) return;
    await deps.clock.sleep(MIGRATED_SEEN_INTERVAL_MS);
  }
}
