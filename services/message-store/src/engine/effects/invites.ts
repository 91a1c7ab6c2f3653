import type { ChannelAnswerRequests, ChannelSetInvite, GroupInvite, JoinRequest } from '@heliograph/protos/heliograph/box/v1/box_pb';

/** What basic groups and channels do alike with their links and with those who ask to be let in: lists of records, which are never changed in place. */

/** Whether nobody can join by the link any more. */
export function isSpent(invite: GroupInvite, date: number): boolean {
  return invite.revoked || (invite.expireDate > 0 && invite.expireDate <= date) || (invite.usageLimit > 0 && invite.usage >= invite.usageLimit);
}

/** Who changes links: admins their own, the creator all. */
interface Inviter {
  readonly actor: number;
  readonly isCreator: boolean;
}

const isOf = ({ actor, isCreator }: Inviter, invite: GroupInvite): boolean => isCreator || Number(invite.admin) === actor;

/** The links with one made or changed, at most `max`; or why not: INVITE_HASH_INVALID, CHAT_ADMIN_REQUIRED, INVITES_TOO_MUCH. */
export function withInvite(invites: readonly GroupInvite[], { invite, replacesPermanent }: Pick<ChannelSetInvite, 'invite' | 'replacesPermanent'>, inviter: Inviter, max: number): GroupInvite[] | string {
  if (invite === undefined || invite.nonce === 0) return 'INVITE_HASH_INVALID';
  const known = invites.find(({ nonce }) => nonce === invite.nonce);
  if (known !== undefined && !isOf(inviter, known)) return 'CHAT_ADMIN_REQUIRED';
  const { actor } = inviter;
  const kept = invites
    .map((each) => (replacesPermanent && each.permanent && Number(each.admin) === actor && each !== known ? { ...each, permanent: false, revoked: true } : each))
    .filter((each) => each !== known);
  if (kept.length >= max) {
    // The oldest revoked one is forgotten; with none, no more are made.
    const oldest = kept.findIndex(({ revoked }) => revoked);
    if (oldest < 0) return 'INVITES_TOO_MUCH';
    kept.splice(oldest, 1);
  }
  return [...kept, { ...invite, admin: known?.admin ?? BigInt(actor), usage: known?.usage ?? 0 }];
}

/** The links without those of the nonces that were revoked and are the inviter's to forget. What still holds stays. */
export function withoutRevoked(invites: readonly GroupInvite[], nonces: readonly number[], inviter: Inviter): GroupInvite[] {
  const forgotten = new Set(nonces);
  return invites.filter((invite) => !(invite.revoked && forgotten.has(invite.nonce) && isOf(inviter, invite)));
}

/** The links, one of which somebody came by. */
export function withUse(invites: readonly GroupInvite[], nonce: number): GroupInvite[] {
  return invites.map((invite) => (invite.nonce === nonce ? { ...invite, usage: invite.usage + 1 } : invite));
}

/** The requests with one more at the end, at most `max` (then the oldest is forgotten); undefined: that user asked already. */
export function withRequest(requests: readonly JoinRequest[], { user, date, nonce }: Pick<JoinRequest, 'user' | 'date' | 'nonce'>, max: number): JoinRequest[] | undefined {
  if (requests.some((each) => each.user === user)) return undefined;
  return [...requests, { $typeName: 'heliograph.box.v1.JoinRequest' as const, user, date, nonce }].slice(-max);
}

/** The requests that an answer is about: of those named, or of one link, or all. */
export function requestsNamed(requests: readonly JoinRequest[], { users, nonce }: Pick<ChannelAnswerRequests, 'users' | 'nonce'>): JoinRequest[] {
  const named = new Set(users);
  return requests.filter((request) => (named.size > 0 ? named.has(request.user) : nonce === 0 || request.nonce === nonce));
}

export function withoutRequests(requests: readonly JoinRequest[], answered: readonly Pick<JoinRequest, 'user'>[]): JoinRequest[] {
  const gone = new Set(answered.map(({ user }) => user));
  return requests.filter(({ user }) => !gone.has(user));
}
