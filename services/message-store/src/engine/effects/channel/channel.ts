import { adminRights, bannedNow } from '@heliograph/box/channel-rights';
import { AdminEventKind, type ChannelAdmin, type ChannelChanged, type ChannelMember, type ChannelRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { adminEvents, loggedChanges, type Logged, type MemberChange } from './admin-log';
import { readMembers, type Change, type Read, type ReadAnswer } from '../../change';
import { isKicked, isRestricted } from '../../member-rows';
import { NO_BYTES } from '../../records';

/**
 * A channel's box while an act changes it: the channel, and those of its members whom the act names, as of the act so far. Nothing of it is the box's
 * before `finish`.
 */
export class Channel {
  private readonly before = new Map<number, ChannelMember | undefined>();
  private readonly members = new Map<number, ChannelMember | undefined>();
  private readonly edited = new Set<number>();
  private told: ChannelChanged | undefined;
  private readonly recordBefore: ChannelRecord | undefined;
  private readonly logged: Logged[] = [];

  constructor(readonly change: Change, readonly actor: number) {
    this.recordBefore = change.dialog(change.box)?.channel;
  }

  get box(): number {
    return this.change.box;
  }

  /** The channel; an empty one before it is made. */
  get record(): ChannelRecord {
    return this.change.dialog(this.box)?.channel ?? NO_CHANNEL;
  }

  get exists(): boolean {
    return this.change.dialog(this.box)?.channel !== undefined;
  }

  editRecord(changes: Partial<ChannelRecord>): void {
    const row = this.change.editDialog(this.box);
    row.channel = { ...(row.channel ?? NO_CHANNEL), ...changes };
  }

  /** Learns what the channel knows of users; to be called before anything asks for them. */
  *load(users: readonly number[]): Generator<Read, void, ReadAnswer> {
    const unknown = [...new Set(users)].filter((user) => !this.before.has(user));
    const found = yield* readMembers(unknown);
    unknown.forEach((user, index) => {
      this.before.set(user, found[index]);
      this.members.set(user, found[index]);
    });
  }

  member(user: number): ChannelMember | undefined {
    if (!this.before.has(user)) throw new Error('an act asks for a member whom it did not load');
    return this.members.get(user);
  }

  /** The same of anybody; undefined where he was not loaded either. */
  known(user: number): ChannelMember | undefined {
    return this.members.get(user);
  }

  isPresent(user: number): boolean {
    return this.member(user)?.present === true;
  }

  /** Keeps the counts of the channel right. */
  editMember(user: number, changes: Partial<ChannelMember>): void {
    const before = this.member(user);
    const after = { ...(before ?? emptyMember(user)), ...changes };
    this.members.set(user, after);
    this.edited.add(user);
    if (user < 0) return;
    const by = (is: (member: ChannelMember) => boolean): number => Number(is(after)) - Number(before !== undefined && is(before));
    const [present, kicked, restricted, ranked] = [by((member) => member.present), by(isKicked), by(isRestricted), by(({ rankSealed }) => rankSealed.length > 0)];
    if (present === 0 && kicked === 0 && restricted === 0 && ranked === 0) return;
    const { memberCount, kickedCount, bannedCount, rankedCount } = this.record;
    this.editRecord({ memberCount: memberCount + present, kickedCount: kickedCount + kicked, bannedCount: bannedCount + restricted, rankedCount: rankedCount + ranked });
  }

  /** Sessions hear that something of the channel is otherwise, and of what this says. Before all that the act writes. */
  tell({ joined = [], left = [], ...others }: Partial<ChannelChanged> = {}): void {
    const before = this.told ?? NOTHING_CHANGED;
    this.told = { ...before, ...others, joined: [...before.joined, ...joined], left: [...before.left, ...left] };
  }

  /** The admin log tells this, beside what the channel itself, its members and links became. */
  log(event: Logged): void {
    this.logged.push(event);
  }

  /** Puts the members' rows and what is told into the change. */
  finish(): void {
    const { change } = this;
    if (change.error !== undefined) return;
    const members: MemberChange[] = [];
    for (const user of this.edited) {
      const before = this.before.get(user);
      const record = { ...(this.members.get(user) as ChannelMember), version: change.version, previous: before?.version ?? 0n };
      change.rows.push({ kind: 'member', record, before });
      members.push({ before, after: record });
    }
    this.putLog(members);
    if (this.told === undefined) return;
    change.announce({ case: 'channel', value: this.told });
    change.updates.unshift(...change.updates.splice(-1));
  }

  private putLog(members: readonly MemberChange[]): void {
    const { change, actor, recordBefore } = this;
    // How a channel began is no event of it.
    if (recordBefore === undefined) return;
    const ranked = new Set(this.logged.flatMap(({ kind, adminAfter }) => (kind === AdminEventKind.RANK ? adminAfter?.user ?? [] : [])));
    // That an admin is called otherwise says that of himself.
    const changes = loggedChanges(actor, recordBefore, this.record, members).filter(({ kind, adminAfter }) => kind !== AdminEventKind.ADMIN || adminAfter === undefined || !ranked.has(adminAfter.user));
    const logged = [...this.logged, ...changes];
    change.rows.push(...adminEvents(logged, actor, change.date, change.version));
  }

  // ── rights, as of the command ──────────────────────────────────────────────────────────────────────────────────────────────

  isCreator(user: number): boolean {
    return Number(this.record.creator) === user;
  }

  admin(user: number): ChannelAdmin | undefined {
    return this.record.admins.find((admin) => Number(admin.user) === user);
  }

  /** Flags of chatAdminRights. */
  adminRights(user: number): number {
    return adminRights(this.record, user);
  }

  /** What somebody (a user, or a channel that posts here) may not, as of the command: flags of chatBannedRights. */
  banned(participant: number): number {
    return bannedNow(this.member(participant), this.change.date);
  }

  /** Whether the actor's rights as an admin have this flag of ADMIN. */
  mayAsAdmin(flag: number): boolean {
    return (this.adminRights(this.actor) & flag) !== 0;
  }

  /** The same, or, in a supergroup, whether nothing takes this flag of BANNED from him as a member. */
  may(flag: number, banned: number): boolean {
    return this.mayAsAdmin(flag) || (!this.record.broadcast && this.isPresent(this.actor) && this.isFree(banned));
  }

  /** Whether neither the channel's default nor the actor's own restrictions have one of these flags of BANNED. */
  isFree(banned: number): boolean {
    return ((this.record.defaultBanned | this.banned(this.actor)) & banned) === 0;
  }
}

const NO_CHANNEL: ChannelRecord = {
  $typeName: 'heliograph.box.v1.ChannelRecord',
  titleSealed: NO_BYTES, aboutSealed: NO_BYTES, creator: 0n, date: 0, broadcast: false, username: '', defaultBanned: 0, memberCount: 0, kickedCount: 0, bannedCount: 0, slowmode: 0,
  signatures: false, signatureProfiles: false, hiddenPrehistory: false, joinToSend: false, joinRequest: false, noforwards: false, participantsHidden: false, antispam: false,
  destroyed: false, ttlPeriod: 0, linked: 0n, migratedFrom: 0n, migratedFromMaxId: 0, admins: [], invites: [], firstReader: 0n, firstReadId: 0, secondReadId: 0, requests: [], heirAt: 0, rankedCount: 0,
};

const NOTHING_CHANGED: ChannelChanged = {
  $typeName: 'heliograph.box.v1.ChannelChanged', joined: [], left: [], participant: 0n, defaultBanned: false, firstReader: 0n, firstReadId: 0, secondReadId: 0,
};

function emptyMember(user: number): ChannelMember {
  return {
    $typeName: 'heliograph.box.v1.ChannelMember',
    user: BigInt(user), version: 0n, previous: 0n, present: false, inviter: 0n, date: 0, banned: 0, untilDate: 0, bannedBy: 0n, nonce: 0, approvedBy: 0n, sinceId: 0, lastPostDate: 0,
    readId: 0, readDate: 0, admin: false, clearedId: 0, sendAs: 0n, titleSealed: NO_BYTES, rankSealed: NO_BYTES,
  };
}
