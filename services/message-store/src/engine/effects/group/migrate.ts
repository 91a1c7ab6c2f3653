import { channelBox } from '@heliograph/box/box-id';
import type { Content, GroupMigrate } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change } from '../../change';
import type { Group } from './group';
import { addPost } from './posts';
import { isAdmin, isCreator } from './rights';

/** The group ends and becomes a supergroup with the members of this moment: nobody comes or goes between. The creator's to do. */
export function migrate(change: Change, group: Group, body: GroupMigrate, notice: Content | undefined): void {
  if (!isCreator(group, group.actor)) return group.refuse('CHAT_ADMIN_REQUIRED');
  const { record } = group;
  const members = group.present().map((user) => ({
    $typeName: 'heliograph.box.v1.ChannelMigrant' as const, user: BigInt(user), admin: isAdmin(group, user), inviter: group.member(user)?.inviter ?? 0n, date: group.member(user)?.date ?? 0,
  }));
  // The links that they came by stay behind.
  const requests = (record?.requests ?? []).map((request) => ({ ...request, nonce: 0 }));
  group.editRecord({ deactivated: true, migratedTo: body.channelId, version: (record?.version ?? 0) + 1, requests: [] });
  addPost(change, group, { content: notice, told: { case: 'other', value: true } }, true);
  change.derived.push({
    box: channelBox(Number(body.channelId)),
    body: {
      case: 'channelAct',
      value: {
        $typeName: 'heliograph.box.v1.ChannelAct', actor: BigInt(group.actor), notice: body.channelNotice,
        act: {
          case: 'create',
          value: {
            $typeName: 'heliograph.box.v1.ChannelCreate', titleSealed: body.titleSealed, aboutSealed: body.aboutSealed, broadcast: false, ttlPeriod: record?.ttlPeriod ?? 0,
            migratedFrom: BigInt(-group.box), migratedFromMaxId: 0, members, defaultBanned: record?.defaultBanned ?? 0, invites: [], requests,
          },
        },
      },
    },
  });
}
