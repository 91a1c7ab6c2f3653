import type { User, UserEmpty, TypeUserStatus } from '@heliograph/tl/api';
import { Status_Kind, type Status, type UserView } from '@heliograph/protos/heliograph/users/v1/users_pb';

/** TL `user` as its viewer sees it. `accessHash`: the viewer's own, from `accessHash()`. */
export function userFromView(view: UserView, accessHash: bigint): User {
  const user: User = { _: 'user', id: Number(view.id), access_hash: accessHash };
  if (view.self) user.self = true;
  if (view.contact) user.contact = true;
  if (view.mutualContact) user.mutual_contact = true;
  if (view.deleted) {
    user.deleted = true;
    return user;
  }
  if (view.closeFriend) user.close_friend = true;
  if (view.bot) {
    user.bot = true;
    user.bot_info_version = Math.max(1, view.botInfoVersion);
  }
  if (view.verified) user.verified = true;
  if (view.support) user.support = true;
  if (view.firstName) user.first_name = view.firstName;
  if (view.lastName) user.last_name = view.lastName;
  if (view.username) user.username = view.username;
  if (view.phone) user.phone = view.phone;
  const status = view.bot ? undefined : statusFromView(view.status);
  if (status) user.status = status;
  return user;
}

/** TL status; undefined for userStatusEmpty (the field is then left out). */
export function statusFromView(status: Status | undefined): TypeUserStatus | undefined {
  switch (status?.kind) {
    case Status_Kind.ONLINE:
      return { _: 'userStatusOnline', expires: status.time };
    case Status_Kind.OFFLINE:
      return { _: 'userStatusOffline', was_online: status.time };
    case Status_Kind.RECENTLY:
      return { _: 'userStatusRecently' };
    case Status_Kind.LAST_WEEK:
      return { _: 'userStatusLastWeek' };
    case Status_Kind.LAST_MONTH:
      return { _: 'userStatusLastMonth' };
    default:
      return undefined;
  }
}

export const userEmpty = (id: number): UserEmpty => ({ _: 'userEmpty', id });
