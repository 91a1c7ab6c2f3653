import type { MessageInitShape } from '@bufbuild/protobuf';
import { channelOfBox } from '@heliograph/box/box-id';
import { sealContent } from '@heliograph/box/content';
import { groupSeal } from '@heliograph/box/group-title';
import type { CallerContext } from '@heliograph/client-api/method';
import type { ChannelActSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ActResponse } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import type { ChannelForbidden, TypeMessageAction, Updates } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { answeredUpdates } from './channel-answer';

export type ChannelActBody = NonNullable<MessageInitShape<typeof ChannelActSchema>['act']>;

/**
 * Asks a channel for something and resolves with what it did. `notice`: what the channel posts about it. Throws what the channel refused, and as `Channels.act` does.
 */
export async function actInChannel(deps: Pick<Deps, 'channels' | 'dc' | 'keyring'>, caller: CallerContext, box: number, act: ChannelActBody, notice?: TypeMessageAction): Promise<ActResponse> {
  const content = notice && sealContent(await groupSeal(deps.keyring, deps.dc, box), caller.userId, box, { _: 'heliograph.messageContent', message: '', action: notice });
  return deps.channels.act(caller, box, { act, notice: content });
}

/** What an act changed, for the caller's own session, which looks at the channel itself anew. */
export async function channelUpdates(deps: Pick<Deps, 'engine' | 'keyring'>, caller: CallerContext, box: number, answer: ActResponse): Promise<Updates> {
  const rendered = await answeredUpdates(deps, caller, box, answer);
  const channel_id = channelOfBox(box);
  if (!rendered.updates.some((update) => update._ === 'updateChannel')) rendered.updates.unshift({ _: 'updateChannel', channel_id });
  return rendered;
}

/** The usual change of a channel: asks for it and answers with what came of it. Throws as `actInChannel`. */
export async function changeChannel(deps: Pick<Deps, 'channels' | 'dc' | 'engine' | 'keyring'>, caller: CallerContext, box: number, act: ChannelActBody, notice?: TypeMessageAction): Promise<Updates> {
  return channelUpdates(deps, caller, box, await actInChannel(deps, caller, box, act, notice));
}

/** Names a channel that nothing else of an answer mentions: it is dressed for the caller. */
export const channelNamed = (id: number): ChannelForbidden => ({ _: 'channelForbidden', id, access_hash: 0n, title: '' });
