import type { BoxEngine, BoxReader, Outcome } from '@heliograph/message-store/engine/contract';
import { BOX_PARTITIONS } from '@heliograph/message-store/engine/limits';
import { hourOf } from '@heliograph/message-store/engine/rows';
import { boxDue } from '@heliograph/message-store/tables/box-due';
import type { MessageRecord, ScheduledMessage } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { FinalBox, History } from '@heliograph/testing/checker';
import type { PostFact } from '@heliograph/testing/group-checker';
import type { DataCenter } from './data-center';
import type { Random } from './random';
import type { Session } from './session';

type CommandBody = Parameters<BoxEngine['submit']>[0]['body'];

/** What clients that do things later need of the world. */
export interface LaterClients {
  readonly random: Random;
  readonly history: History;
  /** Of posts in groups. */
  readonly posts: PostFact[];
  readonly groups: readonly number[];
  /** Unix seconds. */
  now(): number;
  newKey(): string;
  content(key: string, version: string): { sealed: Uint8Array; tokens: Uint8Array; mediaClass: number };
  peerOf(session: Session): number;
  command(session: Session, body: CommandBody, insist: boolean, done: (outcome: Outcome | undefined) => void): void;
}

/** Seconds that a sweep may be behind when everything has healed. */
const BEHIND_SECONDS = 10;

/** People who schedule messages, change their minds about them, and let chats forget. */
export class Later {
  /** What was acknowledged to be sent later, by box and random_id, and not given up since. */
  private readonly promised = new Map<string, { box: number; peer: number; key: string; randomId: string }>();
  private readonly waiting: { session: Session; message: ScheduledMessage }[] = [];

  constructor(private readonly clients: LaterClients) {}

  act(session: Session): void {
    const roll = this.clients.random.next();
    const [known] = this.waiting.length > 0 ? [this.clients.random.pick(this.waiting)] : [];
    if (known === undefined || roll < 0.45) return this.schedule(session);
    if (roll < 0.6) return this.forget(session);
    if (roll < 0.75) return this.change(known);
    if (roll < 0.88) return this.giveUp(known);
    this.clients.command(known.session, { case: 'sendScheduled', value: { message: known.message } }, false, () => {});
  }

  private schedule(session: Session): void {
    const { random, history, groups, posts } = this.clients;
    const group = groups.length > 0 && random.chance(0.3);
    const peer = group ? random.pick(groups) : this.clients.peerOf(session);
    const key = this.clients.newKey();
    const randomId = random.bigint();
    // When it is sent is not the client's to say.
    if (group) posts.push({ group: peer, box: session.box, key, acks: [] });
    else history.sent.push({ box: session.box, peer, key, randomId: String(randomId), dates: [], delivered: peer !== session.box, acks: [] });
    const message = { peer: BigInt(peer), at: this.clients.now() + random.between(0, 15), randomId, content: this.clients.content(key, '0') };
    this.clients.command(session, { case: 'schedule', value: { message } }, !random.chance(0.1), (outcome) => {
      if (outcome === undefined || outcome.error !== undefined) return;
      this.learn(session, outcome);
      if (!group) this.promised.set(`${session.box} ${randomId}`, { box: session.box, peer, key, randomId: String(randomId) });
    });
  }

  private learn(session: Session, outcome: Outcome): void {
    for (const { change } of outcome.updates) if (change.case === 'scheduled') this.waiting.push({ session, message: change.value });
  }

  private change({ session, message }: { session: Session; message: ScheduledMessage }): void {
    const at = this.clients.now() + this.clients.random.between(0, 15);
    this.clients.command(session, { case: 'schedule', value: { message: { ...message, at } } }, false, (outcome) => { if (outcome !== undefined) this.learn(session, outcome); });
  }

  private giveUp({ session, message }: { session: Session; message: ScheduledMessage }): void {
    this.promised.delete(`${session.box} ${message.randomId}`);
    this.clients.command(session, { case: 'deleteScheduled', value: { peer: message.peer, ids: [message.id] } }, false, () => {});
  }

  /** A private chat forgets from now on, after some seconds, or no more. */
  private forget(session: Session): void {
    const { random, history } = this.clients;
    const peer = this.clients.peerOf(session);
    if (peer === session.box) return this.schedule(session);
    const key = this.clients.newKey();
    const randomId = random.bigint();
    history.sent.push({ box: session.box, peer, key, randomId: String(randomId), dates: [], delivered: true, acks: [] });
    const value = { peer: BigInt(peer), randomId, content: this.clients.content(key, 'period'), setTtl: { period: random.pick([0, 3, 9]) } };
    this.clients.command(session, { case: 'send', value }, false, () => {});
  }

  /** A message of a box's log as it is in the end: it may be gone because its time was over, and must be. */
  found(box: number, record: MessageRecord, problems: string[]): void {
    if (record.ttlPeriod === 0) return;
    const sent = this.clients.history.sent.find((fact) => fact.box === box && fact.randomId === String(record.randomId));
    if (sent !== undefined) this.clients.history.deletes.push({ box, keys: [sent.key], revoke: true, acked: false });
    if (record.deletedVersion === 0n && record.date + record.ttlPeriod + BEHIND_SECONDS < this.clients.now()) problems.push(`D1 box ${box}: message ${record.id} is there after its time`);
  }

  /** What contradicts the promises of what comes due (docs/adr/0015-things-that-come-due.md), when all has come to rest. */
  async judge(boxes: readonly FinalBox[], readers: ReadonlyMap<number, BoxReader>, dcs: readonly DataCenter[], since: number): Promise<string[]> {
    const problems: string[] = [];
    for (const { box, peer, key, randomId } of this.promised.values()) {
      const sent = boxes.find((each) => each.box === box)?.messages.filter((message) => message.randomId === randomId).length;
      if (sent !== undefined && sent !== 1) problems.push(`D2 box ${box}: ${key} was to be sent to ${peer}, and was ${sent} times`);
    }
    for (const { box } of boxes) {
      for (const { box: peer } of boxes) {
        const [own, theirs] = [readers.get(box)?.dialog(peer), readers.get(peer)?.dialog(box)];
        const waits = own?.scheduled.filter(({ at }) => at + BEHIND_SECONDS < this.clients.now()).length ?? 0;
        if (waits > 0) problems.push(`D3 box ${box}: ${waits} messages to ${peer} still wait after their time`);
        if (own !== undefined && theirs !== undefined && own.ttlPeriod !== theirs.ttlPeriod) problems.push(`D4 boxes ${box} and ${peer} disagree on how long messages stay: ${own.ttlPeriod} and ${theirs.ttlPeriod}`);
      }
    }
    const now = this.clients.now();
    for (const dc of dcs) {
      for (let slice = 0; slice < BOX_PARTITIONS; slice += 1) {
        for (let hour = hourOf(since); hour <= hourOf(now); hour += 1) {
          const rows = await dc.tables.range(boxDue, { slice, hour }, { to: { at: now - BEHIND_SECONDS }, limit: 1_000 });
          if (rows.length > 0) problems.push(`D5 slice ${slice}: ${rows.length} rows of what came due were left`);
        }
      }
    }
    return problems;
  }
}
