import { fromBinary } from '@bufbuild/protobuf';
import { BoxEventSchema, BoxUpdateSchema, CommandSchema, DialogRecordSchema, HeadSchema, MessageRecordSchema, type BoxUpdate, type MessageUid } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { BoxEngine, BoxReader, Outcome } from '@heliograph/message-store/engine/contract';
import { effectOf } from '@heliograph/message-store/engine/effect';
import { createBoxEngine } from '@heliograph/message-store/engine/engine';
import { isChannelBox, isGroupBox, savedPart } from '@heliograph/box/box-id';
import { BOX_ITSELF, SERVICE_ACCOUNT, versionOf } from '@heliograph/message-store/engine/ids';
import { CHATLIST_INVITES_MAX, CHATLISTS_MAX } from '@heliograph/message-store/engine/limits';
import { FIRST_PTS } from '@heliograph/message-store/engine/row-reader';
import { BOX_UPDATES } from '@heliograph/message-store/engine/topics';
import { LOG_CHANGE, LOG_MESSAGE } from '@heliograph/message-store/tables/box-log';
import { STATE_DIALOG, STATE_HEAD } from '@heliograph/message-store/tables/box-state';
import type { Attack, AttackContext } from './attack';
import { changeOf, contentOf, freshView, reactionsOf } from './changes';
import { applyChange, check, emptyView, type FinalBox, type FinalMessage, type History } from '@heliograph/testing/checker';
import { checkGroups, type FinalGroup } from '@heliograph/testing/group-checker';
import { checkPolls } from '@heliograph/testing/poll-checker';
import { checkReactions, type ReactionFact } from '@heliograph/testing/reaction-checker';
import { DataCenter, type StoreKind } from './data-center';
import { NO_FAULTS, NodePorts, ON_THE_WAY, type Faults } from './node-ports';
import { Oracle } from './oracle';
import { Channels } from './channels';
import { Groups } from './groups';
import { Later } from './later';
import { Polls } from './polls';
import { Random } from './random';
import { Scheduler, settle, START_MS } from './scheduler';
import { Session } from './session';

type CommandBody = Parameters<BoxEngine['submit']>[0]['body'];

/** What a seed draws before it begins. */
export interface Scenario {
  kind: StoreKind;
  dcs: 1 | 2;
  /** Share of commands that are acts in groups. */
  groups: number;
  /** Share of commands that are acts in channels. */
  channels: number;
  /** Share of commands about what is done later. */
  later: number;
  /** Share of commands that are about polls. */
  polls: number;
  usersPerDc: number;
  commands: number;
  /** Chance per step that a process dies; that a second one starts beside it (separate stores only). */
  crash: number;
  zombie: number;
  faults: Faults;
  /** Chances that a pushed event is lost, comes twice; that an answer to a client is lost. */
  eventLost: number;
  eventTwice: number;
  answerLost: number;
  /** Topics are made anew once. */
  remake: boolean;
  slowDisk: boolean;
  /** Boxes that a partition keeps in memory. */
  boxesMax: number;
  /** How long earlier rows of members stay. */
  memberRowsKeptMs: number;
}

/** When every run begins: half a minute before the end of an hour. */
const STARTED_SECONDS = START_MS / 1_000;
const STEPS_MAX = 60_000;
const CLIENT_TIMEOUT_MS = 15_000;
const encoder = new TextEncoder();

function describe(body: CommandBody): string {
  return `${body?.case} ${JSON.stringify(body?.value, (name, value: unknown) => (name === 'content' ? undefined : typeof value === 'bigint' ? String(value) : value))}`;
}

/** One engine process. */
class EngineNode {
  engine: BoxEngine | undefined;
  refused: string | undefined;
  paused = false;
  /** Slept while another took over. */
  woke = false;
  ports!: NodePorts;

  constructor(readonly name: string, readonly dc: DataCenter) {}
}

export function drawScenario(random: Random, attack?: Attack): Scenario {
  const kind = attack?.kind ?? (random.chance(0.5) ? 'separate' : 'embedded');
  const calm = random.chance(0.1);
  // The embedded log has no way to make a topic anew.
  const remake = kind === 'separate' && (attack?.remake ?? random.chance(0.1));
  return {
    kind,
    dcs: remake ? 1 : attack?.dcs ?? (random.chance(0.3) ? 2 : 1),
    groups: random.pick([0, 0.3, 0.6]),
    // The judge of channels reads their log from its beginning.
    channels: remake ? 0 : random.pick([0, 0.3, 0.8]),
    later: random.pick([0, 0.1, 0.3]),
    polls: random.pick([0, 0.1, 0.3]),
    usersPerDc: random.between(2, 4),
    commands: random.between(30, 160),
    crash: attack !== undefined ? 0.004 : calm ? 0 : random.pick([0.0005, 0.002, 0.004]),
    zombie: kind === 'embedded' ? 0 : attack?.zombies ? 0.003 : random.pick([0, 0.001, 0.003]),
    faults: kind === 'embedded' || calm ? NO_FAULTS : { refused: random.pick([0, 0.02, 0.05]), unknown: random.pick([0, 0.02, 0.06]), repeated: random.pick([0, 0.03]) },
    eventLost: random.pick([0, 0.1, 0.4]),
    eventTwice: random.pick([0, 0.1]),
    answerLost: random.pick([0, 0.05, 0.2]),
    remake,
    slowDisk: attack?.slowDisk ?? random.chance(0.3),
    boxesMax: random.pick([1, 1_000, 1_000]),
    memberRowsKeptMs: random.pick([0, 3_000]),
  };
}

/** A whole deployment under one seed: data centers, engine processes, clients; and everything that may happen to them. */
export class World {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly scenario: Scenario;
  readonly history: History = { sent: [], edits: [], deletes: [], clears: [], reads: [], observations: [], boxes: [], caughtUp: [] };
  private readonly reactions: ReactionFact[] = [];
  private readonly oracle = new Oracle();
  private readonly dcs: DataCenter[];
  private readonly nodes = new Map<number, EngineNode[]>();
  private readonly lives = new Map<number, number>();
  private readonly users: number[] = [];
  private readonly sessions: Session[] = [];
  private readonly uids = new Map<string, MessageUid>();
  private readonly groups: Groups;
  private readonly later: Later;
  private readonly channels: Channels;
  private readonly polls: Polls;
  private commandsLeft: number;
  private outstanding = 0;
  private healing = false;
  private nextKey = 0;
  private nextCrashes = 0;
  readonly problems: string[] = [];

  constructor(readonly seed: number, private readonly attack: Attack | undefined, keepTimeline: boolean) {
    this.random = new Random(seed);
    this.scheduler = new Scheduler(this.random, keepTimeline);
    this.scenario = drawScenario(this.random, attack);
    this.commandsLeft = this.scenario.commands;
    this.polls = new Polls({
      random: this.random,
      now: () => Math.floor(this.scheduler.now / 1_000),
      uidOf: (box, id) => this.uids.get(`${box}/${id}`),
      command: (session, body, insist, done) => this.command(session, () => body, insist, done, this.date),
    });
    this.groups = new Groups({
      random: this.random,
      users: this.users,
      edits: this.history.edits,
      reactions: this.reactions,
      drawChannel: (dc) => (this.scenario.channels === 0 ? undefined : this.channels.draw(dc)),
      emoji: () => this.emoji(),
      newKey: () => `m${this.nextKey += 1}`,
      content: (key, version) => this.newContent(key, version),
      uidOf: (box, id) => this.uids.get(`${box}/${id}`),
      command: (session, body, insist, done) => this.command(session, () => body, insist, done, this.date),
    });
    this.channels = new Channels({
      random: this.random,
      users: this.users,
      now: () => Math.floor(this.scheduler.now / 1_000),
      newKey: () => `m${this.nextKey += 1}`,
      content: (key, version) => this.newContent(key, version),
      command: (session, box, body, insist, done) => this.command(session, () => body, insist, done, this.date, box),
      read: (box) => {
        const node = this.nodeFor(box);
        return node && this.read(node, box);
      },
    });
    this.later = new Later({
      random: this.random,
      history: this.history,
      posts: this.groups.posts,
      groups: this.groups.made,
      now: () => Math.floor(this.scheduler.now / 1_000),
      newKey: () => `m${this.nextKey += 1}`,
      content: (key, version) => this.newContent(key, version),
      peerOf: (session) => this.peerOf(session),
      command: (session, body, insist, done) => this.command(session, () => body, insist, done, this.date),
    });
    this.dcs = (this.scenario.dcs === 1 ? [2] : [1, 2]).map((id) => new DataCenter(id, this.scenario.kind, this.scheduler, this.random));
    for (const dc of this.dcs) {
      dc.slow = this.scenario.slowDisk;
      this.nodes.set(dc.id, []);
      dc.listeners.push((topic, _partition, record) => { if (topic.name === BOX_UPDATES.name) this.fanOut(record.value); });
      for (let i = 0; i < this.scenario.usersPerDc; i += 1) {
        const user = (2 ** 20 + i * 3) * 32 + dc.id;
        this.users.push(user);
        for (let s = 1; s <= 2; s += 1) this.sessions.push(new Session(user, BigInt(s), FIRST_PTS, (seen) => this.history.observations.push(seen)));
      }
    }
  }

  /** Runs to the end; what contradicts the invariants. */
  async run(): Promise<string[]> {
    for (const dc of this.dcs) this.boot(dc);
    const remakeAt = this.scenario.remake ? Math.floor(this.scenario.commands / 2) : -1;
    while (this.commandsLeft > 0 || this.outstanding > 0) {
      if (this.commandsLeft === remakeAt) await this.remakeTopics();
      this.provoke();
      await this.step();
      if (this.scheduler.steps > STEPS_MAX) return [...this.problems, ...this.oracle.violations, 'I5 clients are not answered in the time of a whole run'];
    }
    await this.heal();
    if (this.problems.length === 0) await this.judge();
    if (this.problems.length === 0) await this.judgeGroups();
    if (this.problems.length === 0) await this.judgeChannels();
    return [...check(this.history), ...this.problems, ...this.oracle.violations];
  }

  private async step(): Promise<void> {
    await this.scheduler.step();
    for (const dc of this.dcs) dc.commitLater();
  }

  // ── what happens to processes ─────────────────────────────────────────────────────────────────────────────────────────────

  private boot(dc: DataCenter): EngineNode {
    const life = (this.lives.get(dc.id) ?? 0) + 1;
    this.lives.set(dc.id, life);
    const node = new EngineNode(`dc${dc.id}#${life}`, dc);
    node.ports = new NodePorts(node, dc, this.scheduler, this.random, this.oracle, this.healing ? NO_FAULTS : this.scenario.faults, this.attack?.blindHands);
    (this.nodes.get(dc.id) as EngineNode[]).push(node);
    this.scheduler.note(() => `${node.name} starts`);
    const context: AttackContext = { scheduler: this.scheduler, random: this.random, dc, owner: node, life };
    const note = (level: string) => (fields: object, message: string): void => this.scheduler.note(() => `${node.name} ${level}: ${message} ${JSON.stringify(fields)}`);
    const plain = {
      storage: node.ports.storage,
      eventLog: node.ports.eventLog,
      clock: node.ports.clock,
      log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
      random: (bytes: number) => Uint8Array.from({ length: bytes }, () => this.random.below(256)),
      dc: dc.id,
      relayDcs: this.dcs.map((other) => other.id),
      relay: (to: number, commands: Uint8Array[]) => this.relay(node, to, commands),
    };
    const deps = this.attack?.deps?.(plain, context) ?? plain;
    createBoxEngine(deps, { effect: this.attack?.effect?.(effectOf, context) ?? effectOf, boxesInMemory: this.scenario.boxesMax * 16, memberRowsKeptMs: this.scenario.memberRowsKeptMs }).then((engine) => {
      this.scheduler.note(() => `${node.name} is ready`);
      node.engine = engine;
    }, (error: unknown) => {
      node.refused = String(error);
      this.scheduler.note(() => `${node.name} does not start: ${String(error)}`);
      if (error instanceof Error && error.name === 'MarkOutOfRange') this.problems.push(`an engine refuses to start: ${error.message}`);
      this.kill(node);
    });
    return node;
  }

  private kill(node: EngineNode): void {
    if (node.ports.dead) return;
    this.scheduler.note(() => `${node.name} dies`);
    node.ports.dead = true;
    node.engine = undefined;
    this.scheduler.cancel(node, (label) => label === ON_THE_WAY && this.random.chance(0.5));
    const nodes = this.nodes.get(node.dc.id) as EngineNode[];
    nodes.splice(nodes.indexOf(node), 1);
    if (node.dc.kind === 'embedded') {
      node.dc.crash();
      this.oracle.crash();
    }
  }

  /** Draws what goes wrong, and what clients do. */
  private provoke(): void {
    const { random, scenario } = this;
    for (const dc of this.dcs) {
      const nodes = this.nodes.get(dc.id) as EngineNode[];
      if (nodes.length === 0) this.boot(dc);
      else if (random.chance(scenario.crash) && this.nextCrashes < 12) {
        this.nextCrashes += 1;
        this.kill(random.pick(nodes));
      } else if (nodes.length === 1 && random.chance(scenario.zombie)) {
        const [old] = nodes as [EngineNode];
        old.paused = true;
        this.scheduler.pause(old);
        this.scheduler.note(() => `${old.name} falls asleep`);
        this.boot(dc);
        this.scheduler.after(random.between(100, 8_000), undefined, () => this.wake(old));
      }
    }
    if (this.commandsLeft > 0 && this.outstanding < 6 && random.chance(0.15)) this.startCommand();
    if (random.chance(0.01)) this.catchUp(random.pick(this.sessions));
    if (random.chance(0.02)) this.channels.look();
    if (random.chance(0.004)) random.pick(this.sessions).remember();
  }

  private wake(node: EngineNode): void {
    if (node.ports.dead) return;
    this.scheduler.note(() => `${node.name} wakes up`);
    node.paused = false;
    node.woke = true;
    this.scheduler.resume(node);
    this.scheduler.after(this.random.between(500, 6_000), undefined, () => {
      if (!node.ports.dead && (this.nodes.get(node.dc.id) as EngineNode[]).length > 1) this.kill(node);
    });
  }

  private nodeFor(box: number): EngineNode | undefined {
    const nodes = (this.nodes.get(Math.abs(box) % 32) as EngineNode[]).filter((node) => node.engine !== undefined && !node.paused);
    return nodes.length === 0 ? undefined : this.random.pick(nodes);
  }

  private relay(from: EngineNode, to: number, commands: Uint8Array[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const faulty = this.healing ? 0 : 1;
      const deliver = (answer: boolean): void => {
        const nodes = (this.nodes.get(to) as EngineNode[] | undefined ?? []).filter((node) => node.engine !== undefined && !node.paused);
        const fail = (error: unknown): void => { if (answer) this.scheduler.later(from, 'relay fails', () => reject(error)); };
        if (nodes.length === 0) return fail(new Error('nobody there'));
        (this.random.pick(nodes).engine as BoxEngine).appendRelayed(commands).then(() => {
          if (answer) this.scheduler.later(from, 'relayed', resolve);
        }, fail);
        // An engine that dies over it never answers.
        if (answer) this.scheduler.after(CLIENT_TIMEOUT_MS, from, () => reject(new Error('no answer')));
      };
      const fate = this.random.next();
      if (fate < 0.08 * faulty) {
        this.scheduler.later(from, 'relay lost', () => reject(new Error('lost')));
        return;
      }
      const answer = fate > 0.16 * faulty;
      this.scheduler.later(undefined, 'relay', () => deliver(answer));
      if (!answer) this.scheduler.after(CLIENT_TIMEOUT_MS, from, () => reject(new Error('no answer')));
      if (this.random.chance(0.1 * faulty)) this.scheduler.after(this.random.between(10, 3_000), undefined, () => deliver(false));
    });
  }

  private async remakeTopics(): Promise<void> {
    this.scheduler.note(() => 'the topics are about to be made anew');
    this.setFaults(NO_FAULTS);
    await this.quiet();
    for (const dc of this.dcs) {
      for (const node of [...this.nodes.get(dc.id) as EngineNode[]]) {
        if (node.engine !== undefined) await this.stepUntil(node.engine.close());
        this.kill(node);
      }
      await dc.remakeTopics(this.attack?.keepEpoch !== true);
    }
    this.scheduler.note(() => 'the topics are made anew');
    this.commandsLeft -= 1;
    this.setFaults(this.scenario.faults);
  }

  private setFaults(faults: Faults): void {
    for (const nodes of this.nodes.values()) for (const node of nodes) node.ports.faults = faults;
  }

  // ── clients ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private fanOut(value: Uint8Array): void {
    const event = fromBinary(BoxEventSchema, value);
    this.learn(Number(event.box), event.updates);
    for (const session of this.sessions) {
      if (session.box !== Number(event.box)) continue;
      if (event.silent && session.id === event.callerSessionId) continue;
      const times = this.random.chance(this.scenario.eventLost) ? 0 : this.random.chance(this.scenario.eventTwice) ? 2 : 1;
      for (let i = 0; i < times; i += 1) {
        this.scheduler.later(undefined, 'push', () => { if (!session.take(event.updates)) this.catchUp(session); });
      }
    }
  }

  /** Whose a message is, for replies to it and edits of it. */
  private learn(box: number, updates: readonly BoxUpdate[]): void {
    for (const { change } of updates) if (change.case === 'message' && change.value.uid !== undefined) this.uids.set(`${box}/${change.value.id}`, change.value.uid);
  }

  /** updates.getDifference until complete. */
  private catchUp(session: Session): void {
    if (session.catchingUp) return;
    const node = this.nodeFor(session.box);
    if (node === undefined) return;
    session.catchingUp = true;
    let over = false;
    const end = (): void => {
      if (over) return;
      over = true;
      session.catchingUp = false;
    };
    this.scheduler.after(CLIENT_TIMEOUT_MS, undefined, end);
    const slice = (): void => {
      const from = session.pts;
      this.read(node, session.box).then((reader) => reader.changes(from, this.random.between(1, 40))).then((found) => {
        if (this.random.chance(this.scenario.answerLost)) return;
        this.scheduler.later(undefined, 'difference', () => {
          if (over) return;
          session.takeSlice(from, found);
          if (found.complete) end();
          else slice();
        });
      }).catch(end);
    };
    slice();
  }

  private read(node: EngineNode, box: number): Promise<BoxReader> {
    if (node.engine === undefined) return new Promise(() => {});
    const read = this.attack?.read;
    if (read !== undefined) return read(node.engine, box, { scheduler: this.scheduler, random: this.random, dc: node.dc, owner: node, life: 0 });
    return node.engine.read(box);
  }

  /**
   * Sends a command to whoever serves the box, until it is answered if `insist` (as a client does with its random_id), else once.
   * `done` gets the outcome, or undefined when its fate stays unknown.
   */
  private command(session: Session, body: () => CommandBody, insist: boolean, done: (outcome: Outcome | undefined) => void, date: () => number, box = session.box): void {
    this.outstanding += 1;
    const attempt = (): void => {
      const again = (): void => {
        if (insist || this.healing) this.scheduler.after(this.random.between(50, 4_000), undefined, attempt);
        else {
          this.outstanding -= 1;
          done(undefined);
        }
      };
      const node = this.nodeFor(box);
      if (node?.engine === undefined) return again();
      let over = false;
      const once = (task: () => void): void => {
        if (over) return;
        over = true;
        task();
      };
      this.scheduler.note(() => `${session.name} to ${node.name}: ${describe(body())}`);
      node.engine.submit({ box: BigInt(box), date: date(), callerAuthKeyId: 1n, callerSessionId: session.id, body: body() }).then((outcome) => {
        if (!this.healing && this.random.chance(this.scenario.answerLost)) return;
        this.scheduler.later(undefined, 'answer', () => once(() => {
          this.scheduler.note(() => `${session.name} is answered: ${outcome.error ?? `pts ${outcome.pts} (${outcome.ptsCount})${outcome.duplicate ? ' duplicate' : ''}`}`);
          this.outstanding -= 1;
          done(outcome);
          if (box === session.box && !session.take(outcome.updates)) this.catchUp(session);
        }));
      }, () => this.scheduler.later(undefined, 'refusal', () => once(again)));
      this.scheduler.after(CLIENT_TIMEOUT_MS, undefined, () => once(again));
    };
    attempt();
  }

  private date = (): number => Math.floor(this.scheduler.now / 1_000) + this.random.between(-2, 2);

  private startCommand(): void {
    this.commandsLeft -= 1;
    const { random } = this;
    const session = random.pick(this.sessions);
    if (random.chance(this.scenario.polls) && this.polls.act(session)) return;
    if (random.chance(this.scenario.channels)) return this.channels.act(session);
    if (random.chance(this.scenario.groups)) return this.groups.act(session);
    if (random.chance(this.scenario.later)) return this.later.act(session);
    const roll = random.next();
    if (roll < 0.5) return this.send(session);
    if (roll < 0.54) return this.notice(session);
    if (roll < 0.62) return this.edit(session);
    if (roll < 0.72) return this.remove(session);
    if (roll < 0.75) return this.clear(session);
    if (roll < 0.8) return this.react(session);
    if (roll < 0.89) return this.readInbox(session);
    if (roll < 0.92) return this.pin(session);
    return this.small(session);
  }

  private peerOf(session: Session): number {
    return this.random.chance(0.08) ? session.box : this.random.pick(this.users);
  }

  private newContent(key: string, version: string): { sealed: Uint8Array; tokens: Uint8Array; mediaClass: number; poll?: ReturnType<Polls['terms']> } {
    const content = { sealed: encoder.encode(`${key}#${version}`), tokens: encoder.encode(key.padEnd(8).slice(0, 8)), mediaClass: this.random.chance(0.15) ? 1 << 5 : 0 };
    const poll = version === '0' ? this.polls.terms(`${key}#0`) : undefined;
    return poll === undefined ? content : { ...content, poll };
  }

  private send(session: Session): void {
    const peer = this.peerOf(session);
    const key = `m${this.nextKey += 1}`;
    const delivered = peer !== session.box && !this.random.chance(0.04);
    const fact = { box: session.box, peer, key, randomId: String(this.random.bigint()), dates: [] as number[], delivered, acks: [] as { id: number; pts: number }[] };
    this.history.sent.push(fact);
    // Of what goes to oneself two thirds are as forwarded from somebody.
    const savedPeer = peer === session.box && this.nextKey % 3 > 0 ? this.users[this.nextKey % this.users.length] as number : 0;
    const content = { ...this.newContent(key, '0'), savedPeer: BigInt(savedPeer) };
    const replied = this.random.chance(0.2) ? this.messageOf(session, (message) => message.peer === peer) : undefined;
    const dated = (): number => {
      const now = this.date();
      fact.dates.push(now);
      return now;
    };
    const body = (): CommandBody => ({
      case: 'send',
      value: {
        peer: BigInt(peer), randomId: BigInt(fact.randomId), content, noDeliver: !delivered && peer !== session.box, clearDraft: true,
        replyToLocalId: replied ?? 0, replyTo: replied === undefined ? undefined : this.uids.get(`${session.box}/${replied}`),
      },
    });
    this.command(session, body, !this.random.chance(0.1), (outcome) => {
      if (outcome?.message === undefined) return;
      fact.acks.push({ id: outcome.message.id, pts: outcome.message.pts });
      // A client that lost its answer repeats itself although it was heard.
      if (this.random.chance(0.05)) this.command(session, body, true, (second) => { if (second?.message !== undefined) fact.acks.push({ id: second.message.id, pts: second.message.pts }); }, dated);
    }, dated);
  }

  private notice(session: Session): void {
    const key = `n${this.nextKey += 1}`;
    const fact = { box: session.box, peer: SERVICE_ACCOUNT, key, randomId: String(this.random.bigint()), dates: [] as number[], delivered: false, acks: [] as { id: number; pts: number }[] };
    this.history.sent.push(fact);
    const content = this.newContent(key, '0');
    this.command(session, () => ({
      case: 'deliver',
      value: { peer: BigInt(SERVICE_ACCOUNT), from: BigInt(SERVICE_ACCOUNT), randomId: BigInt(fact.randomId), content },
    }), true, (outcome) => { if (outcome?.message !== undefined) fact.acks.push({ id: outcome.message.id, pts: outcome.message.pts }); }, () => {
      const now = this.date();
      fact.dates.push(now);
      return now;
    });
  }

  private messageOf(session: Session, accept: (message: { peer: number; out: boolean; content: string }) => boolean): number | undefined {
    const ids = [...session.view.messages].filter(([, message]) => accept(message)).map(([id]) => id);
    if (ids.length === 0) return undefined;
    // Often one of the newest: what is fresh is where races are.
    return this.random.pick(this.random.chance(0.5) ? ids.sort((x, y) => x - y).slice(-3) : ids);
  }

  private edit(session: Session): void {
    const id = this.messageOf(session, (message) => message.out && message.peer > 0);
    const message = id === undefined ? undefined : session.view.messages.get(id);
    if (id === undefined || message === undefined) return this.send(session);
    const key = message.content.split('#')[0] as string;
    const content = this.newContent(key, `e${this.nextKey += 1}`);
    const fact: History['edits'][number] = { box: session.box, key, content: new TextDecoder().decode(content.sealed) };
    this.history.edits.push(fact);
    this.command(session, () => ({ case: 'edit', value: { id, content } }), false, (outcome) => { if (outcome !== undefined && outcome.error === undefined) fact.ackPts = outcome.pts; }, this.date);
  }

  /** One of two, or none. */
  private emoji = (): string => this.random.pick(['', 'heart', 'thumb']);

  private react(session: Session): void {
    const id = this.messageOf(session, (message) => message.peer > 0);
    if (id === undefined) return this.send(session);
    const emoji = this.emoji();
    const fact: ReactionFact = { box: session.box, id, emoji };
    this.reactions.push(fact);
    this.command(session, () => ({ case: 'react', value: { id, reaction: { sealed: encoder.encode(emoji), token: BigInt(emoji.length) } } }), this.random.chance(0.5), (outcome) => {
      if (outcome !== undefined && outcome.error === undefined) fact.ackPts = outcome.pts;
    }, this.date);
  }

  private remove(session: Session): void {
    const newest = [...session.view.messages].filter(([, message]) => message.peer > 0).map(([id]) => id).sort((x, y) => x - y).slice(this.random.chance(0.5) ? -4 : 0);
    const ids = this.random.shuffle(newest).slice(0, this.random.between(1, 4));
    if (ids.length === 0) return this.send(session);
    const fact = { box: session.box, keys: ids.map((id) => (session.view.messages.get(id) as { content: string }).content.split('#')[0] as string), revoke: this.random.chance(0.5), acked: false };
    this.history.deletes.push(fact);
    this.command(session, () => ({ case: 'delete', value: { ids, revoke: fact.revoke } }), this.random.chance(0.5), (outcome) => { fact.acked = outcome?.ptsCount === ids.length; }, this.date);
  }

  private clear(session: Session): void {
    const fact = { box: session.box, peer: this.peerOf(session), revoke: this.random.chance(0.5), acked: false };
    this.history.clears.push(fact);
    const limit = this.random.between(1, 6);
    this.command(session, () => ({ case: 'deleteHistory', value: { peer: BigInt(fact.peer), maxId: 0, limit, revoke: fact.revoke, justClear: this.random.chance(0.3) } }), false, (outcome) => { fact.acked = outcome !== undefined; }, this.date);
  }

  private readInbox(session: Session): void {
    const id = this.messageOf(session, (message) => !message.out);
    if (id === undefined) return this.send(session);
    const fact = { box: session.box, peer: (session.view.messages.get(id) as { peer: number }).peer, maxId: id, acked: false };
    this.history.reads.push(fact);
    this.command(session, () => ({ case: 'readInbox', value: { peer: BigInt(fact.peer), maxId: id } }), this.random.chance(0.5), (outcome) => { fact.acked = outcome !== undefined; }, this.date);
  }

  private pin(session: Session): void {
    const id = this.messageOf(session, (message) => message.peer > 0);
    if (id === undefined) return this.send(session);
    const { peer } = session.view.messages.get(id) as { peer: number };
    const roll = this.random.next();
    const body: CommandBody = roll < 0.1
      ? { case: 'unpinAll', value: { peer: BigInt(peer) } }
      : { case: 'pin', value: { peer: BigInt(peer), id, unpin: roll < 0.4, oneside: roll > 0.8 } };
    this.command(session, () => body, false, () => {}, this.date);
  }

  private small(session: Session): void {
    const peer = this.peerOf(session);
    const ids = this.random.shuffle([...session.view.messages.keys()]).slice(0, 3);
    const filter = this.random.between(2, 6);
    const folder = this.random.chance(0.8) ? 1 : 0;
    const body = this.random.pick<CommandBody>([
      { case: 'saveDraft', value: { peer: BigInt(peer), sealed: encoder.encode(this.random.chance(0.3) ? '' : 'draft') } },
      { case: 'pinDialog', value: { peer: BigInt(peer), pinned: this.random.chance(0.6) } },
      { case: 'reorderPinnedDialogs', value: { order: this.random.shuffle(this.users).slice(0, 2).map(BigInt), force: this.random.chance(0.5) } },
      { case: 'markDialogUnread', value: { peer: BigInt(peer), unread: this.random.chance(0.6) } },
      { case: 'readContents', value: { ids } },
      { case: 'readReactions', value: { peer: BigInt(peer) } },
      { case: 'readPollVotes', value: { peer: BigInt(peer) } },
      { case: 'rememberReaction', value: { used: this.random.chance(0.2) ? undefined : { token: BigInt(this.random.below(3)) } } },
      { case: 'setFolders', value: { peers: this.random.shuffle([...this.users, ...this.groups.made]).slice(0, 3).map((each) => ({ peer: BigInt(each), folderId: folder })) } },
      { case: 'setFolders', value: { peers: [{ peer: BigInt(peer), folderId: folder }] } },
      { case: 'setNotifySettings', value: { peer: BigInt(peer), settings: this.random.chance(0.3) ? undefined : { muteUntil: this.random.chance(0.5) ? 0x7fffffff : 0, sealed: encoder.encode('notify') } } },
      { case: 'setNotifySettings', value: { kind: this.random.between(1, 3), settings: { muteUntil: this.random.chance(0.5) ? 0x7fffffff : 0, sealed: encoder.encode('notify') } } },
      { case: 'resetNotifySettings', value: {} },
      { case: 'setDialogFilter', value: { id: filter, sealed: encoder.encode(this.random.chance(0.3) ? '' : `filter ${filter}`) } },
      { case: 'setChatlist', value: { id: filter, sealed: encoder.encode(`list ${filter}`), invite: { nonce: this.random.between(1, 0xffff), sealed: encoder.encode('link') } } },
      { case: 'setChatlist', value: { id: filter, base: new Uint8Array(0), sealed: encoder.encode('theirs'), joined: encoder.encode('joined') } },
      { case: 'setChatlist', value: { id: filter, endedInvite: this.random.between(1, 0xffff) } },
      { case: 'orderDialogFilters', value: { order: this.random.shuffle([0, 2, 3, 4]) } },
      { case: 'setDialogFilterTags', value: { enabled: this.random.chance(0.5) } },
    ]);
    this.command(session, () => body, false, () => {}, this.date);
  }

  // ── the end ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

  private async stepUntil<T>(promise: Promise<T>): Promise<T | undefined> {
    let over = false;
    let value: T | undefined;
    promise.then((got) => { value = got; over = true; }, (error: unknown) => {
      this.problems.push(`after healing: ${String(error)}`);
      over = true;
    });
    const until = this.scheduler.steps + 20_000;
    await settle();
    while (!over) {
      if (this.scheduler.steps > until) {
        this.problems.push('I5 after healing an engine does not answer');
        return undefined;
      }
      await this.step();
    }
    return value;
  }

  /** Steps until nothing is on its way, for as long as any retry may sleep. */
  private async quiet(): Promise<void> {
    const until = this.scheduler.steps + 40_000;
    let since = this.scheduler.now;
    while (this.scheduler.now - since < CLIENT_TIMEOUT_MS + 7_000) {
      if (this.scheduler.steps > until) {
        this.problems.push('I5 the system does not come to rest');
        return;
      }
      for (const dc of this.dcs) if ((this.nodes.get(dc.id) as EngineNode[]).length === 0) this.boot(dc);
      const before = this.traffic();
      await this.step();
      if (this.traffic() !== before || this.outstanding > 0) since = this.scheduler.now;
    }
  }

  /** Changes whenever a command enters a log. */
  private traffic(): number {
    return this.dcs.reduce((sum, dc) => sum + dc.appended, 0);
  }

  private async heal(): Promise<void> {
    this.scheduler.note(() => 'all faults end');
    this.healing = true;
    Object.assign(this.scenario, { eventLost: 0, eventTwice: 0, answerLost: 0 });
    this.setFaults(NO_FAULTS);
    for (const dc of this.dcs) {
      const nodes = this.nodes.get(dc.id) as EngineNode[];
      for (const node of [...nodes]) if (nodes.length > 1 || node.paused) this.kill(node);
    }
    for (const dc of this.dcs) dc.slow = false;
    await this.quiet();
  }

  /** The owner's filters: each once, the list of all chats among them, no more than may be; those that are shared say so. */
  private judgeFilters(box: number, reader: BoxReader): void {
    const filters = reader.dialog(BOX_ITSELF)?.settings?.filters ?? [];
    const ids = filters.map(({ id }) => id);
    const shared = filters.filter((filter) => filter.shared !== (filter.chatlist?.invites.length ?? 0) > 0 || (filter.chatlist?.invites.length ?? 0) > CHATLIST_INVITES_MAX);
    if (shared.length > 0 || filters.filter(({ chatlist }) => chatlist !== undefined).length > CHATLISTS_MAX) this.problems.push(`box ${box}: its shared filters are ${shared.map(({ id }) => id).join(',')}`);
    if (new Set(ids).size !== ids.length || (ids.length > 0 && !ids.includes(0))) this.problems.push(`box ${box}: its filters are ${ids.join(',')}`);
  }

  private async judge(): Promise<void> {
    const peers = [...this.users, SERVICE_ACCOUNT, ...this.groups.made];
    for (const box of this.users) {
      const node = this.nodeFor(box);
      if (node?.engine === undefined) {
        this.problems.push(`I5 after healing nobody serves box ${box}`);
        return;
      }
      const reader = await this.stepUntil(this.read(node, box));
      if (reader === undefined) return;
      this.judgeFilters(box, reader);
      const view = await this.stepUntil(freshView(reader, box, peers));
      if (view === undefined) return;
      this.history.boxes.push(await this.finalBox(node.dc, box, reader, view, peers));
      for (const session of this.sessions) {
        if (session.box !== box) continue;
        session.catchingUp = false;
        for (const from of [...session.remembered, { box, by: session.name, pts: session.pts, view: session.view }, { box, by: `${session.name} from the beginning`, pts: FIRST_PTS, view: emptyView() }]) {
          for (let complete = false; !complete;) {
            const slice: Awaited<ReturnType<BoxReader['changes']>> | undefined = await this.stepUntil(reader.changes(from.pts, this.random.between(1, 30)));
            if (slice === undefined) return;
            for (const update of slice.updates) {
              applyChange(from.view, changeOf(update));
            }
            if (!slice.complete && slice.pts <= from.pts) {
              this.problems.push(`I3 box ${box}: a difference from ${from.pts} does not get on`);
              return;
            }
            from.pts = slice.pts;
            complete = slice.complete;
          }
          this.history.caughtUp.push(from);
        }
      }
      // Search finds exactly what is there.
      for (const [id, message] of view.messages) {
        // Pinning twice says so twice.
        if (message.content.endsWith('#pin')) continue;
        const token = encoder.encode((message.content.split('#')[0] as string).padEnd(8).slice(0, 8));
        if (this.random.chance(0.8)) continue;
        const hits = await this.stepUntil(reader.searchToken({ peer: 0, tokens: [token], maxId: 0, minId: 0, limit: 10 }));
        if (hits?.length !== 1 || hits[0]?.id !== id) this.problems.push(`box ${box}: search for ${message.content} finds ${hits?.map((hit) => hit.id).join(',')}`);
      }
    }
  }

  /** What the groups say in the end, and what their members were told. */
  private async judgeGroups(): Promise<void> {
    const groups: FinalGroup[] = [];
    const readers = new Map<number, BoxReader>();
    for (const box of [...this.users, ...this.groups.made]) {
      const node = this.nodeFor(box);
      const reader = node === undefined ? undefined : await this.stepUntil(this.read(node, box));
      if (node === undefined || reader === undefined) return;
      readers.set(box, reader);
      const record = reader.dialog(BOX_ITSELF)?.group;
      if (!isGroupBox(box) || record === undefined) continue;
      const rows = await node.dc.rowsOf(box);
      const views: FinalGroup['views'] = [];
      for (const user of this.users) {
        const view = readers.get(user)?.dialog(box)?.view;
        if (view !== undefined) views.push({ user, memberCount: view.memberCount, version: view.version, left: view.left, kicked: view.kicked });
      }
      groups.push({
        group: box, memberCount: record.memberCount, version: record.version, destroyed: record.destroyed, views,
        log: rows.log.filter((row) => row.kind === LOG_MESSAGE).map((row) => {
          const message = fromBinary(MessageRecordSchema, row.v);
          return { id: message.id, from: Number(message.from), alive: message.deletedVersion === 0n, content: contentOf(message) };
        }),
        members: reader.members().map(({ peer, member }) => ({ user: Number(peer), left: member?.left ?? false, kicked: member?.kicked ?? false, sinceId: member?.sinceId ?? 0 })),
      });
    }
    this.problems.push(...await this.later.judge(this.history.boxes, readers, this.dcs, STARTED_SECONDS));
    this.problems.push(...checkGroups(groups, this.history.boxes, this.groups.posts), ...checkReactions(this.history.boxes, groups, this.reactions), ...checkPolls(this.history.boxes, groups, this.polls.votes));
  }

  private async judgeChannels(): Promise<void> {
    const readers = new Map<number, BoxReader>();
    for (const box of [...this.users, ...this.channels.all]) {
      const node = this.nodeFor(box);
      const reader = node === undefined ? undefined : await this.stepUntil(this.read(node, box));
      if (node === undefined || reader === undefined) return;
      readers.set(box, reader);
      if (!isChannelBox(box)) continue;
      const log = await this.stepUntil(node.dc.commandsOf(box));
      if (log === undefined) return;
      const logged = log.map(({ offset, value }) => ({ command: fromBinary(CommandSchema, value), version: versionOf(1, offset) }));
      this.problems.push(...await this.stepUntil(this.channels.judge(box, reader, logged, readers, node.dc)) ?? []);
    }
    this.problems.push(...this.channels.judgeDiscussions());
  }

  private async finalBox(dc: DataCenter, box: number, reader: BoxReader, view: FinalBox['view'], peers: readonly number[]): Promise<FinalBox> {
    const log: FinalBox['log'] = [];
    const messages: FinalMessage[] = [];
    const unseen: string[] = [];
    const uncounted: string[] = [];
    const kept = new Map<number, number[]>();
    const rows = await dc.rowsOf(box);
    for (const row of rows.log) {
      if (row.kind === LOG_MESSAGE) {
        const record = fromBinary(MessageRecordSchema, row.v);
        log.push({ pts: record.pts, count: 1 });
        const alive = record.deletedVersion === 0n;
        this.later.found(box, record, this.problems);
        if (alive && Number(record.peer) === box) {
          const part = savedPart(Number(record.savedPeer) || box);
          kept.set(part, [...(kept.get(part) ?? []), record.id]);
        }
        const uid = { box: Number(record.uid?.box ?? 0n), id: record.uid?.id ?? 0 };
        messages.push({ id: record.id, peer: Number(record.peer), out: record.out, date: record.date, alive, content: contentOf(record), randomId: String(record.randomId), uid, reactions: reactionsOf(record), poll: this.polls.found(box, record, this.problems) });
        for (const { user, unread } of record.reactions) if (unread) unseen.push(`${record.id} ${user}`);
        for (const { user, unread } of record.pollVotes) if (unread && alive) uncounted.push(`${record.id} ${user}`);
        const shown = view.messages.get(record.id);
        if (alive !== (shown !== undefined) || (shown !== undefined && shown.content !== contentOf(record))) {
          this.problems.push(`I3 box ${box}: history shows ${shown?.content ?? 'nothing'} for ${record.id}, its row says ${alive ? contentOf(record) : 'deleted'}`);
        }
      } else if (row.kind === LOG_CHANGE) {
        const update = fromBinary(BoxUpdateSchema, row.v);
        log.push({ pts: update.pts, count: update.ptsCount });
      }
    }
    // What is stored is no newer than what is served, and consistent in itself.
    for (const row of rows.state) {
      if (row.kind === STATE_HEAD && fromBinary(HeadSchema, row.v).pts > reader.head().pts) this.problems.push(`I3 box ${box}: the stored head is ahead of the served one`);
      if (row.kind === STATE_DIALOG && fromBinary(DialogRecordSchema, row.v).topId > reader.head().topId) this.problems.push(`I3 box ${box}: a stored dialog is ahead of the served head`);
    }
    for (const peer of peers) {
      const ids = kept.get(savedPart(peer)) ?? [];
      const { messageCount = 0, topId = 0 } = reader.dialog(savedPart(peer)) ?? {};
      if (messageCount !== ids.length || topId !== Math.max(0, ...ids)) this.problems.push(`box ${box}: the part of ${peer} says ${messageCount} up to ${topId}, its messages are ${ids.join()}`);
    }
    const dialogs = peers.map((peer) => reader.dialog(peer)).filter((dialog) => dialog !== undefined);
    const unread = dialogs.flatMap((dialog) => dialog.unreadReactions.map(({ id, user }) => `${id} ${user}`));
    if (unread.sort().join() !== unseen.sort().join()) this.problems.push(`R3 box ${box}: unread are the reactions ${unread.join()}, its messages say ${unseen.join()}`);
    const votes = dialogs.flatMap((dialog) => dialog.unreadVotes.map(({ id, user }) => `${id} ${user}`));
    if (votes.sort().join() !== uncounted.sort().join()) this.problems.push(`P4 box ${box}: unread are the votes ${votes.join()}, its messages say ${uncounted.join()}`);
    for (const { pinnedOrder, folderId } of dialogs) if (pinnedOrder > 0 && dialogs.filter((dialog) => dialog.pinnedOrder === pinnedOrder && dialog.folderId === folderId).length > 1) this.problems.push(`box ${box}: two dialogs are pinned at ${pinnedOrder}`);
    return {
      box, pts: reader.head().pts, firstPts: FIRST_PTS, log, messages, view,
      dialogs: dialogs.map((dialog) => ({
        peer: Number(dialog.peer), topId: dialog.topId, unreadCount: dialog.unreadCount, messageCount: dialog.messageCount,
        readInboxMaxId: dialog.readInboxMaxId, readOutboxMaxId: dialog.readOutboxMaxId, pinnedIds: dialog.pinnedIds,
      })),
    };
  }
}
