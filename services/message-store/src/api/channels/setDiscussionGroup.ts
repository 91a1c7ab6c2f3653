import { channelBox, channelOfBox } from '@heliograph/box/box-id';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { TypeInputChannel } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { actInChannel } from '../../messages/channel-act';
import type { ChannelReader } from '../../messages/channels';
import { openChannel } from '../../messages/named-channel';

/**
 * Makes a supergroup the place where a broadcast's posts are discussed, or ends that (docs: core.telegram.org/method/channels.setDiscussionGroup). The two say it of
 * each other, the group first: one that the other does not confirm is shown nowhere (`linkedChat`).
 * Throws BROADCAST_ID_INVALID, MEGAGROUP_ID_INVALID, MEGAGROUP_PREHISTORY_HIDDEN, LINK_NOT_MODIFIED, CHAT_ADMIN_REQUIRED.
 */
export const setDiscussionGroup: Method<Deps, 'channels.setDiscussionGroup'> = async (deps, caller, request) => {
  const broadcast = await openGiven(deps, caller, request.broadcast);
  const group = await openGiven(deps, caller, request.group);
  if (broadcast && !broadcast.record.broadcast) throw badRequest('BROADCAST_ID_INVALID');
  if (group?.record.broadcast) throw badRequest('MEGAGROUP_ID_INVALID');
  if (!broadcast && !group) throw badRequest('BROADCAST_ID_INVALID');
  if (broadcast && group) {
    if (group.record.hiddenPrehistory) throw badRequest('MEGAGROUP_PREHISTORY_HIDDEN');
    if (isLinkedTo(group, broadcast.box) && isLinkedTo(broadcast, group.box)) throw badRequest('LINK_NOT_MODIFIED');
    await link(deps, caller, group, channelOfBox(broadcast.box));
    await link(deps, caller, broadcast, channelOfBox(group.box));
    return true;
  }
  const one = (broadcast ?? group) as ChannelReader;
  const other = Number(one.record.linked);
  if (other === 0) throw badRequest('LINK_NOT_MODIFIED');
  await link(deps, caller, one, 0);
  await unlink(deps, caller, channelBox(other), one.box);
  return true;
};

async function openGiven(deps: Deps, caller: CallerContext, input: TypeInputChannel): Promise<ChannelReader | undefined> {
  return input._ === 'inputChannelEmpty' ? undefined : openChannel(deps, caller, input);
}

const isLinkedTo = ({ record }: ChannelReader, box: number): boolean => record.linked > 0n && channelBox(Number(record.linked)) === box;

async function link(deps: Deps, caller: CallerContext, { box, record }: ChannelReader, other: number): Promise<void> {
  if (Number(record.linked) !== other) await actInChannel(deps, caller, box, { case: 'setSettings', value: { linked: BigInt(other) } });
}

/** The other side, as far as it is the caller's: what is linked on one side alone is shown on neither. */
async function unlink(deps: Deps, caller: CallerContext, box: number, from: number): Promise<void> {
  const other = await deps.channels.open(caller.userId, box);
  if (!other || !isLinkedTo(other, from)) return;
  try {
    await link(deps, caller, other, 0);
  } catch (error) {
    if (!(error instanceof RpcError) || error.code >= 420) throw error;
  }
}
