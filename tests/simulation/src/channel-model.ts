import { channelOfBox } from '@heliograph/box/box-id';
import { ADMIN, BANNED } from '@heliograph/box/group-rights';
import type { ChannelAct, ChannelPost, Command } from '@heliograph/protos/heliograph/box/v1/box_pb';

interface Member {
  present: boolean;
  banned: number;
  until: number;
  lastPost: number;
}

interface Post {
  author: number;
  content: string;
  /** First message of its thread, 0: none. */
  thread: number;
  /** Of a broadcast: the group that it was brought to, 0: none. */
  discussion: number;
  /** Emoji by who reacted. */
  reactions: Map<number, string>;
}

/** What an act does by the model. */
export interface Verdict {
  refused: boolean;
  /** The message that a post made, or had made. */
  id?: number;
  pts: number;
}

/** Shorter restrictions are for ever. */
const BAN_SECONDS_MIN = 30;
/** What an admin of a basic group may in the supergroup. */
const MIGRATED_RIGHTS = ADMIN.change_info | ADMIN.delete_messages | ADMIN.ban_users | ADMIN.invite_users | ADMIN.pin_messages | ADMIN.manage_call | ADMIN.other | ADMIN.manage_ranks;
/** pts of a channel in which nothing happened yet. */
const FIRST_PTS = 1;
const decoder = new TextDecoder();

/**
 * A supergroup as its rules say, in the fewest words: the acts of its log, one after the other, each allowed or refused by what was before it. It knows
 * no rows, versions, caches; what the engine says must be the same. Of a broadcast it knows what is posted, edited and deleted, and where that is discussed.
 */
export class ChannelModel {
  pts = FIRST_PTS;
  exists = false;
  creator = 0;
  defaultBanned = 0;
  slowmode = 0;
  isPublic = false;
  broadcast = false;
  /** The channel that it discusses, or is discussed in; 0: none. */
  linked = 0;
  /** What a broadcast tells groups, and what a group was told by broadcasts, in order; by the other's channel id. */
  readonly tells = new Map<number, string[]>();
  readonly heard = new Map<number, string[]>();
  /** What was derived already, and the copies of posts: by the post. */
  private readonly origins = new Set<string>();
  /** Of each box that derives commands for this one, the last that was taken. */
  private readonly marks = new Map<bigint, { version: bigint; index: number }>();
  private readonly copies = new Map<string, number>();
  readonly members = new Map<number, Member>();
  readonly admins = new Map<number, { rights: number; by: number; since: number }>();
  /** Its creator left, and is awaited. */
  away = false;
  readonly links = new Map<number, { limit: number; usage: number; revoked: boolean }>();
  readonly messages = new Map<number, Post>();
  readonly pinned = new Set<number>();
  /** Mentions of each member since the last coming or going. */
  readonly mentions = new Map<number, number[]>();
  private readonly sent = new Map<string, number>();

  get memberCount(): number {
    return [...this.members.values()].filter(({ present }) => present).length;
  }

  apply({ actor: who, act, notice }: ChannelAct, date: number): Verdict {
    const actor = Number(who);
    const text = decoder.decode(notice?.sealed);
    const done = (id?: number): Verdict => ({ refused: false, id, pts: this.pts });
    const refused = { refused: true, pts: this.pts };
    const says = (): void => { if (text !== '') this.write(actor, text); };
    if (act.case === 'create') {
      if (this.exists) return refused;
      this.exists = true;
      this.broadcast = act.value.broadcast;
      this.defaultBanned = act.value.defaultBanned;
      this.creator = actor;
      this.admins.set(actor, { rights: -1, by: actor, since: date });
      this.come(actor, date);
      // Of a basic group that became this one.
      for (const { user, admin } of act.value.members) {
        if (Number(user) === actor) continue;
        this.come(Number(user), date);
        if (admin) this.admins.set(Number(user), { rights: MIGRATED_RIGHTS, by: actor, since: date });
      }
      says();
      return done();
    }
    if (!this.exists) return refused;
    const kicked = (this.bannedNow(actor, date) & BANNED.view_messages) !== 0;
    if (act.case === 'join') {
      const link = this.links.get(act.value.nonce);
      const open = act.value.nonce === 0 ? actor === this.creator || this.isPublic || (!this.broadcast && this.linked !== 0) : link !== undefined && !link.revoked && (link.limit === 0 || link.usage < link.limit);
      if (this.isIn(actor) || kicked || !open) return refused;
      if (link !== undefined) link.usage += 1;
      this.come(actor, date);
      says();
      return done();
    }
    // A group that discusses a broadcast takes comments of strangers.
    const commented = act.case === 'post' || act.case === 'edit' || act.case === 'delete' || act.case === 'react';
    if (!this.isIn(actor) && (!commented || kicked || this.broadcast || this.linked === 0 || !this.mayWrite(actor, date))) return refused;
    switch (act.case) {
      case 'post': return this.post(actor, act.value, date, done, refused);
      case 'edit': {
        const post = this.messages.get(act.value.id);
        if (post?.author !== actor || !this.mayWrite(actor, date)) return refused;
        this.pts += 1;
        post.content = decoder.decode(act.value.content?.sealed);
        this.tell(post.discussion, `edit ${act.value.id} ${post.content}`);
        return done();
      }
      case 'delete': {
        const ids = act.value.ids.filter((id) => this.messages.has(id));
        if (!ids.every((id) => this.messages.get(id)?.author === actor || this.has(actor, ADMIN.delete_messages))) return refused;
        const discussed = ids.filter((id) => this.messages.get(id)?.discussion === this.linked).sort((a, b) => a - b);
        this.erase(ids);
        if (discussed.length > 0) this.tell(this.linked, `delete ${discussed.join()}`);
        return done();
      }
      case 'pin': {
        const { id, unpin } = act.value;
        if (!this.may(actor, ADMIN.pin_messages, BANNED.pin_messages, date) || !this.messages.has(id)) return refused;
        if (this.pinned.has(id) === !unpin) return done();
        if (unpin) this.pinned.delete(id);
        else this.pinned.add(id);
        this.pts += 1;
        if (!unpin) says();
        return done();
      }
      case 'react': {
        const post = this.messages.get(act.value.id);
        const emoji = decoder.decode(act.value.reaction?.sealed);
        const free = this.admins.has(actor) || ((this.defaultBanned | this.bannedNow(actor, date)) & BANNED.send_reactions) === 0;
        if (post === undefined || (emoji !== '' && !free)) return refused;
        this.pts += 1;
        if (emoji === '') post.reactions.delete(actor);
        else post.reactions.set(actor, emoji);
        return done();
      }
      case 'read': return done();
      case 'leave':
        if (actor === this.creator) {
          if (act.value.heir === 0n || Number(act.value.heir) !== this.heir()) return refused;
          this.away = true;
        }
        says();
        this.go(actor);
        return done();
      case 'invite': {
        if (!this.may(actor, ADMIN.invite_users, BANNED.invite_users, date)) return refused;
        const users = [...new Set(act.value.users.map(Number))];
        const added = users.filter((user) => !this.isIn(user) && ((this.bannedNow(user, date) & BANNED.view_messages) === 0 || this.has(actor, ADMIN.ban_users)));
        if (users.length === 1 && added.length === 0) return refused;
        for (const user of added) this.come(user, date);
        if (added.length > 0) says();
        return done();
      }
      case 'setBanned': {
        const user = Number(act.value.participant);
        const admin = this.admins.get(user);
        if (!this.has(actor, ADMIN.ban_users) || user === actor || user === this.creator || (admin !== undefined && actor !== this.creator && admin.by !== actor)) return refused;
        const { banned, untilDate } = act.value;
        const until = banned === 0 || untilDate < date + BAN_SECONDS_MIN ? 0 : untilDate;
        const before = this.members.get(user);
        if ((before?.banned ?? 0) === banned && (before?.until ?? 0) === until) return done();
        if ((banned & BANNED.view_messages) !== 0 && this.isIn(user)) {
          says();
          this.go(user);
        } else if ((banned & BANNED.view_messages) !== 0) this.mentions.delete(user);
        if (banned !== 0) this.admins.delete(user);
        this.members.set(user, { ...(this.members.get(user) ?? { present: false, lastPost: 0 }), banned, until });
        return done();
      }
      case 'setAdmin': {
        const user = Number(act.value.user);
        const { rights } = act.value;
        const before = this.admins.get(user);
        if (!this.has(actor, ADMIN.add_admins) || (user === this.creator && actor !== user) || (before !== undefined && actor !== this.creator && before.by !== actor)) return refused;
        if (actor !== this.creator && (rights & ~(this.admins.get(actor)?.rights ?? 0)) !== 0) return refused;
        // What a creator may is not for him to change.
        if (user === this.creator) return done();
        if (rights === 0) {
          this.admins.delete(user);
          return done();
        }
        if (this.bannedNow(user, date) !== 0 && !this.has(actor, ADMIN.ban_users)) return refused;
        if (!this.isIn(user)) {
          if (!this.may(actor, ADMIN.invite_users, BANNED.invite_users, date)) return refused;
          this.come(user, date);
        }
        this.members.set(user, { ...(this.members.get(user) as Member), banned: 0, until: 0 });
        this.admins.set(user, { rights, by: before?.by ?? actor, since: before?.since ?? date });
        return done();
      }
      case 'setDefaultRights':
        if (!this.has(actor, ADMIN.ban_users) || this.defaultBanned === act.value.banned) return refused;
        this.defaultBanned = act.value.banned;
        return done();
      case 'setSettings':
        if (act.value.linked !== undefined) {
          if (!this.has(actor, ADMIN.change_info) || this.linked === Number(act.value.linked)) return refused;
          this.linked = Number(act.value.linked);
          return done();
        }
        if (!this.has(actor, ADMIN.ban_users) || this.slowmode === act.value.slowmode) return refused;
        this.slowmode = act.value.slowmode ?? 0;
        return done();
      case 'setUsername':
        if (actor !== this.creator) return refused;
        this.isPublic = act.value.username !== '';
        return done();
      case 'setInvite': {
        const { invite } = act.value;
        if (invite === undefined || !this.has(actor, ADMIN.invite_users) || (this.links.has(invite.nonce) && actor !== this.creator && !this.made.has(`${actor}/${invite.nonce}`))) return refused;
        const known = this.links.get(invite.nonce);
        if (known === undefined) this.made.add(`${actor}/${invite.nonce}`);
        this.links.set(invite.nonce, { limit: invite.usageLimit, usage: known?.usage ?? 0, revoked: invite.revoked });
        return done();
      }
      default: throw new Error(`the model knows no ${act.case}`);
    }
  }

  /** Whose links those are. */
  private readonly made = new Set<string>();

  private post(actor: number, { randomId, content, mentions, replyToId }: ChannelPost, date: number, done: (id?: number) => Verdict, refused: Verdict): Verdict {
    const known = this.sent.get(`${actor}/${randomId}`);
    if (known !== undefined) return done(known);
    if (!this.mayWrite(actor, date) || (this.broadcast && content?.poll?.public === true)) return refused;
    const member = this.members.get(actor) ?? { present: false, banned: 0, until: 0, lastPost: 0 };
    const slow = this.slowmode > 0 && !this.admins.has(actor);
    if (slow && member.lastPost + this.slowmode > date) return refused;
    if (slow) this.members.set(actor, { ...member, lastPost: date });
    const answered = this.broadcast ? undefined : this.messages.get(replyToId);
    const text = decoder.decode(content?.sealed);
    const discussion = this.broadcast ? this.linked : 0;
    const id = this.write(actor, text, answered === undefined ? 0 : answered.thread || replyToId, discussion);
    this.tell(discussion, `post ${id} ${text}`);
    this.sent.set(`${actor}/${randomId}`, id);
    for (const user of new Set(this.broadcast ? [] : mentions.map(Number))) {
      if (user === actor || !this.isIn(user)) continue;
      this.mentions.set(user, [...(this.mentions.get(user) ?? []), id]);
    }
    return done(id);
  }

  /** What a broadcast derived for its discussion group, each command once, however often it comes. */
  hear({ body, origin }: Command): void {
    if (origin === undefined || (body.case !== 'discussPost' && body.case !== 'editCopy' && body.case !== 'deleteCopy')) return;
    const broadcast = channelOfBox(Number(origin.box));
    const told = this.heard.get(broadcast) ?? [];
    this.heard.set(broadcast, told);
    const key = `${origin.box} ${origin.version} ${origin.index}`;
    const tell = (what: string): void => {
      if (!this.origins.has(key)) told.push(what);
      this.origins.add(key);
    };
    const mark = this.marks.get(origin.box);
    const isNew = mark === undefined || origin.version > mark.version || (origin.version === mark.version && origin.index > mark.index);
    // The mark stands in the dialog with the broadcast, which the first post makes in a channel that is there; what comes again before that has nothing to repeat.
    if (isNew && this.exists && (mark !== undefined || body.case === 'discussPost')) this.marks.set(origin.box, origin);
    if (body.case === 'deleteCopy') {
      const posts = body.value.uids.map(({ id }) => id);
      tell(`delete ${posts.join()}`);
      if (!isNew) return;
      this.erase(posts.map((post) => this.copies.get(`${broadcast}/${post}`) ?? 0).filter((id) => this.messages.has(id)));
      return;
    }
    const post = body.value.uid?.id ?? 0;
    const text = decoder.decode(body.value.content?.sealed);
    const name = `${broadcast}/${post}`;
    if (body.case === 'editCopy') {
      tell(`edit ${post} ${text}`);
      if (!isNew) return;
      const copy = this.messages.get(this.copies.get(name) ?? 0);
      if (copy === undefined) return;
      copy.content = text;
      this.pts += 1;
      return;
    }
    tell(`post ${post} ${text}`);
    if (!isNew || !this.exists || this.broadcast || this.linked !== broadcast) return;
    const id = this.write(0, text);
    this.copies.set(name, id);
    this.pinned.add(id);
    this.pts += 1;
  }

  private tell(group: number, what: string): void {
    if (group !== 0 && group === this.linked) this.tells.set(group, [...(this.tells.get(group) ?? []), what]);
  }

  private erase(ids: readonly number[]): void {
    for (const id of ids) {
      this.messages.delete(id);
      this.pinned.delete(id);
    }
    this.pts += ids.length;
  }

  /** How many messages of the thread are there. */
  answersOf(id: number): number {
    return [...this.messages.values()].filter(({ thread }) => thread === id).length;
  }

  isIn(user: number): boolean {
    return this.members.get(user)?.present === true;
  }

  /** Who has the channel when its creator leaves it: who names admins, who may most, who was it first; of a broadcast who posts. */
  private heir(): number {
    const bits = (rights: number): number => rights.toString(2).replaceAll('0', '').length;
    const fit = [...this.admins].filter(([user, { rights }]) => user !== this.creator && (!this.broadcast || (rights & ADMIN.post_messages) !== 0));
    const names = (rights: number): number => (!this.broadcast && (rights & ADMIN.add_admins) !== 0 ? 1 : 0);
    fit.sort(([a, one], [b, other]) => names(other.rights) - names(one.rights) || bits(other.rights) - bits(one.rights) || one.since - other.since || a - b);
    return fit[0]?.[0] ?? 0;
  }

  private bannedNow(user: number, date: number): number {
    const member = this.members.get(user);
    return member === undefined || (member.until !== 0 && member.until <= date) ? 0 : member.banned;
  }

  private has(user: number, right: number): boolean {
    return ((this.admins.get(user)?.rights ?? 0) & right) !== 0;
  }

  private may(user: number, right: number, banned: number, date: number): boolean {
    return this.has(user, right) || ((this.defaultBanned | this.bannedNow(user, date)) & banned) === 0;
  }

  private mayWrite(user: number, date: number): boolean {
    if (this.broadcast) return this.has(user, ADMIN.post_messages);
    return this.admins.has(user) || ((this.defaultBanned | this.bannedNow(user, date)) & BANNED.send_messages) === 0;
  }

  private write(author: number, content: string, thread = 0, discussion = 0): number {
    this.pts += 1;
    this.messages.set(this.pts, { author, content, thread, discussion, reactions: new Map() });
    return this.pts;
  }

  private come(user: number, date: number): void {
    const before = this.members.get(user);
    const free = before === undefined || (before.banned & BANNED.view_messages) !== 0 || (before.until !== 0 && before.until <= date);
    this.members.set(user, { present: true, banned: free ? 0 : before.banned, until: free ? 0 : before.until, lastPost: before?.lastPost ?? 0 });
    this.mentions.delete(user);
    if (!this.away || user !== this.creator) return;
    this.away = false;
    this.admins.set(user, { rights: -1, by: user, since: date });
  }

  private go(user: number): void {
    this.admins.delete(user);
    this.members.set(user, { ...(this.members.get(user) as Member), present: false });
    this.mentions.delete(user);
  }
}
