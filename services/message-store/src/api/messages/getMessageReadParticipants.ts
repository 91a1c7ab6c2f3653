import { isPresent } from '@heliograph/box/group-rights';
import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { ReadParticipantDate } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { READ_MARKS_MEMBERS_MAX, READ_MARKS_SECONDS } from '../../limits';
import { namedGroup } from '../../messages/group-view';
import { groupBox } from '@heliograph/box/box-id';

/**
 * Which members of a small basic group have read a message (docs: core.telegram.org/method/messages.getMessageReadParticipants).
 * NOTSPEC: the date is that of the member's newest reading, which the message's may be before. Throws PEER_ID_INVALID, MSG_ID_INVALID, MSG_TOO_OLD, CHAT_TOO_BIG.
 */
export const getMessageReadParticipants: Method<Deps, 'messages.getMessageReadParticipants'> = async (deps, caller, request) => {
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
