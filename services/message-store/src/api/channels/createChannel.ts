import { channelBox } from '@heliograph/box/box-id';
import { groupSeal, sealAbout, sealTitle } from '@heliograph/box/group-title';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { ActResponse } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import type { Deps } from '../../deps';
import { channelIdFrom } from '../../domain/channel-id';
import { chatAbout, chatTitle } from '../../domain/chat-title';
import { ttlPeriod } from '../../domain/ttl-period';
import { CHAT_ID_DRAWS_MAX } from '../../limits';
import { actInChannel, channelUpdates } from '../../messages/channel-act';
import { refuseOneMore } from '../../messages/own-channels';

/**
 * Makes a supergroup (`megagroup`) or a broadcast of the caller's (docs: core.telegram.org/method/channels.createChannel). What is brought in from other
 * messengers, forums and places are not built: NOT_IMPLEMENTED.
 */
export const createChannel: Method<Deps, 'channels.createChannel'> = async (deps, caller, request) => {
  if (request.for_import || request.forum || request.geo_point || request.address) throw badRequest('NOT_IMPLEMENTED');
  const title = chatTitle(request.title);
  const about = chatAbout(request.about);
  const period = ttlPeriod(request.ttl_period ?? 0);
  await refuseOneMore(deps, caller);
  const { box, made } = await create(deps, caller, { title, about, broadcast: !request.megagroup, ttlPeriod: period });
  deps.presence.touch(caller.userId);
  const updates = await channelUpdates(deps, caller, box, made);
  // TDLib knows the notice of a channel that it made by an updateMessageID, though it chose no random_id for it.
  if (made.message) updates.updates.unshift({ _: 'updateMessageID', id: made.message.id, random_id: Buffer.from(deps.random(8)).readBigInt64LE() });
  return updates;
};

interface NewChannel {
  readonly title: string;
  readonly about: string;
  readonly broadcast: boolean;
  readonly ttlPeriod: number;
}

/** Draws an id that no channel has. Throws CHAT_ID_GENERATE_FAILED. */
async function create(deps: Deps, caller: CallerContext, { title, about, broadcast, ttlPeriod: period }: NewChannel): Promise<{ box: number; made: ActResponse }> {
  for (let draw = 0; draw < CHAT_ID_DRAWS_MAX; draw += 1) {
    const box = channelBox(channelIdFrom(deps.random(4), deps.dc));
    const seal = await groupSeal(deps.keyring, deps.dc, box);
    try {
      const made = await actInChannel(
        deps, caller, box,
        { case: 'create', value: { titleSealed: sealTitle(seal, box, title), aboutSealed: sealAbout(seal, box, about), broadcast, ttlPeriod: period } },
        { _: 'messageActionChannelCreate', title },
      );
      return { box, made };
    } catch (error) {
      if (!(error instanceof RpcError) || error.type !== 'CHANNEL_ID_TAKEN') throw error;
    }
  }
  throw new RpcError(500, 'CHAT_ID_GENERATE_FAILED');
}
