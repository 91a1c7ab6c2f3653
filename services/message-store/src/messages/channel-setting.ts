import type { MessageInitShape } from '@bufbuild/protobuf';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { ChannelSetSettingsSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeInputChannel, TypeMessageAction, Updates } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { changeChannel } from './channel-act';
import type { ChannelReader } from './channels';
import { openChannel } from './named-channel';

/** The supergroup that a request names. Throws CHAT_ID_INVALID for a broadcast, and as `openChannel`. */
export async function openSupergroup(deps: Pick<Deps, 'channels' | 'peers'>, caller: CallerContext, input: TypeInputChannel): Promise<ChannelReader> {
  const channel = await openChannel(deps, caller, input);
  if (channel.record.broadcast) throw badRequest('CHAT_ID_INVALID');
  return channel;
}

/** Changes settings of a channel. Throws CHAT_ADMIN_REQUIRED, CHAT_NOT_MODIFIED and what else the channel refuses. */
export function setInChannel(
  deps: Pick<Deps, 'channels' | 'dc' | 'engine' | 'keyring'>, caller: CallerContext, box: number, settings: MessageInitShape<typeof ChannelSetSettingsSchema>, notice?: TypeMessageAction,
): Promise<Updates> {
  return changeChannel(deps, caller, box, { case: 'setSettings', value: settings }, notice);
}
