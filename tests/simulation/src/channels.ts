import { channelBox, channelOfBox } from '@heliograph/box/box-id';
import { ADMIN, BANNED } from '@heliograph/box/group-rights';
import type { BoxEngine, BoxReader, Outcome } from '@heliograph/message-store/engine/contract';
import { fromBinary } from '@bufbuild/protobuf';
import { ChannelMemberSchema, type Command, type MessageRecord, type Reaction } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { boxMember, slotOf } from '@heliograph/message-store/tables/box-member';
import { applyChange, emptyView, type View } from '@heliograph/testing/checker';
import { changeOf, freshView } from './changes';
import { ChannelModel } from './channel-model';
import type { DataCenter } from './data-center';
import type { Random } from './random';
import type { Session } from './session';

type CommandBody = Parameters<BoxEngine['submit']>[0]['body'];
type Act = NonNullable<Extract<CommandBody, { case: 'channelAct' }>['value']['act']>;

/** What clients of channels need of the world. */
export interface ChannelClients {
  readonly random: Random;
  readonly users: readonly number[];
  /** Unix seconds. */
  now(): number;
  newKey(): string;
  content(key: string, version: string): { sealed: Uint8Array; tokens: Uint8Array; mediaClass: number };
  command(session: Session, box: number, body: CommandBody, insist: boolean, done: (outcome: Outcome | undefined) => void): void;
  /** The box as whoever serves it now shows it; undefined: nobody does. */
  read(box: number): Promise<BoxReader> | undefined;
}

/** Somebody who looks at a channel by differences, now and then. */
interface Watcher {
  channel: number;
  pts: number;
  view: View;
  looking: boolean;
}

/** A command as the log holds it. */
export interface Logged {
  command: Command;
  version: bigint;
}

/** Those that are made as supergroups. */
const CHANNELS_MAX = 2;
/** Share of the acts that are about a broadcast, once there is one. */
const BROADCAST_SHARE = 0.3;
const NONCE = 9;
const EMOJI = ['x', 'y', 'z'];
const RIGHTS = [0, ADMIN.ban_users, ADMIN.ban_users | ADMIN.add_admins, ADMIN.invite_users | ADMIN.pin_messages, ADMIN.delete_messages];
const BANS = [0, BANNED.send_messages, BANNED.view_messages];
/** Longest and shortest restriction that is not for ever, seconds. */
const BAN_SECONDS = [40, 60] as const;

/** People in supergroups: they make them, come and go, write, are restricted, and are told no when the channel says so. */
export class Channels {
  readonly made: number[] = [];
  /** Discussed in one of those that were made, or in none. */
  private broadcast: { readonly box: number; readonly owner: Session } | undefined;
  /** Who made which. */
  private readonly owners = new Map<number, Session>();
  /** Whom somebody wanted for an admin last. */
  private readonly promoted = new Map<number, bigint>();
  /** What channels were found to be, by channel id. */
  private readonly models = new Map<number, ChannelModel>();
  private readonly watchers: Watcher[] = [];
  /** What callers were told, by the version of the command. */
  private readonly told = new Map<string, Outcome>();

  constructor(private readonly clients: ChannelClients) {}

  /** Something that somebody does in some channel. */
  act(session: Session): void {
    const { random, users } = this.clients;
    if (this.made.length < CHANNELS_MAX && (this.made.length === 0 || random.chance(0.05))) return this.create(session);
    if (this.broadcast === undefined && random.chance(0.1)) return this.createBroadcast(session);
    if (this.broadcast !== undefined && random.chance(BROADCAST_SHARE)) return this.broadcasts(session, this.broadcast);
    const channel = random.pick(this.made);
    const user = BigInt(random.pick(users));
    const roll = random.next();
    if (roll < 0.35) return this.post(session, channel);
    if (roll < 0.4) return this.react(session, channel);
    if (roll < 0.46) return this.change(session, channel, (id, key) => ({ case: 'edit', value: { id, content: this.clients.content(key, `e${this.clients.newKey()}`) } }));
    if (roll < 0.52) return this.change(session, channel, (id) => ({ case: 'delete', value: { ids: [id] } }));
    if (roll < 0.56) return this.change(session, channel, (id) => ({ case: 'pin', value: { id, unpin: random.chance(0.3) } }), 'pin');
    if (roll < 0.64) return this.ask(session, channel, { case: 'invite', value: { users: random.shuffle(users).slice(0, random.between(1, 2)).map(BigInt) } }, 'invite');
    if (roll < 0.7) return this.ask(session, channel, { case: 'join', value: { nonce: random.pick([0, NONCE]) } }, 'join');
    if (roll < 0.76) {
      // Its creator, who knows now and then who his heir is, and comes back.
      const owner = random.chance(0.4) ? this.owners.get(channel) : undefined;
      if (owner !== undefined && random.chance(0.4)) return this.ask(owner, channel, { case: 'join', value: { nonce: 0 } }, 'join');
      return this.ask(owner ?? session, channel, { case: 'leave', value: { heir: random.pick([0n, this.promoted.get(channel) ?? user]) } }, 'leave');
    }
    if (roll < 0.86) {
      const untilDate = random.chance(0.5) ? 0 : this.clients.now() + random.between(...BAN_SECONDS);
      return this.ask(session, channel, { case: 'setBanned', value: { participant: user, banned: random.pick(BANS), untilDate } }, 'ban');
    }
    if (roll < 0.92) {
      const rights = random.pick(RIGHTS);
      if (rights !== 0) this.promoted.set(channel, user);
      return this.ask(random.chance(0.5) ? this.owners.get(channel) ?? session : session, channel, { case: 'setAdmin', value: { user, rights } });
    }
    if (roll < 0.94) return this.ask(session, channel, { case: 'setDefaultRights', value: { banned: random.pick([0, BANNED.send_messages, BANNED.invite_users]) } });
    if (roll < 0.96) return this.ask(session, channel, { case: 'setSettings', value: { slowmode: random.pick([0, 10]) } });
    if (roll < 0.97) return this.ask(session, channel, { case: 'setUsername', value: { username: random.pick(['', 'public']) } });
    if (roll < 0.98) return this.ask(session, channel, { case: 'setInvite', value: { invite: { nonce: NONCE, usageLimit: random.pick([0, 2]), revoked: random.chance(0.2) } } });
    return this.change(session, channel, (id) => ({ case: 'read', value: { maxId: id } }));
  }

  /** All that were made. */
  get all(): readonly number[] {
    return this.broadcast === undefined ? this.made : [...this.made, this.broadcast.box];
  }

  /** A supergroup that is about to be made in that data center. */
  draw(dc: number): number {
    const channel = channelBox((2 ** 25 + this.made.length) * 32 + dc);
    this.made.push(channel);
    this.watch(channel);
    return channel;
  }

  private watch(channel: number): void {
    for (let i = 0; i < 2; i += 1) this.watchers.push({ channel, pts: 1, view: emptyView(), looking: false });
  }

  private create(session: Session): void {
    const channel = this.draw(session.box % 32);
    this.owners.set(channel, session);
    this.ask(session, channel, { case: 'create', value: {} }, 'create', true);
  }

  private createBroadcast(session: Session): void {
    const box = channelBox(2 ** 26 * 32 + (session.box % 32));
    this.broadcast = { box, owner: session };
    this.watch(box);
    this.ask(session, box, { case: 'create', value: { broadcast: true } }, 'create', true);
    for (const each of [box, this.made[0] as number]) this.link(session, each, true);
  }

  /** Something that is done in a broadcast, by its owner as a rule: or it is linked to a group, the group to it, or not any more. */
  private broadcasts(session: Session, { box, owner }: { readonly box: number; readonly owner: Session }): void {
    const { random } = this.clients;
    const by = random.chance(0.8) ? owner : session;
    const roll = random.next();
    if (roll < 0.5) return this.post(by, box);
    if (roll < 0.65) return this.change(by, box, (id, key) => ({ case: 'edit', value: { id, content: this.clients.content(key, `e${this.clients.newKey()}`) } }));
    if (roll < 0.75) return this.change(by, box, (id) => ({ case: 'delete', value: { ids: [id] } }));
    if (roll < 0.85) return this.react(session, box);
    return this.link(by, random.pick([box, ...this.made]), random.chance(0.7));
  }

  private link(session: Session, channel: number, linked: boolean): void {
    const broadcast = this.broadcast?.box ?? 0;
    const other = !linked ? 0 : channelOfBox(channel === broadcast ? this.clients.random.pick(this.made) : broadcast);
    this.ask(this.owners.get(channel) ?? session, channel, { case: 'setSettings', value: { linked: BigInt(other) } });
  }

  private post(session: Session, channel: number): void {
    const { random, users } = this.clients;
    const replyToId = random.chance(0.2) ? this.messageOf(channel)?.id ?? 0 : 0;
    // Who is answered is mentioned, too: the model follows those alone who are named.
    const mentions = replyToId === 0 && random.chance(0.3) ? [BigInt(random.pick(users))] : [];
    this.ask(session, channel, { case: 'post', value: { randomId: random.bigint(), content: this.clients.content(this.clients.newKey(), '0'), replyToId, mentions } }, undefined, !random.chance(0.1));
  }

  /** Somebody reacts to a message, or takes that back. */
  private react(session: Session, channel: number): void {
    const emoji = this.clients.random.pick(['', ...EMOJI]);
    this.change(session, channel, (id) => ({ case: 'react', value: { id, reaction: emoji === '' ? {} : { sealed: Buffer.from(emoji), token: BigInt(emoji.charCodeAt(0)) } } }));
  }

  /** Something about a message that some watcher has seen. */
  private change(session: Session, channel: number, act: (id: number, key: string) => Act, says?: string): void {
    const message = this.messageOf(channel);
    if (message === undefined) return this.post(session, channel);
    this.ask(session, channel, act(message.id, message.content.split('#')[0] as string), says);
  }

  private messageOf(channel: number): { id: number; content: string } | undefined {
    const { random } = this.clients;
    const seen = this.watchers.filter((watcher) => watcher.channel === channel).flatMap(({ view }) => [...view.messages].map(([id, { content }]) => ({ id, content })));
    return seen.length === 0 ? undefined : random.pick(seen);
  }

  /** An act with what it says to all, if it says something. */
  private ask(session: Session, channel: number, act: Act, says?: string, insist = false): void {
    const notice = says === undefined ? undefined : { ...this.clients.content(this.clients.newKey(), says), service: true };
    this.clients.command(session, channel, { case: 'channelAct', value: { actor: BigInt(session.box), act, notice } }, insist, (outcome) => {
      if (outcome !== undefined) this.told.set(`${channel}@${outcome.version}`, outcome);
    });
  }

  /** Some watcher asks for the next part of what happened. */
  look(): void {
    const { random } = this.clients;
    if (this.watchers.length === 0) return;
    const watcher = random.pick(this.watchers);
    if (watcher.looking) return;
    watcher.looking = true;
    const reading = this.clients.read(watcher.channel);
    if (reading === undefined) watcher.looking = false;
    else reading.then((reader) => this.follow(watcher, reader, random.between(1, 20))).catch(() => {}).finally(() => { watcher.looking = false; });
  }

  private async follow(watcher: Watcher, reader: BoxReader, limit: number): Promise<boolean> {
    const from = watcher.pts;
    const found = await reader.changes(from, limit);
    // Another answer came meanwhile.
    if (watcher.pts !== from) return false;
    for (const update of found.updates) applyChange(watcher.view, changeOf(update));
    watcher.pts = found.pts;
    return found.complete;
  }

  /** What contradicts the rules of a supergroup (channel-model.ts), when all has come to rest. */
  async judge(channel: number, reader: BoxReader, log: readonly Logged[], own: ReadonlyMap<number, BoxReader>, dc: DataCenter): Promise<string[]> {
    const problems: string[] = [];
    const report = (text: string): void => { if (problems.length < 10) problems.push(text); };
    const model = new ChannelModel();
    this.models.set(channelOfBox(channel), model);
    for (const { command, version } of log) {
      model.hear(command);
      if (command.body.case !== 'channelAct') continue;
      const verdict = model.apply(command.body.value, command.date);
      const told = this.told.get(`${channel}@${version}`);
      if (told === undefined) continue;
      const what = `channel ${channel}: ${command.body.value.act.case} of ${command.body.value.actor} at ${version}`;
      if (verdict.refused !== (told.error !== undefined)) report(`C1 ${what} was ${told.error ?? 'done'}, and should have been ${verdict.refused ? 'refused' : 'done'}`);
      if (!verdict.refused && told.error === undefined && told.pts !== verdict.pts) report(`C2 ${what} came to pts ${told.pts}, should have to ${verdict.pts}`);
      if (verdict.id !== undefined && told.error === undefined && told.message?.id !== verdict.id) report(`C3 ${what} was acknowledged as ${told.message?.id}, is ${verdict.id}`);
    }
    if (reader.head().pts !== model.pts) report(`C2 channel ${channel}: is at pts ${reader.head().pts}, should be at ${model.pts}`);
    const record = reader.dialog(channel)?.channel;
    if ((record?.memberCount ?? 0) !== model.memberCount) report(`C4 channel ${channel}: counts ${record?.memberCount} members, has ${model.memberCount}`);
    const admins = (record?.admins ?? []).map(({ user }) => Number(user)).sort();
    if (admins.join() !== [...model.admins.keys()].sort().join()) report(`C4 channel ${channel}: its admins are ${admins.join()}, should be ${[...model.admins.keys()].join()}`);
    const messages = await reader.history({ peer: channel, maxId: 0, minId: 0, limit: 100 });
    for (const { id, replyCount } of messages) {
      if (replyCount !== model.answersOf(id)) report(`C9 channel ${channel}: counts ${replyCount} answers to ${id}, there are ${model.answersOf(id)}`);
    }
    for (const message of messages) await this.judgeReactions(channel, model, reader, message, report);
    await this.judgeMembers(channel, model, reader, own, dc, report);
    await this.judgeViews(channel, model, reader, report);
    return problems;
  }

  /** Whether a message is counted, named and listed to have the reactions that it was given. */
  private async judgeReactions(channel: number, model: ChannelModel, reader: BoxReader, { id, reactionTally, reactions }: MessageRecord, report: (text: string) => void): Promise<void> {
    const should = [...(model.messages.get(id)?.reactions ?? [])].map(([user, emoji]) => `${user} ${emoji}`).sort().join();
    const textsOf = (given: readonly (Reaction | undefined)[]): string => given.flatMap((each) => (each === undefined ? [] : [`${each.user} ${Buffer.from(each.sealed).toString()}`])).sort().join();
    const differ = (what: string, is: string, as = should): void => { if (is !== as) report(`C10 channel ${channel}: ${what} of ${id} are ${is}, should be ${as}`); };
    // Notices have them in themselves.
    if (reactionTally === undefined) return differ('the reactions', textsOf(reactions));
    const { users } = this.clients;
    differ('the rows', textsOf((await Promise.all(users.map((user) => reader.reactionsOf(user, [id])))).flat()));
    const counted = EMOJI.map((emoji) => [emoji, [...(model.messages.get(id)?.reactions.values() ?? [])].filter((each) => each === emoji).length] as const).filter(([, count]) => count > 0);
    differ('the counts', reactionTally.counts.map(({ sealed, count }) => `${Buffer.from(sealed).toString()} ${count}`).sort().join(), counted.map(([emoji, count]) => `${emoji} ${count}`).sort().join());
    differ('the counted', String(reactionTally.people), String(counted.reduce((sum, [, count]) => sum + count, 0)));
    if (model.broadcast) return;
    differ('the named', textsOf(reactions));
    differ('the listed', textsOf(await reader.listReactions({ id, token: undefined, below: 0n, limit: 100 })));
    for (const [emoji] of counted) differ(`those listed with ${emoji}`, textsOf(await reader.listReactions({ id, token: BigInt(emoji.charCodeAt(0)), below: 0n, limit: 100 })), should.split(',').filter((each) => each.endsWith(` ${emoji}`)).join());
  }

  /** Whether groups were told by broadcasts what happened there while they were linked, each thing once and in order. */
  judgeDiscussions(): string[] {
    return [...this.models].flatMap(([broadcast, { tells }]) => [...tells].flatMap(([group, told]) => {
      const heard = this.models.get(group)?.heard.get(broadcast) ?? [];
      return heard.join('; ') === told.join('; ') ? [] : [`D1 channel ${group}: of ${broadcast} it was told ${heard.join('; ')}, should have been ${told.join('; ')}`];
    }));
  }

  private async judgeMembers(channel: number, model: ChannelModel, reader: BoxReader, own: ReadonlyMap<number, BoxReader>, dc: DataCenter, report: (text: string) => void): Promise<void> {
    const { users } = this.clients;
    const members = await reader.channelMembers(users);
    for (const [index, user] of users.entries()) {
      const should = model.members.get(user);
      const is = members[index];
      if ((is?.present ?? false) !== model.isIn(user) || (is?.banned ?? 0) !== (should?.banned ?? 0)) {
        report(`C5 channel ${channel}: knows ${user} as ${is?.present} ${is?.banned}, should as ${should?.present} ${should?.banned}`);
      }
      const [row] = await dc.tables.range(boxMember, { box: channel, slot: slotOf(user) }, { from: { user }, to: { user }, limit: 1 });
      const stored = row?.v ? fromBinary(ChannelMemberSchema, row.v) : undefined;
      if (stored?.version !== is?.version) report(`C5 channel ${channel}: the newest row of ${user} is of ${stored?.version}, the engine's of ${is?.version}`);
      const membership = own.get(user)?.dialog(channel)?.membership;
      if ((membership?.present ?? false) !== model.isIn(user)) report(`C6 box ${user}: says ${membership?.present} of channel ${channel}, which says ${model.isIn(user)}`);
      const mentions = model.isIn(user) ? model.mentions.get(user) ?? [] : [];
      // Answers mention as well.
      const missed = mentions.filter((id) => membership?.mentions.includes(id) !== true);
      if (missed.length > 0) report(`C7 box ${user}: was not told of ${missed.join()} in channel ${channel}`);
    }
    const listed = (await reader.listChannelMembers('present', 0, 100)).members.map(({ user }) => Number(user)).sort();
    const present = users.filter((user) => model.isIn(user)).sort();
    if (listed.join() !== present.join()) report(`C5 channel ${channel}: lists ${listed.join()}, has ${present.join()}`);
  }

  /** Whoever followed it, from wherever, has what is there. */
  private async judgeViews(channel: number, model: ChannelModel, reader: BoxReader, report: (text: string) => void): Promise<void> {
    const { random } = this.clients;
    const views = [{ by: 'history', view: await freshView(reader, channel, [channel]) }];
    for (const watcher of [...this.watchers.filter((each) => each.channel === channel), { channel, pts: 1, view: emptyView(), looking: false }]) {
      for (let complete = false; !complete;) {
        const before = watcher.pts;
        complete = await this.follow(watcher, reader, random.between(1, 30));
        if (!complete && watcher.pts <= before) return report(`C8 channel ${channel}: a difference from ${before} does not get on`);
      }
      views.push({ by: 'difference', view: watcher.view });
    }
    const should = textOf([...model.messages].map(([id, { content }]) => [id, content]), model.pinned);
    for (const { by, view } of views) {
      const is = textOf([...view.messages].map(([id, { content }]) => [id, content]), view.pinned.get(channel) ?? new Set());
      if (is !== should) report(`C8 channel ${channel}: by its ${by} it is ${is}, should be ${should}`);
    }
  }
}

function textOf(messages: [number, string][], pinned: ReadonlySet<number>): string {
  return `${messages.sort(([a], [b]) => a - b).map(([id, content]) => `${id} ${content}`).join(', ')}; pinned ${[...pinned].sort((a, b) => a - b).join()}`;
}
