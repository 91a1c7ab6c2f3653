import { create } from '@bufbuild/protobuf';
import {
  AdminEventKind as Kind, AdminEventSchema, ChannelAdminSchema, ChannelRecordSchema, type AdminEvent, type ChannelAdmin, type ChannelMember, type ChannelRecord, type GroupInvite, type MessageRecord,
} from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { RowChange } from '../../change';
import { ADMIN_EVENTS_MAX } from '../../limits';
import { emptyMessage } from '../../records';

/** What an event is about, beside who did it and when. `repeated`: a message is not there any more as it was. */
export type Logged = Partial<Omit<AdminEvent, '$typeName' | '$unknown' | 'id' | 'date'>> & { kind: Kind; repeated?: boolean };

/**
 * A message as it was before this command, of what no reaction, vote or answer changes. A repetition after a crash may find its row without that, because this command or a later
 * one has been at it: then only whose it is, so that every repetition tells the same.
 */
export function originalOf(message: MessageRecord, version: bigint): { original: MessageRecord; repeated: boolean } {
  const { id, peer, from, author, date, content, editDate, editHide, replyToId, threadId } = message;
  const repeated = content === undefined || message.editedVersion >= version;
  const known = { ...emptyMessage(), id, peer, from, author, date };
  return { original: repeated ? known : { ...known, content, editDate, editHide, replyToId, threadId }, repeated };
}

/** A member before and after an act. */
export interface MemberChange {
  readonly before: ChannelMember | undefined;
  readonly after: ChannelMember;
}

/** Fields of a channel whose change is told by itself. */
const FIELDS: readonly (readonly [Kind, keyof ChannelRecord])[] = [
  [Kind.TITLE, 'titleSealed'], [Kind.ABOUT, 'aboutSealed'], [Kind.USERNAME, 'username'], [Kind.DEFAULT_RIGHTS, 'defaultBanned'], [Kind.SIGNATURES, 'signatures'],
  [Kind.SIGNATURE_PROFILES, 'signatureProfiles'], [Kind.PREHISTORY, 'hiddenPrehistory'], [Kind.SLOWMODE, 'slowmode'], [Kind.TTL, 'ttlPeriod'], [Kind.NOFORWARDS, 'noforwards'], [Kind.LINKED, 'linked'],
];

/** What an act made of a channel, its members and its links, in the words of the admin log. */
export function loggedChanges(actor: number, before: ChannelRecord, after: ChannelRecord, members: readonly MemberChange[]): Logged[] {
  return [...loggedFields(before, after), ...members.flatMap((member) => loggedMember(actor, after, member)), ...loggedAdmins(before, after, members), ...loggedInvites(before, after)];
}

function loggedFields(before: ChannelRecord, after: ChannelRecord): Logged[] {
  const only = (record: ChannelRecord, field: keyof ChannelRecord): ChannelRecord => create(ChannelRecordSchema, { [field]: record[field] });
  return FIELDS.filter(([, field]) => before[field] !== after[field]).map(([kind, field]) => ({ kind, before: only(before, field), after: only(after, field) }));
}

/** Who takes part by himself is who did it; one who was let in on his request is, too. */
function loggedMember(actor: number, { invites }: ChannelRecord, { before, after }: MemberChange): Logged[] {
  const events: Logged[] = [];
  const was = before?.present ?? false;
  if ((before?.banned ?? 0) !== after.banned || (before?.untilDate ?? 0) !== after.untilDate) events.push({ kind: Kind.BAN, memberBefore: before, memberAfter: after });
  else if (was && !after.present) events.push({ kind: Kind.LEAVE, user: after.user });
  if (!was && after.present) {
    const own = Number(after.user) === actor || after.approvedBy > 0n;
    const inviteAfter = after.nonce === 0 ? undefined : invites.find(({ nonce }) => nonce === after.nonce);
    events.push(own ? { kind: Kind.JOIN, user: after.user, memberAfter: after, inviteAfter } : { kind: Kind.INVITE, memberAfter: after });
  }
  return events;
}

function loggedAdmins(before: ChannelRecord, after: ChannelRecord, members: readonly MemberChange[]): Logged[] {
  const of = ({ admins }: ChannelRecord): Map<bigint, ChannelAdmin> => new Map(admins.map((admin) => [admin.user, admin]));
  if (before.admins === after.admins) return [];
  const [earlier, later] = [of(before), of(after)];
  const changed = [...new Set([...earlier.keys(), ...later.keys()])].filter((user) => earlier.get(user) !== later.get(user));
  return changed.flatMap((user) => {
    const member = members.find((each) => each.after.user === user);
    // That somebody left, or was banned, says it already.
    if (later.get(user) === undefined && member !== undefined && (!member.after.present || member.after.banned !== 0)) return [];
    return [{
      kind: Kind.ADMIN, memberBefore: member?.before, memberAfter: member?.after,
      adminBefore: earlier.get(user) ?? (later.has(user) ? undefined : create(ChannelAdminSchema, { user })), adminAfter: later.get(user) ?? create(ChannelAdminSchema, { user }),
    }];
  });
}

function loggedInvites(before: ChannelRecord, after: ChannelRecord): Logged[] {
  if (before.invites === after.invites) return [];
  const later = new Map(after.invites.map((invite) => [invite.nonce, invite]));
  return before.invites.flatMap((invite): Logged[] => {
    const now = later.get(invite.nonce);
    if (now === undefined) return [{ kind: Kind.INVITE_DELETE, inviteBefore: invite }];
    if (now.revoked && !invite.revoked) return [{ kind: Kind.INVITE_REVOKE, inviteBefore: now }];
    return sameTerms(invite, now) ? [] : [{ kind: Kind.INVITE_EDIT, inviteBefore: invite, inviteAfter: now }];
  });
}

function sameTerms(a: GroupInvite, b: GroupInvite): boolean {
  return a.expireDate === b.expireDate && a.usageLimit === b.usageLimit && a.requestNeeded === b.requestNeeded && a.permanent === b.permanent && Buffer.compare(a.titleSealed, b.titleSealed) === 0;
}

/** The rows of one command's events, those beyond ADMIN_EVENTS_MAX left out. */
export function adminEvents(logged: readonly Logged[], actor: number, date: number, version: bigint): RowChange[] {
  return logged.slice(0, ADMIN_EVENTS_MAX).map(({ repeated = false, ...event }, index) => {
    return { kind: 'logged', event: create(AdminEventSchema, { user: BigInt(actor), ...event, id: version * BigInt(ADMIN_EVENTS_MAX) + BigInt(index), date }), repeated };
  });
}
