import { ADMIN, BANNED } from '@heliograph/box/group-rights';
import type {
  ChannelRecord, ChannelSetAbout, ChannelSetDefaultRights, ChannelSetSettings, ChannelSetTitle, ChannelSetUsername, Content,
} from '@heliograph/protos/heliograph/box/v1/box_pb';
import { announceTtl } from '../ttl';
import type { Channel } from './channel';
import { tellMembership } from './members';
import { addPost } from './posts';

export function setTitle(channel: Channel, { titleSealed }: ChannelSetTitle, notice: Content | undefined): void {
  if (!channel.may(ADMIN.change_info, BANNED.change_info)) return channel.change.refuse('CHAT_ADMIN_REQUIRED');
  channel.editRecord({ titleSealed });
  channel.tell();
  if (notice !== undefined) addPost(channel, { content: notice });
}

export function setAbout(channel: Channel, { aboutSealed }: ChannelSetAbout): void {
  if (!channel.may(ADMIN.change_info, BANNED.change_info)) return channel.change.refuse('CHAT_ADMIN_REQUIRED');
  channel.editRecord({ aboutSealed });
  channel.tell();
}

export function setDefaultRights(channel: Channel, { banned }: ChannelSetDefaultRights): void {
  const { change, record } = channel;
  if (record.broadcast) return change.refuse('CHANNEL_INVALID');
  if (!channel.mayAsAdmin(ADMIN.ban_users)) return change.refuse('CHAT_ADMIN_REQUIRED');
  if (record.defaultBanned === banned) return change.refuse('CHAT_NOT_MODIFIED');
  channel.editRecord({ defaultBanned: banned });
  channel.tell({ defaultBanned: true });
}

type Setting = Exclude<keyof ChannelSetSettings, '$typeName' | '$unknown'>;

/** The right that each setting takes. Whether messages may be passed on is the creator's to say. */
const RIGHTS: Record<Setting, number> = {
  signatures: ADMIN.change_info, signatureProfiles: ADMIN.change_info, hiddenPrehistory: ADMIN.change_info, linked: ADMIN.change_info, ttlPeriod: ADMIN.change_info, noforwards: 0,
  slowmode: ADMIN.ban_users, joinToSend: ADMIN.ban_users, joinRequest: ADMIN.ban_users, participantsHidden: ADMIN.ban_users, antispam: ADMIN.delete_messages,
};

export function setSettings(channel: Channel, body: ChannelSetSettings, notice: Content | undefined): void {
  const { change, record, actor } = channel;
  const named = (Object.keys(RIGHTS) as Setting[]).filter((setting) => body[setting] !== undefined);
  if (!channel.isCreator(actor) && !named.every((setting) => channel.mayAsAdmin(RIGHTS[setting]))) return change.refuse('CHAT_ADMIN_REQUIRED');
  const changed = named.filter((setting) => body[setting] !== record[setting]);
  if (changed.length === 0) return change.refuse('CHAT_NOT_MODIFIED');
  // What everybody can look up has no history that is hidden.
  if (body.hiddenPrehistory === true && record.username !== '') return change.refuse('CHAT_LINK_EXISTS');
  channel.editRecord(Object.fromEntries(changed.map((setting) => [setting, body[setting]])) as Partial<ChannelRecord>);
  channel.tell();
  if (changed.includes('ttlPeriod')) announceTtl(change, BigInt(channel.box), channel.record.ttlPeriod);
  if (notice !== undefined) addPost(channel, { content: notice });
}

export function setUsername(channel: Channel, { username }: ChannelSetUsername): void {
  if (!channel.isCreator(channel.actor)) return channel.change.refuse('CHAT_ADMIN_REQUIRED');
  channel.editRecord(username === '' ? { username } : { username, hiddenPrehistory: false });
  channel.tell();
}

/** The channel ends. Members find it gone; those whom it names by itself are told. */
export function destroy(channel: Channel): void {
  const { change, actor, record } = channel;
  if (!channel.isCreator(actor)) return change.refuse('CHAT_ADMIN_REQUIRED');
  channel.editRecord({ destroyed: true, username: '', requests: [] });
  for (const { user } of record.admins) tellMembership(channel, Number(user), { present: false, inviter: 0n, kicked: false });
  channel.tell();
}
