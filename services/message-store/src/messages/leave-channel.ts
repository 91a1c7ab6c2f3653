import { createHash } from 'node:crypto';
import { channelOfBox } from '@heliograph/box/box-id';
import { isOwner } from '@heliograph/box/channel-rights';
import { sealContent, type SealedContent } from '@heliograph/box/content';
import { groupSeal, openTitle } from '@heliograph/box/group-title';
import { channelHeir } from '@heliograph/box/heir';
import type { CallerContext } from '@heliograph/client-api/method';
import { RpcError } from '@heliograph/client-api/rpc-error';
import type { ChannelRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Keyring } from '@heliograph/crypto/keyring';
import type { Updates } from '@heliograph/tl/api';
import { writeObject } from '@heliograph/tl/writer';
import type { Deps } from '../deps';
import { HEIR_CHANGED } from '../engine/effects/channel/succession';
import { HEIR_TRIES_MAX } from '../limits';
import { notify } from '../rpc/notify';
import { changeChannel } from './channel-act';
import type { ChannelReader } from './channels';

/** Sends the messages of the service. */
const SERVICE_ACCOUNT = 777_000n;

/**
 * Leaves a channel. Its owner leaves it to an heir, of which a supergroup and he himself, in the service chat, are told (docs: core.telegram.org/api/channel, "Leaving
 * groups/channels"). Throws USER_CREATOR where nobody could be that, USER_NOT_PARTICIPANT.
 */
export async function leaveChannelAs(deps: Deps, caller: CallerContext, { box, record }: Pick<ChannelReader, 'box' | 'record'>): Promise<Updates> {
  const notice = record.broadcast ? undefined : { _: 'messageActionChatDeleteUser' as const, user_id: caller.userId };
  if (!isOwner(record, caller.userId)) return changeChannel(deps, caller, box, { case: 'leave', value: {} }, notice);
  let now = record;
  for (let tried = 1; ; tried += 1) {
    const heir = channelHeir(now);
    const heirNotice = heir === 0 || now.broadcast ? undefined : await heirContent(deps, box, caller.userId, { _: 'messageActionNewCreatorPending', new_creator_id: heir });
    try {
      const updates = await changeChannel(deps, caller, box, { case: 'leave', value: { heir: BigInt(heir), heirNotice } }, notice);
      await tellOwner(deps, caller, box, now, heir);
      return updates;
    } catch (error) {
      if (!(error instanceof RpcError) || error.type !== HEIR_CHANGED) throw error;
      if (tried === HEIR_TRIES_MAX) throw new RpcError(500, 'RPC_CALL_FAIL');
      now = (await deps.channels.open(caller.userId, box))?.record ?? now;
    }
  }
}

/** What a supergroup says in the name of the creator who left. */
export async function heirContent(
  { dc, keyring }: { dc: number; keyring: Keyring }, box: number, creator: number, action: { _: 'messageActionNewCreatorPending' | 'messageActionChangeCreator'; new_creator_id: number },
): Promise<SealedContent> {
  return sealContent(await groupSeal(keyring, dc, box), creator, box, { _: 'heliograph.messageContent', message: '', action });
}

/** Tells the owner who left how long he may come back, and to what. He has left whether this is said or not. */
async function tellOwner(deps: Deps, caller: CallerContext, box: number, record: ChannelRecord, heir: number): Promise<void> {
  try {
    const { users: [view] } = await deps.users.getViews({ viewerId: BigInt(caller.userId), userIds: [BigInt(heir)] });
    const title = await openTitle(deps.keyring, box, record.titleSealed);
    const kind = record.broadcast ? 'channel' : 'group';
    const link = record.username === '' ? `https://t.me/c/${channelOfBox(box)}/1` : `https://t.me/${record.username}`;
    const message = `You have left the ${kind} ${title}, which you own. If you don't return within 7 days, ${view?.firstName || 'one of its admins'} will become its new owner.\n\nReturn: ${link}`;
    const offset = message.indexOf(link);
    await notify(deps, {
      $typeName: 'heliograph.messagestore.v1.NotifyRequest', userId: BigInt(caller.userId), from: SERVICE_ACCOUNT, date: caller.date, silent: false,
      randomId: createHash('sha256').update(`left:${box}:${caller.userId}:${caller.date}`).digest().readBigInt64LE(0),
      content: writeObject({ _: 'heliograph.messageContent', message, entities: [{ _: 'messageEntityUrl', offset, length: link.length }] }, 'newest'),
    });
  } catch (error) {
    deps.log.warn({ error: String(error) }, 'an owner who left a channel could not be told so in the service chat');
  }
}
