import { groupBox } from '@heliograph/box/box-id';
import { groupSeal, sealTitle } from '@heliograph/box/group-title';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { TypeUpdate } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { chatIdFrom } from '../../domain/chat-id';
import { chatTitle } from '../../domain/chat-title';
import { ttlPeriod } from '../../domain/ttl-period';
import type { Outcome } from '../../engine/contract';
import { GROUP_MEMBERS_MAX } from '../../engine/limits';
import { CHAT_ID_DRAWS_MAX } from '../../limits';
import { outcomeUpdates } from '../../messages/answer';
import { submitAct } from '../../messages/group-act';
import { sortInvitees } from '../../messages/invitees';

/**
 * Makes a basic group of the caller and some users; who may not be brought into it is named as missing
 * (docs: core.telegram.org/method/messages.createChat).
 */
export const createChat: Method<Deps, 'messages.createChat'> = async (deps, caller, request) => {
  const title = chatTitle(request.title);
  const period = ttlPeriod(request.ttl_period ?? 0);
  const users = [...new Set(request.users.map((input) => deps.peers.user(caller.userId, input)))].filter((user) => user !== caller.userId);
  if (users.length + 1 > GROUP_MEMBERS_MAX) throw badRequest('USERS_TOO_MUCH');
  const { invited, missing } = await sortInvitees(deps, caller, users);
  const { chatId, outcome } = await create(deps, caller, title, invited, period);
  deps.presence.touch(caller.userId);
  const updates = await outcomeUpdates(deps, caller, outcome);
  updates.updates.unshift(...sentId(deps, outcome), participants(caller, chatId, invited, outcome));
  return { _: 'messages.invitedUsers', updates, missing_invitees: missing };
};

/** TDLib knows the notice of a group that it made by an updateMessageID, though it chose no random_id for it. */
function sentId({ random }: Pick<Deps, 'random'>, { message }: Outcome): TypeUpdate[] {
  return message ? [{ _: 'updateMessageID', id: message.id, random_id: Buffer.from(random(8)).readBigInt64LE() }] : [];
}

/** Draws an id that no group has. Throws CHAT_ID_GENERATE_FAILED. */
async function create(deps: Deps, caller: CallerContext, title: string, members: readonly number[], period: number): Promise<{ chatId: number; outcome: Outcome }> {
  for (let draw = 0; draw < CHAT_ID_DRAWS_MAX; draw += 1) {
    const chatId = chatIdFrom(deps.random(4), deps.dc);
    const titleSealed = sealTitle(await groupSeal(deps.keyring, deps.dc, groupBox(chatId)), groupBox(chatId), title);
    try {
      const outcome = await submitAct(deps, caller, chatId, { case: 'create', value: { titleSealed, members: members.map(BigInt), ttlPeriod: period } }, {
        _: 'messageActionChatCreate', title, users: [caller.userId, ...members],
      });
      return { chatId, outcome };
    } catch (error) {
      if (!(error instanceof RpcError) || error.type !== 'CHAT_ID_TAKEN') throw error;
    }
  }
  throw new RpcError(500, 'CHAT_ID_GENERATE_FAILED');
}

/** Who is in a group that was just made. */
function participants(caller: CallerContext, chat_id: number, members: readonly number[], outcome: Outcome): TypeUpdate {
  const date = outcome.message?.date ?? caller.date;
  return {
    _: 'updateChatParticipants',
    participants: {
      _: 'chatParticipants',
      chat_id,
      participants: [
        { _: 'chatParticipantCreator', user_id: caller.userId },
        ...members.map((user_id) => ({ _: 'chatParticipant' as const, user_id, inviter_id: caller.userId, date })),
      ],
      version: 1,
    },
  };
}
