import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';
import { changeChannel } from '../../messages/channel-act';
import { openChannel } from '../../messages/named-channel';

/** Ends a channel for everybody; its creator's to do (docs: core.telegram.org/method/channels.deleteChannel). Its public name is free again. */
export const deleteChannel: Method<Deps, 'channels.deleteChannel'> = async (deps, caller, request) => {
  const { box, record } = await openChannel(deps, caller, request.channel);
  const updates = await changeChannel(deps, caller, box, { case: 'destroy', value: {} });
  if (record.username !== '') await deps.names.releaseName({ channel: BigInt(box), name: record.username });
  return updates;
};
