import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';
import { ttlPeriod } from '../../domain/ttl-period';
import { isGroupBox } from '@heliograph/box/box-id';
import { hasBox } from '../../engine/ids';
import { outcomeUpdates } from '../../messages/answer';
import { setInChannel } from '../../messages/channel-setting';
import { submitAct } from '../../messages/group-act';
import { isChannel, openChannel } from '../../messages/named-channel';
import { namedPeer } from '../../messages/peer';
import { admit } from '../../messages/send';
import { setTtl } from '../../messages/set-ttl';

/**
 * After how long messages of a chat go away by themselves, on all sides, 0: never. It holds for what is written from then on and is said in the chat
 * (docs: core.telegram.org/method/messages.setHistoryTTL).
 */
export const setHistoryTTL: Method<Deps, 'messages.setHistoryTTL'> = async (deps, caller, request) => {
  const period = ttlPeriod(request.period);
  const notice = { _: 'messageActionSetMessagesTTL' as const, period };
  if (isChannel(request.peer)) return setInChannel(deps, caller, (await openChannel(deps, caller, request.peer)).box, { ttlPeriod: period }, notice);
  const peer = await namedPeer(deps, caller, request.peer);
  if (isGroupBox(peer)) {
    return outcomeUpdates(deps, caller, await submitAct(deps, caller, -peer, { case: 'setSettings', value: { ttlPeriod: period } }, notice));
  }
  if (peer === caller.userId || !hasBox(peer)) throw badRequest('PEER_ID_INVALID');
  const admission = await admit(deps, caller.userId, peer);
  return outcomeUpdates(deps, caller, await setTtl(deps, caller, admission, peer, period));
};
