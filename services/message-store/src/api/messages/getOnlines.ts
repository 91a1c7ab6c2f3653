import { adminRights } from '@heliograph/box/channel-rights';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { Status_Kind } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Deps } from '../../deps';
import { ONLINES_SAMPLED_MAX } from '../../limits';
import { namedGroup } from '../../messages/group-view';
import { presentMembers } from '../../messages/groups';
import { isChannel, openChannel } from '../../messages/named-channel';

/**
 * How many members of a group are online now, as far as the caller may see that (docs: core.telegram.org/method/messages.getOnlines). Of more than
 * ONLINES_SAMPLED_MAX members it is estimated from so many; of a broadcast only its admins are told, others that they are there themselves.
 */
export const getOnlines: Method<Deps, 'messages.getOnlines'> = async (deps, caller, request) => {
  const { sample, members } = isChannel(request.peer) ? await sampleChannel(deps, caller, request) : await sampleGroup(deps, caller, request);
  if (sample.length === 0) return { _: 'chatOnlines', onlines: 1 };
  const { users } = await deps.users.getViews({ viewerId: BigInt(caller.userId), userIds: sample.map(BigInt) });
  const online = users.filter(({ self, status }) => self || status?.kind === Status_Kind.ONLINE).length;
  return { _: 'chatOnlines', onlines: Math.max(1, Math.round((online * Math.max(members, sample.length)) / sample.length)) };
};

interface Sampled {
  sample: number[];
  /** Of whom it is a sample. */
  members: number;
}
type Request = Parameters<typeof getOnlines>[2];

async function sampleGroup(deps: Deps, caller: CallerContext, { peer }: Request): Promise<Sampled> {
  const { chatId } = await namedGroup(deps, caller, peer);
  const members = presentMembers(await deps.groups.find(chatId));
  return members.includes(caller.userId) ? { sample: members.slice(0, ONLINES_SAMPLED_MAX), members: members.length } : { sample: [], members: 0 };
}

async function sampleChannel(deps: Deps, caller: CallerContext, { peer }: Request): Promise<Sampled> {
  const channel = await openChannel(deps, caller, peer);
  if (channel.record.broadcast && adminRights(channel.record, caller.userId) === 0) return { sample: [], members: 0 };
  const { members } = await channel.listMembers('present', 0, ONLINES_SAMPLED_MAX);
  return { sample: members.map(({ user }) => Number(user)), members: channel.record.memberCount };
}
