import { contentRefusal as refusalOf } from '@heliograph/box/group-rights';
import type { Content } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Group } from './group';

/** Creator and admins may do everything in a basic group; the others what its default rights leave. */
export function mayAct(group: Group, banned: number): boolean {
  return isAdmin(group, group.actor) || ((group.record?.defaultBanned ?? 0) & banned) === 0;
}

export function isAdmin(group: Group, user: number): boolean {
  return isCreator(group, user) || (group.has(user) && group.member(user)?.admin === true);
}

export function isCreator(group: Group, user: number): boolean {
  return Number(group.record?.creator ?? 0n) === user && group.has(user);
}

/** Why the actor may not send this; undefined: he may. */
export function contentRefusal(group: Group, content: Content | undefined): string | undefined {
  return isAdmin(group, group.actor) ? undefined : refusalOf(group.record?.defaultBanned ?? 0, content?.mediaClass ?? 0);
}
