import { adminRights, bannedNow, isCreator, isKicked, isMember, mayRead } from '@heliograph/box/channel-rights';
import { channelOfBox } from '@heliograph/box/box-id';
import { BANNED, bannedRights, chatAdminRights } from '@heliograph/box/group-rights';
import type { ChannelRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChannelState } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import type { Channel, ChannelForbidden, TypeChat } from '@heliograph/tl/api';

/**
 * A supergroup or broadcast as its viewer sees it (docs: core.telegram.org/constructor/channel): `channelForbidden` where it has ended, or the viewer was banned or has never been
 * in it while it has no public name and discusses no broadcast; undefined where there is none. `now`: unix seconds.
 */
export function channelFromState({ channel: box, record, member, title }: Pick<ChannelState, 'channel' | 'record' | 'member' | 'title'>, viewerId: number, accessHash: bigint, now: number): TypeChat | undefined {
  if (record === undefined) return undefined;
  const id = channelOfBox(Number(box));
  const readable = mayRead(record, member, now);
  // Who was never in a group that discusses a broadcast's posts may still comment on them.
  const knows = member !== undefined || (record.linked !== 0n && !record.broadcast);
  if (!readable && (!knows || record.destroyed || isKicked(member, now))) {
    const forbidden: ChannelForbidden = { _: 'channelForbidden', id, access_hash: accessHash, title };
    if (record.broadcast) forbidden.broadcast = true;
    else forbidden.megagroup = true;
    if (isKicked(member, now) && member !== undefined && member.untilDate > 0) forbidden.until_date = member.untilDate;
    return forbidden;
  }
  const present = isMember(member);
  const channel: Channel = {
    _: 'channel', id, access_hash: accessHash, title, photo: { _: 'chatPhotoEmpty' }, date: present && member !== undefined ? member.date : record.date,
  };
  if (isCreator(record, viewerId)) channel.creator = true;
  if (!present) channel.left = true;
  show(channel, record);
  if (record.signatures) channel.signatures = true;
  if (record.signatureProfiles) channel.signature_profiles = true;
  if (readable) channel.participants_count = record.memberCount;
  const rights = present ? adminRights(record, viewerId) : 0;
  if (rights !== 0) channel.admin_rights = chatAdminRights(rights);
  const banned = bannedNow(member, now);
  if (banned !== 0 && member !== undefined) channel.banned_rights = bannedRights(banned, member.untilDate || undefined);
  return channel;
}

/**
 * A channel as everybody may see it who is shown something of it: without what depends on who looks. One that has ended is `channelForbidden`, without a hash, which would
 * open nothing: clients that are told `updateChannel` look for it there. Undefined where there has been none.
 */
export function minChannel({ channel: box, record, title }: Pick<ChannelState, 'channel' | 'record' | 'title'>): Channel | ChannelForbidden | undefined {
  if (record === undefined) return undefined;
  if (record.destroyed) return { _: 'channelForbidden', ...(record.broadcast ? { broadcast: true } : { megagroup: true }), id: channelOfBox(Number(box)), access_hash: 0n, title };
  const channel: Channel = { _: 'channel', min: true, id: channelOfBox(Number(box)), title, photo: { _: 'chatPhotoEmpty' }, date: record.date };
  show(channel, record);
  return channel;
}

/** A channel as somebody is shown it who was invited and is not in it, without a hash to name it by; undefined where there is none any more. */
export function invitedChannel(state: Pick<ChannelState, 'channel' | 'record' | 'title'>): Channel | undefined {
  const shown = minChannel(state);
  return shown?._ === 'channel' ? { ...shown, min: undefined, left: true, access_hash: 0n, participants_count: state.record?.memberCount } : undefined;
}

/** What is the same for everybody. A `min` channel says all of it: clients take its absence there for news, of default rights for that nobody may write. */
function show(channel: Channel, record: ChannelRecord): void {
  if (record.broadcast) channel.broadcast = true;
  else channel.megagroup = true;
  if (record.slowmode > 0) channel.slowmode_enabled = true;
  if (record.noforwards) channel.noforwards = true;
  if (record.joinToSend) channel.join_to_send = true;
  if (record.joinRequest) channel.join_request = true;
  if (record.linked !== 0n) channel.has_link = true;
  if (record.username !== '') channel.username = record.username;
  if (!record.broadcast) channel.default_banned_rights = bannedRights(record.defaultBanned & ~BANNED.view_messages);
}
