import { ADMIN_ALL, adminBits, GROUP_ADMIN_RIGHTS } from '@heliograph/box/group-rights';
import type { ChannelAdmin, ChannelCreate, Content } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Effect } from '../../change';
import { CHANNEL_ADMINS_MAX } from '../../limits';
import type { Channel } from './channel';
import { enter } from './members';
import { addPost } from './posts';

/** What an admin of a basic group could do there. */
const MIGRATED_ADMIN_RIGHTS = adminBits(GROUP_ADMIN_RIGHTS);

/** Makes the channel; refused where the id is taken. Members, and those who asked to be let in, come along from a basic group alone. */
export function* createChannel(channel: Channel, body: ChannelCreate, notice: Content | undefined): Effect {
  const { change, actor } = channel;
  if (channel.exists) return change.refuse('CHANNEL_ID_TAKEN');
  const migrants = body.members.filter(({ user }) => user > 0n && Number(user) !== actor);
  yield* channel.load(migrants.map(({ user }) => Number(user)));
  const admin = (user: bigint, rights: number): ChannelAdmin => ({
    $typeName: 'heliograph.box.v1.ChannelAdmin', user, rights, rankSealed: new Uint8Array(0), promotedBy: BigInt(actor), date: change.date,
  });
  const admins = migrants.filter((migrant) => migrant.admin).slice(0, CHANNEL_ADMINS_MAX - 1);
  channel.editRecord({
    titleSealed: body.titleSealed, aboutSealed: body.aboutSealed, creator: BigInt(actor), date: change.date, broadcast: body.broadcast, ttlPeriod: body.ttlPeriod,
    migratedFrom: body.migratedFrom, migratedFromMaxId: body.migratedFromMaxId, defaultBanned: body.defaultBanned, invites: body.invites, requests: body.requests,
    admins: [admin(BigInt(actor), ADMIN_ALL), ...admins.map(({ user }) => admin(user, MIGRATED_ADMIN_RIGHTS))],
  });
  enter(channel, actor, { admin: true });
  for (const migrant of migrants) {
    enter(channel, Number(migrant.user), { inviter: migrant.inviter, date: migrant.date, admin: admins.includes(migrant) });
  }
  if (notice !== undefined) addPost(channel, { content: notice });
}
