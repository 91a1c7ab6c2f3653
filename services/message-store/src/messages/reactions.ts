import { openOwnReaction, openReactions, reactionEmoji } from '@heliograph/box/reactions';
import { dialogKeys, draftScope } from '@heliograph/box/dialog-key';
import type { CallerContext } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { GroupReactions, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { MessagesReactions, MessagesReactionsNotModified, TypeChatReactions } from '@heliograph/tl/api';
import { createHash } from 'node:crypto';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import { BOX_ITSELF } from '../engine/ids';
import { pageLimit } from './page';

/** A message of the dialog that one can react to: no notice. Throws `error` where there is none. */
export async function reactableMessage(reader: Pick<BoxReader, 'messages'>, peer: number, id: number, error: 'MESSAGE_ID_INVALID' | 'MSG_ID_INVALID'): Promise<MessageRecord> {
  const [record] = await reader.messages([id]);
  if (!record || Number(record.peer) !== peer || record.content?.service) throw badRequest(error);
  return record;
}

/** Emoji that the caller used lately, newest first. */
export async function recentEmoji(deps: Pick<Deps, 'engine' | 'keyring'>, caller: CallerContext): Promise<string[]> {
  const recent = (await deps.engine.read(caller.userId)).dialog(BOX_ITSELF)?.recentReactions ?? [];
  if (recent.length === 0) return [];
  const key = await deps.keyring.dataKey(draftScope(caller.userId));
  return recent.map(({ sealed }) => openOwnReaction(key, caller.userId, sealed));
}

/** A list of emoji as clients hold it; NotModified when they have it already. */
export function emojiList(emoji: readonly string[], request: { limit: number; hash: bigint }): MessagesReactions | MessagesReactionsNotModified {
  const shown = emoji.slice(0, pageLimit(request.limit));
  const hash = shown.length === 0 ? 0n : createHash('sha256').update(shown.join(' ')).digest().readBigInt64LE(0);
  if (hash !== 0n && hash === request.hash) return { _: 'messages.reactionsNotModified' };
  return { _: 'messages.reactions', hash, reactions: shown.map(reactionEmoji) };
}

/** Which reactions a basic group or a channel takes, by its box, as its members are told. */
export async function groupReactions(deps: Pick<Deps, 'keyring'>, caller: CallerContext, box: number, reactions: GroupReactions | undefined): Promise<TypeChatReactions> {
  if (reactions === undefined || reactions.all) return { _: 'chatReactionsAll' };
  if (reactions.some.length === 0) return { _: 'chatReactionsNone' };
  const keys = await dialogKeys(deps.keyring, caller.userId, [{ peer: BigInt(box), reactions: reactions.some }]);
  return { _: 'chatReactionsSome', reactions: openReactions(keys, caller.userId, box, reactions.some).map(reactionEmoji) };
}
