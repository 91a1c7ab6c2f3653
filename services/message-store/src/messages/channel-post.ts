import { openContent, sealContent } from '@heliograph/box/content';
import { dialogKeys, dialogSeal } from '@heliograph/box/dialog-key';
import { renderMessage } from '@heliograph/box/render-message';
import { withRank } from '@heliograph/box/render-update';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { ActResponse } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import type { TypeUpdate } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import type { ChannelReader } from './channels';
import type { Outgoing } from './send';
import { submit } from './submit';

/** A message about to be posted in a channel. */
export interface ChannelOutgoing extends Pick<Outgoing, 'randomId' | 'content' | 'silent' | 'noforwards' | 'mentions' | 'thread'> {
  replyToId?: number;
  /** As whom; 0: as the channel has it. */
  sendAs: number;
}

/** Seals and posts, in the order given. The answer to a repeated random_id is that of the first time. Throws what the channel refuses. */
export async function postInChannel(
  deps: Pick<Deps, 'channels' | 'dc' | 'keyring' | 'users'>, caller: CallerContext, channel: ChannelReader, posts: readonly ChannelOutgoing[],
): Promise<ActResponse[]> {
  const { box } = channel;
  const [seal, post_author] = await Promise.all([dialogSeal(deps.keyring, deps.dc, caller.userId, box), signature(deps, caller, channel)]);
  const answers: ActResponse[] = [];
  for (const { randomId, silent, noforwards, replyToId, mentions, sendAs, thread, ...post } of posts) {
    const content = sealContent(seal, caller.userId, box, { ...post.content, post_author }, thread);
    answers.push(await deps.channels.act(caller, box, {
      act: { case: 'post', value: { randomId, content: { $typeName: 'heliograph.box.v1.Content', ...content }, silent, noforwards, replyToId, mentions: mentions?.map(BigInt), sendAs: BigInt(sendAs) } },
    }));
  }
  return answers;
}

/** The author's name under a broadcast's post, where the channel signs them. */
export async function signature({ users }: Pick<Deps, 'users'>, { userId }: CallerContext, { record }: ChannelReader): Promise<string | undefined> {
  if (!record.broadcast || !record.signatures) return undefined;
  const { users: [own] } = await users.getViews({ viewerId: BigInt(userId), userIds: [BigInt(userId)] });
  return own && [own.firstName, own.lastName].filter((name) => name !== '').join(' ');
}

/** updateMessageID and updateNewChannelMessage of each post: what clients match their pending messages by. Throws RANDOM_ID_DUPLICATE where one was deleted since. */
export async function postedUpdates(deps: Pick<Deps, 'keyring'>, caller: CallerContext, box: number, randomIds: readonly bigint[], answers: readonly ActResponse[]): Promise<TypeUpdate[]> {
  const ids: TypeUpdate[] = [];
  const messages: TypeUpdate[] = [];
  const records = answers.map(({ message }) => {
    if (!message?.content || message.content.sealed.length === 0) throw badRequest('RANDOM_ID_DUPLICATE');
    return message;
  });
  const keys = await dialogKeys(deps.keyring, box, records);
  for (const [index, record] of records.entries()) {
    ids.push({ _: 'updateMessageID', id: record.id, random_id: randomIds[index] ?? 0n });
    const message = renderMessage(box, record, openContent(keys, box, record), false, undefined, withRank({ viewer: caller.userId }, keys, record));
    messages.push({ _: 'updateNewChannelMessage', message, pts: record.pts, pts_count: 1 });
  }
  return [...ids, ...messages];
}

/** The draft goes away with the message that it became. */
export async function clearDraft(deps: Pick<Deps, 'engine'>, caller: CallerContext, peer: number): Promise<void> {
  const draft = (await deps.engine.read(caller.userId)).dialog(peer)?.draftSealed.length ?? 0;
  if (draft > 0) await submit(deps, caller, { case: 'saveDraft', value: { peer: BigInt(peer), sealed: new Uint8Array(0) } });
}
