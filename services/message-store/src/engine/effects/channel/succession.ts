import { channelHeir } from '@heliograph/box/heir';
import { ADMIN_ALL } from '@heliograph/box/group-rights';
import type { ChannelAdmin, ChannelSucceed, Content } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { DUE_CREATOR } from '../../../tables/box-due';
import { CREATOR_AWAITED_SECONDS } from '../../limits';
import { NO_BYTES } from '../../records';
import type { Channel } from './channel';
import { announceInGroup } from './posts';


/** Told to whoever named another heir than the channel has by now: never to a client. */
export const HEIR_CHANGED = 'HEIR_CHANGED';

/** The creator goes. He stays it for a while, without its rights; then the channel is its heir's as of then. */
export function leaveToHeir(channel: Channel): void {
  const { change } = channel;
  const heirAt = change.date + CREATOR_AWAITED_SECONDS;
  channel.editRecord({ heirAt });
  change.rows.push({ kind: 'due', at: heirAt, due: DUE_CREATOR, peer: 0, id: 0 });
}

/** The creator is back in time, or nobody could be his heir: he has all as before, but a title. */
export function takeBack(channel: Channel, user: number): void {
  channel.editRecord({ heirAt: 0, admins: [ownerOf(channel, user), ...channel.record.admins] });
  channel.editMember(user, { admin: true });
}

/** His time is over. Nothing where he is back, or left again since: that is another time. Who became the heir meanwhile is told in the next try. */
export function succeed(channel: Channel, { heir, due }: ChannelSucceed, notice: Content | undefined): void {
  const { change, record, actor } = channel;
  const over = !record.destroyed && record.heirAt !== 0 && record.heirAt <= change.date;
  const user = channelHeir(record);
  if (over && user !== Number(heir)) return;
  if (due !== undefined) change.rows.push({ kind: 'dueDone', due });
  // An admin who was no heir may become one, and the creator may come back for as long as nobody is.
  if (!over || user === 0) return;
  const owner = ownerOf(channel, user);
  channel.editRecord({ creator: BigInt(user), heirAt: 0, admins: [owner, ...record.admins.filter((admin) => Number(admin.user) !== user)] });
  channel.tell({ participant: BigInt(user) });
  announceInGroup(channel, notice, actor);
}

function ownerOf({ change, record }: Channel, user: number): ChannelAdmin {
  const before = record.admins.find((admin) => Number(admin.user) === user);
  return {
    $typeName: 'heliograph.box.v1.ChannelAdmin', user: BigInt(user), rights: ADMIN_ALL | (before?.rights ?? 0), rankSealed: before?.rankSealed ?? NO_BYTES, promotedBy: BigInt(user),
    date: before?.date ?? change.date,
  };
}
