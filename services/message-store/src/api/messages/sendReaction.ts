import { create } from '@bufbuild/protobuf';
import { draftScope } from '@heliograph/box/dialog-key';
import { reactionSeal, sealOwnReaction, sealReaction } from '@heliograph/box/reactions';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import { ReactionSchema, type MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Updates } from '@heliograph/tl/api';
import type { Deps } from '../../deps';
import { chosenEmoji } from '../../domain/reactions';
import { isChannelBox, isGroupBox } from '@heliograph/box/box-id';
import { REACTIONS_UNIQUE_MAX } from '../../limits';
import { outcomeUpdates } from '../../messages/answer';
import { changeInChannel } from '../../messages/channel-answer';
import { openMessages } from '../../messages/chat-messages';
import { submitAct } from '../../messages/group-act';
import { reactableMessage } from '../../messages/reactions';
import { admit } from '../../messages/send';
import { submit } from '../../messages/submit';

/**
 * Reacts to a message of a private chat or basic group, in place of the caller's earlier reaction; without one it takes that back
 * (docs: core.telegram.org/method/messages.sendReaction). Reactions in Saved Messages are tags, which take a premium account, as custom emoji do.
 */
export const sendReaction: Method<Deps, 'messages.sendReaction'> = async (deps, caller, request) => {
  const { peer, reader } = await openMessages(deps, caller, request.peer);
  const emoji = chosenEmoji(request.reaction);
  const record = await reactableMessage(reader, peer, request.msg_id, 'MESSAGE_ID_INVALID');
  if (peer === caller.userId) throw new RpcError(403, 'PREMIUM_ACCOUNT_REQUIRED');
  const reaction = await reactionTo(deps, caller, record, emoji, request.big ?? false);
  const updates = await react(deps, caller, record, reaction);
  if (emoji !== undefined && request.add_to_recent) await rememberEmoji(deps, caller, emoji);
  deps.presence.touch(caller.userId);
  return updates;
};

async function react(deps: Deps, caller: CallerContext, record: MessageRecord, reaction: Given): Promise<Updates> {
  const peer = Number(record.peer);
  if (isChannelBox(peer)) return changeInChannel(deps, caller, peer, { act: { case: 'react', value: { id: record.id, reaction: create(ReactionSchema, reaction) } } });
  return outcomeUpdates(deps, caller, isGroupBox(peer)
    ? await submitAct(deps, caller, -peer, { case: 'react', value: { id: record.uid?.id ?? 0, reaction } })
    : await submit(deps, caller, { case: 'react', value: { id: record.id, reaction, noDeliver: (await admit(deps, caller.userId, peer)).noDeliver } }));
}

type Given = Partial<{ sealed: Uint8Array; token: bigint; big: boolean }>;

/** The reaction as a command carries it. Throws MESSAGE_NOT_MODIFIED when it is the caller's already, REACTIONS_TOO_MANY when the message has as many different ones as it may. */
async function reactionTo(deps: Pick<Deps, 'dc' | 'keyring'>, caller: CallerContext, record: MessageRecord, emoji: string | undefined, big: boolean): Promise<Given> {
  const own = record.reactions.find(({ user }) => Number(user) === caller.userId);
  if (emoji === undefined) {
    if (!own) throw badRequest('MESSAGE_NOT_MODIFIED');
    return {};
  }
  const peer = Number(record.peer);
  const sealed = sealReaction(await reactionSeal(deps.keyring, deps.dc, caller.userId, peer), caller.userId, peer, emoji);
  if (own?.token === sealed.token) throw badRequest('MESSAGE_NOT_MODIFIED');
  const others = new Set(record.reactionTally
    ? record.reactionTally.counts.filter(({ token, count }) => count > 1 || token !== own?.token).map(({ token }) => token)
    : record.reactions.filter((each) => each !== own).map(({ token }) => token));
  if (!others.has(sealed.token) && others.size >= REACTIONS_UNIQUE_MAX) throw badRequest('REACTIONS_TOO_MANY');
  return { ...sealed, big };
}

/** The reaction stands whether or not the list of used ones takes it. */
async function rememberEmoji(deps: Pick<Deps, 'engine' | 'keyring' | 'log'>, caller: CallerContext, emoji: string): Promise<void> {
  try {
    const used = sealOwnReaction(await deps.keyring.dataKey(draftScope(caller.userId)), caller.userId, emoji);
    await submit(deps, caller, { case: 'rememberReaction', value: { used } });
  } catch (error) {
    deps.log.warn({ error: String(error) }, 'a reaction was not added to those used lately');
  }
}
