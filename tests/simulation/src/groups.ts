import { channelOfBox } from '@heliograph/box/box-id';
import type { BoxEngine, Outcome } from '@heliograph/message-store/engine/contract';
import type { PostFact } from '@heliograph/testing/group-checker';
import type { EditFact } from '@heliograph/testing/checker';
import type { ReactionFact } from '@heliograph/testing/reaction-checker';
import type { MessageUid } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Random } from './random';
import type { Session } from './session';

type CommandBody = Parameters<BoxEngine['submit']>[0]['body'];
type GroupCallInit = Extract<CommandBody, { case: 'groupCall' }>['value'];
type Act = NonNullable<NonNullable<GroupCallInit['act']>['act']>;

/** What group clients need of the world. */
export interface GroupClients {
  readonly random: Random;
  readonly users: readonly number[];
  readonly edits: EditFact[];
  readonly reactions: ReactionFact[];
  /** A channel that is about to be made in that data center; undefined: none is to be. */
  drawChannel(dc: number): number | undefined;
  emoji(): string;
  newKey(): string;
  content(key: string, version: string): { sealed: Uint8Array; tokens: Uint8Array; mediaClass: number };
  uidOf(box: number, id: number): MessageUid | undefined;
  command(session: Session, body: CommandBody, insist: boolean, done: (outcome: Outcome | undefined) => void): void;
}

const GROUPS_MAX = 2;
const INVITE = 7;
/** Flags of chatBannedRights that are taken and given back: to send, to invite. */
const RIGHTS = [0, 1 << 1, 1 << 15];

/** People in basic groups: they make them, write, come, go, are removed, and are told no when the group says so. */
export class Groups {
  /** Boxes of groups. */
  readonly made: number[] = [];
  readonly posts: PostFact[] = [];

  constructor(private readonly clients: GroupClients) {}

  /** Something that somebody does in some group. */
  act(session: Session): void {
    const { random } = this.clients;
    if (this.made.length < GROUPS_MAX && (this.made.length === 0 || random.chance(0.05))) return this.create(session);
    const group = random.pick(this.made);
    const roll = random.next();
    if (roll < 0.42) return this.post(session, group);
    if (roll < 0.5) return this.react(session, group);
    if (roll < 0.58) return this.edit(session, group);
    if (roll < 0.65) return this.delete(session, group);
    if (roll < 0.76) return this.add(session, group);
    if (roll < 0.86) return this.remove(session, group);
    if (roll < 0.9) return this.ask(session, group, { case: 'setAdmin', value: { user: BigInt(random.pick(this.clients.users)), admin: random.chance(0.6) } });
    if (roll < 0.93) return this.ask(session, group, { case: 'setDefaultRights', value: { banned: random.pick(RIGHTS) } });
    if (roll < 0.95) return this.ask(session, group, { case: 'setInvite', value: { invite: { nonce: INVITE, usageLimit: random.pick([0, 2]), revoked: random.chance(0.2) } } });
    if (roll < 0.97) return this.ask(session, group, { case: 'join', value: { nonce: INVITE } }, 'join');
    if (roll < 0.98) return this.migrate(session, group);
    if (roll < 0.982) return this.ask(session, group, { case: 'destroy', value: {} });
    return this.pin(session, group);
  }

  private create(session: Session): void {
    const { random, users } = this.clients;
    const group = -((2 ** 21 + this.made.length) * 32 + (session.box % 32));
    this.made.push(group);
    const members = random.shuffle(users).filter((user) => user !== session.box).slice(0, random.between(0, users.length - 1));
    this.ask(session, group, { case: 'create', value: { members: members.map(BigInt) } }, `create ${members.join()}`, true);
  }

  /** It becomes a supergroup, if the session's owner may say so and some are to be. */
  private migrate(session: Session, group: number): void {
    const channel = this.clients.drawChannel(session.box % 32);
    if (channel === undefined) return this.post(session, group);
    const channelNotice = { ...this.clients.content(this.clients.newKey(), 'create'), service: true };
    this.ask(session, group, { case: 'migrate', value: { channelId: BigInt(channelOfBox(channel)), channelNotice } }, 'migrate');
  }

  private post(session: Session, group: number): void {
    const { random } = this.clients;
    const key = this.clients.newKey();
    const fact: PostFact = { group, box: session.box, key, acks: [] };
    this.posts.push(fact);
    const replied = random.chance(0.2) ? this.messageOf(session, group, () => true) : undefined;
    const value = {
      randomId: random.bigint(), content: this.clients.content(key, '0'), replyTo: replied === undefined ? undefined : this.clients.uidOf(session.box, replied),
      mentions: random.chance(0.2) ? [BigInt(random.pick(this.clients.users))] : [],
    };
    const body: CommandBody = { case: 'groupCall', value: { group: BigInt(group), act: { act: { case: 'post', value } }, clearDraft: true } };
    const heard = (outcome: Outcome | undefined): void => { if (outcome?.message !== undefined) fact.acks.push(outcome.message.id); };
    this.clients.command(session, body, !random.chance(0.1), (outcome) => {
      heard(outcome);
      // A client that lost its answer repeats itself although it was heard.
      if (outcome?.message !== undefined && random.chance(0.1)) this.clients.command(session, body, true, heard);
    });
  }

  private edit(session: Session, group: number): void {
    const id = this.messageOf(session, group, (message) => message.out && isPost(message.content));
    const uid = id === undefined ? undefined : this.clients.uidOf(session.box, id);
    if (id === undefined || uid === undefined) return this.post(session, group);
    const key = (session.view.messages.get(id) as { content: string }).content.split('#')[0] as string;
    const content = this.clients.content(key, `e${this.clients.newKey()}`);
    const fact: EditFact = { box: session.box, key, content: new TextDecoder().decode(content.sealed) };
    this.clients.edits.push(fact);
    this.call(session, group, { case: 'edit', value: { id: uid.id, content } }, undefined, false, (outcome) => {
      if (outcome !== undefined && outcome.error === undefined) fact.ackPts = outcome.pts;
    });
  }

  private react(session: Session, group: number): void {
    const id = this.messageOf(session, group, (message) => isPost(message.content));
    const uid = id === undefined ? undefined : this.clients.uidOf(session.box, id);
    if (id === undefined || uid === undefined) return this.post(session, group);
    const emoji = this.clients.emoji();
    const fact: ReactionFact = { box: session.box, id, emoji };
    this.clients.reactions.push(fact);
    this.call(session, group, { case: 'react', value: { id: uid.id, reaction: { sealed: new TextEncoder().encode(emoji), token: BigInt(emoji.length) } } }, undefined, false, (outcome) => {
      // Nothing tells of it where the message is gone.
      if (outcome !== undefined && outcome.error === undefined && outcome.ptsCount > 0) fact.ackPts = outcome.pts;
    });
  }

  private delete(session: Session, group: number): void {
    const { random } = this.clients;
    const id = this.messageOf(session, group, (message) => isPost(message.content));
    if (id === undefined) return this.post(session, group);
    this.clients.command(session, { case: 'delete', value: { ids: [id], revoke: random.chance(0.7) } }, false, () => {});
  }

  private add(session: Session, group: number): void {
    const user = this.clients.random.pick(this.clients.users);
    this.ask(session, group, { case: 'add', value: { user: BigInt(user) } }, `add ${user}`);
  }

  private remove(session: Session, group: number): void {
    const { random } = this.clients;
    const user = random.chance(0.4) ? session.box : random.pick(this.clients.users);
    this.ask(session, group, { case: 'remove', value: { user: BigInt(user) } }, `remove ${user}`);
  }

  private pin(session: Session, group: number): void {
    const id = this.messageOf(session, group, () => true);
    const uid = id === undefined ? undefined : this.clients.uidOf(session.box, id);
    if (uid === undefined) return this.post(session, group);
    this.ask(session, group, { case: 'pin', value: { id: uid.id, unpin: this.clients.random.chance(0.3) } }, 'pin');
  }

  /** An act with what it says to all, if it says something. */
  private ask(session: Session, group: number, act: Act, says?: string, insist = false): void {
    this.call(session, group, act, says, insist, () => {});
  }

  private call(session: Session, group: number, act: Act, says: string | undefined, insist: boolean, done: (outcome: Outcome | undefined) => void): void {
    const notice = says === undefined ? undefined : { ...this.clients.content(this.clients.newKey(), says), service: true };
    this.clients.command(session, { case: 'groupCall', value: { group: BigInt(group), act: { act, notice } } }, insist, done);
  }

  private messageOf(session: Session, group: number, accept: (message: { out: boolean; content: string }) => boolean): number | undefined {
    const ids = [...session.view.messages].filter(([, message]) => message.peer === group && accept(message)).map(([id]) => id);
    return ids.length === 0 ? undefined : this.clients.random.pick(ids);
  }
}

/** Notices tell who is a member: the judge reads them, so nobody deletes them. */
const isPost = (content: string): boolean => /#(0|e)/.test(content);
