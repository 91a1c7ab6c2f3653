import { isPresent } from '@heliograph/box/group-rights';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { ReadParticipantDate } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { READ_MARKS_MEMBERS_MAX, READ_MARKS_SECONDS } from '../../limits';
import type { ChannelReader } from '../../messages/channels';
import { namedGroup } from '../../messages/group-view';
import { isChannel, openChannel } from '../../messages/named-channel';
import { groupBox } from '@heliograph/box/box-id';

/**
 * Which members of a small group have read a message (docs: core.telegram.org/method/messages.getMessageReadParticipants).
 * NOTSPEC: the date is that of the member's newest reading, which the message's may be before. Throws PEER_ID_INVALID, MSG_ID_INVALID, MSG_TOO_OLD, CHAT_TOO_BIG.
 */
export const getMessageReadParticipants: Method<Deps, 'messages.getMessageReadParticipants'> = async (deps, caller, request) => {
  if (isChannel(request.peer)) return readersInChannel(await openChannel(deps, caller, request.peer), caller, request.msg_id);
  const { chatId } = await namedGroup(deps, caller, request.peer);
  const [record] = await (await deps.engine.read(caller.userId)).messages([request.msg_id]);
  const postId = record?.uid?.id;
  if (!record || Number(record.peer) !== groupBox(chatId) || !record.out || postId === undefined) throw badRequest('MSG_ID_INVALID');
  if (caller.date - record.date > READ_MARKS_SECONDS) throw badRequest('MSG_TOO_OLD');
  const group = await deps.groups.find(chatId);
  if (!group || !isPresent(group.members.get(caller.userId))) throw badRequest('PEER_ID_INVALID');
  if (group.record.memberCount > READ_MARKS_MEMBERS_MAX) throw badRequest('CHAT_TOO_BIG');
  const readers: ReadParticipantDate[] = [];
  for (const [user_id, member] of group.members) {
    if (user_id !== caller.userId && isPresent(member) && member.readId >= postId) readers.push({ _: 'readParticipantDate', user_id, date: member.readDate });
  }
  return readers;
};

async function readersInChannel(channel: ChannelReader, caller: CallerContext, id: number): Promise<ReadParticipantDate[]> {
  const [message] = await channel.messages([id]);
  if (!message || channel.record.broadcast || Number(message.author) !== caller.userId) throw badRequest('MSG_ID_INVALID');
  if (caller.date - message.date > READ_MARKS_SECONDS) throw badRequest('MSG_TOO_OLD');
  if (channel.record.memberCount > READ_MARKS_MEMBERS_MAX) throw badRequest('CHAT_TOO_BIG');
  const { members } = await channel.listMembers('present', 0, READ_MARKS_MEMBERS_MAX);
  const readers = members.filter(({ user, readId }) => Number(user) !== caller.userId && readId >= id);
  return readers.map(({ user, readDate }) => ({ _: 'readParticipantDate', user_id: Number(user), date: readDate }));
}
