import { adminBits } from '@heliograph/box/group-rights';
import { groupSeal, sealRank } from '@heliograph/box/group-title';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { adminRank } from '../../domain/admin-rank';
import { changeChannel } from '../../messages/channel-act';
import type { ChannelReader } from '../../messages/channels';
import { sortInvitees } from '../../messages/invitees';
import { openChannel } from '../../messages/named-channel';

/**
 * Makes somebody an admin, changes what an admin may do, or ends it (docs: core.telegram.org/method/channels.editAdmin). Who is not in the channel comes with it.
 * Throws ADMIN_RANK_INVALID, ADMIN_RANK_EMOJI_NOT_ALLOWED, USER_PRIVACY_RESTRICTED, and what the channel refuses.
 */
export const editAdmin: Method<Deps, 'channels.editAdmin'> = async (deps, caller, request) => {
  const user = deps.peers.user(caller.userId, request.user_id);
  const rank = adminRank(request.rank ?? '');
  const rights = adminBits(request.admin_rights);
  const channel = await openChannel(deps, caller, request.channel);
  const { box } = channel;
  if (rights !== 0) await refuseUnwilling(deps, caller, channel, user);
  const rankSealed = sealRank(await groupSeal(deps.keyring, deps.dc, box), box, rank);
  return changeChannel(deps, caller, box, { case: 'setAdmin', value: { user: BigInt(user), rights, rankSealed, keepRank: request.rank === undefined } });
};

async function refuseUnwilling(deps: Deps, caller: CallerContext, channel: ChannelReader, user: number): Promise<void> {
  if (user === caller.userId || (await channel.members([user]))[0]?.present) return;
  const { missing } = await sortInvitees(deps, caller, [user]);
  if (missing.length > 0) throw badRequest('USER_PRIVACY_RESTRICTED');
}
