import { Status_Kind, type StatusSchema, type UserViewSchema } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { HeliographContact, HeliographUserProfile, TypeBirthday } from '@heliograph/tl/api';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { SERVICE_USER_ID } from './user-id';

export type View = MessageInitShape<typeof UserViewSchema>;
export type StatusView = MessageInitShape<typeof StatusSchema>;

/** All that decides how one user looks to one viewer. */
export interface ViewFacts {
  userId: number;
  viewerId: number;
  profile: Pick<HeliographUserProfile, 'first_name' | 'last_name' | 'phone' | 'lang_code' | 'about' | 'birthday'>;
  username: string;
  bot: boolean;
  deleted: boolean;
  status: StatusView;
  /** The viewer's contact entry for the user. */
  saved: Pick<HeliographContact, 'first_name' | 'last_name' | 'phone' | 'close_friend'> | undefined;
  /** The user has the viewer in their contacts. */
  viewerIsContact: boolean;
  /** The user blocks the viewer. */
  viewerIsBlocked: boolean;
}

/**
 * A user as one viewer may see them. The name is the one that the viewer saved; the phone shows to oneself, to the user's contacts and to
 * whoever saved that very number; the status shows to everybody whom the user does not block (the defaults of core.telegram.org/api/privacy).
 */
export function viewOf(facts: ViewFacts): View {
  const { userId, viewerId, profile, saved } = facts;
  const self = userId === viewerId;
  const contact = saved !== undefined;
  const base: View = { id: BigInt(userId), self, contact, mutualContact: contact && facts.viewerIsContact && !self };
  if (facts.deleted) return { ...base, deleted: true };
  const knowsPhone = self || facts.viewerIsContact || (saved !== undefined && saved.phone !== '' && saved.phone === profile.phone);
  const named = saved !== undefined && (saved.first_name !== '' || saved.last_name !== '') && !self;
  return {
    ...base,
    bot: facts.bot,
    closeFriend: saved?.close_friend === true && !self,
    firstName: named ? saved.first_name : profile.first_name,
    lastName: named ? saved.last_name : profile.last_name,
    username: facts.username,
    phone: knowsPhone && !facts.viewerIsBlocked ? profile.phone : '',
    status: facts.viewerIsBlocked && !self ? { kind: Status_Kind.UNSPECIFIED } : facts.status,
    langCode: self ? profile.lang_code ?? '' : '',
    about: facts.viewerIsBlocked && !self ? '' : profile.about ?? '',
    birthday: facts.viewerIsBlocked && !self ? undefined : birthdayView(profile.birthday),
  };
}

const birthdayView = (birthday: TypeBirthday | undefined): View['birthday'] => birthday && { day: birthday.day, month: birthday.month, year: birthday.year ?? 0 };

/** The service account, the same for everybody in every DC. */
export const serviceUserView = (viewerId: number): View => ({
  id: BigInt(SERVICE_USER_ID), self: viewerId === SERVICE_USER_ID, verified: true, support: true, firstName: 'Heliograph', phone: '42777',
  status: { kind: Status_Kind.UNSPECIFIED },
});

/** Online while `onlineUntil` is ahead, else offline since the last moment known. All in Unix seconds; 0: never seen. */
export function statusOf({ onlineUntil, lastSeenAt, date }: { onlineUntil: number; lastSeenAt: number; date: number }): StatusView {
  if (onlineUntil > date) return { kind: Status_Kind.ONLINE, time: onlineUntil };
  // The durable moment may be the end of an online period that the ephemeral store lost.
  const seen = Math.min(Math.max(lastSeenAt, onlineUntil), date);
  return seen > 0 ? { kind: Status_Kind.OFFLINE, time: seen } : { kind: Status_Kind.UNSPECIFIED };
}
