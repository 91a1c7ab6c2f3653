import { postRefusal } from '@heliograph/box/channel-rights';
import { sealContent } from '@heliograph/box/content';
import type { DialogSeal } from '@heliograph/box/dialog-key';
import { BANNED } from '@heliograph/box/group-rights';
import { renderMessage, scheduledRecord } from '@heliograph/box/render-message';
import type { CallerContext } from '@heliograph/client-api/method';
import { badRequest, RpcError } from '@heliograph/client-api/rpc-error';
import type { ScheduledMessage } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Message, MessageService, TypeUpdate } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { SCHEDULED_CHANGED } from '../engine/effects/schedule';
import { isChannelBox, isGroupBox } from '@heliograph/box/box-id';
import { SCHEDULE_AHEAD_SECONDS_MAX, SCHEDULE_AT_ONCE_SECONDS, SCHEDULED_CHANGED_TRIES } from '../limits';
import { findGroupView, isAdminOf, isIn } from './group-view';
import { refusal } from './refusal';
import { sentMessage, sentUpdates, type Outgoing } from './send';
import { submit } from './submit';
import { openAll } from './views';

/** Stands for the moment at which the peer comes online. */
const WHEN_ONLINE = 0x7ffffffe;

/**
 * When a message is to be sent, unix seconds; undefined: at once, as of a date that is not SCHEDULE_AT_ONCE_SECONDS ahead
 * (docs: core.telegram.org/api/scheduled-messages).
 * Throws SCHEDULE_DATE_INVALID, SCHEDULE_DATE_TOO_LATE, and SCHEDULE_STATUS_PRIVATE for "when online": boxes are not told who comes online.
 */
export function scheduleTime(asked: number | undefined, now: number): number | undefined {
  if (asked === undefined) return undefined;
  if (asked === WHEN_ONLINE) throw badRequest('SCHEDULE_STATUS_PRIVATE');
  if (asked <= 0) throw badRequest('SCHEDULE_DATE_INVALID');
  if (asked > now + SCHEDULE_AHEAD_SECONDS_MAX) throw badRequest('SCHEDULE_DATE_TOO_LATE');
  return asked - now < SCHEDULE_AT_ONCE_SECONDS ? undefined : asked;
}

/** Throws CHAT_WRITE_FORBIDDEN where the caller could not write in a group now, what a channel refuses with. Whether he may when it is due, the group decides then. */
export async function admitToSchedule(deps: Pick<Deps, 'channels' | 'engine'>, caller: CallerContext, peer: number): Promise<void> {
  if (isChannelBox(peer)) {
    const [channel] = await deps.channels.find(caller.userId, [peer]);
    const refused = channel?.record === undefined ? 'CHANNEL_INVALID' : postRefusal(channel.record, channel.member, caller.userId, caller.date, 0);
    if (refused !== undefined) throw refusal(refused);
  }
  if (!isGroupBox(peer)) return;
  const view = await findGroupView(deps, caller, -peer);
  const may = view !== undefined && isIn(view) && (isAdminOf(view, caller.userId) || (view.defaultBanned & BANNED.send_messages) === 0);
  if (!may) throw refusal('CHAT_WRITE_FORBIDDEN');
}

/** Keeps a message until `at`: updateMessageID and updateNewScheduledMessage. A repeated random_id is answered like the first time. */
export async function keepForLater(deps: Pick<Deps, 'engine' | 'keyring'>, caller: CallerContext, seal: DialogSeal, at: number, outgoing: Outgoing): Promise<TypeUpdate[]> {
  const { peer, randomId, silent, noforwards, replyTo, mentions, sendAs = 0 } = outgoing;
  const outcome = await submit(deps, caller, {
    case: 'schedule',
    value: {
      message: {
        peer: BigInt(peer), at, randomId, content: sealContent(seal, caller.userId, peer, outgoing.content, outgoing.thread), silent, noforwards,
        replyTo: replyTo?.uid, replyToLocalId: replyTo?.localId, mentions: mentions?.map(BigInt), sendAs: BigInt(sendAs),
      },
      clearDraft: outgoing.clearDraft,
    },
  });
  // It was sent meanwhile.
  if (outcome.message) return sentUpdates(randomId, await sentMessage(deps, caller, outcome));
  const told = outcome.updates.map(({ change }) => change).find((change) => change.case === 'scheduled')?.value;
  const kept = told ?? (await (await deps.engine.read(caller.userId)).scheduled(peer)).find((message) => message.randomId === randomId);
  const [message] = kept ? await scheduledViews(deps, caller.userId, [kept]) : [];
  if (!message) throw badRequest('RANDOM_ID_DUPLICATE');
  return [{ _: 'updateMessageID', id: message.id, random_id: randomId }, { _: 'updateNewScheduledMessage', message }];
}

/** Messages that wait as their author sees them, in the order given. */
export async function scheduledViews(deps: Pick<Deps, 'keyring'>, box: number, scheduled: readonly ScheduledMessage[]): Promise<(Message | MessageService)[]> {
  const opened = await openAll(deps, box, scheduled.map((message) => scheduledRecord(box, message)));
  return opened.map(({ record, content }) => renderMessage(box, record, content, false));
}

/** The message that waits under an id. Throws MESSAGE_ID_INVALID. */
export async function getScheduled(deps: Pick<Deps, 'engine'>, caller: CallerContext, peer: number, id: number): Promise<ScheduledMessage> {
  const [message] = await (await deps.engine.read(caller.userId)).scheduled(peer, [id]);
  if (!message) throw badRequest('MESSAGE_ID_INVALID');
  return message;
}

/** Does something with a message as it is; again, where another session changes it meanwhile. */
export async function unlessChanged<T>(task: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof RpcError && error.type === SCHEDULED_CHANGED)) throw error;
      if (tries === SCHEDULED_CHANGED_TRIES) throw new RpcError(500, 'RPC_CALL_FAIL');
    }
  }
}
