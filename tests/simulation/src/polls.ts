import type { BoxEngine, Outcome } from '@heliograph/message-store/engine/contract';
import { closesAt } from '@heliograph/message-store/engine/effects/polls';
import type { MessageRecord, MessageUid } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { FinalMessage } from '@heliograph/testing/checker';
import type { VoteFact } from '@heliograph/testing/poll-checker';
import type { Random } from './random';
import type { Session } from './session';

type CommandBody = Parameters<BoxEngine['submit']>[0]['body'];

/** What voters need of the world. */
export interface PollClients {
  readonly random: Random;
  /** Unix seconds. */
  now(): number;
  uidOf(box: number, id: number): MessageUid | undefined;
  command(session: Session, body: CommandBody, insist: boolean, done: (outcome: Outcome | undefined) => void): void;
}

const ANSWERS = 3;
/** Seconds that a sweep may be behind when everything has healed. */
const BEHIND_SECONDS = 10;

/** People who vote in each other's polls, change their minds where they may, and end what they asked. */
export class Polls {
  readonly votes: VoteFact[] = [];
  /** Messages that ask something, by what they say. */
  private readonly asked = new Set<string>();

  constructor(private readonly clients: PollClients) {}

  /** What a message asks, if it asks something. */
  terms(content: string): { answers: number; final: boolean; public: boolean; closePeriod: number } | undefined {
    const { random } = this.clients;
    if (!random.chance(0.2)) return undefined;
    this.asked.add(content);
    return { answers: ANSWERS, final: random.chance(0.5), public: random.chance(0.5), closePeriod: random.chance(0.15) ? random.between(3, 9) : 0 };
  }

  /** Whether there is a poll to do something with. */
  act(session: Session): boolean {
    const { random } = this.clients;
    const known = [...session.view.messages].filter(([, message]) => this.asked.has(keyOf(message.content)));
    if (known.length === 0) return false;
    const [id, { peer, out }] = random.pick(known);
    if (out && random.chance(0.15)) this.close(session, peer, id);
    else this.vote(session, peer, id);
    return true;
  }

  private vote(session: Session, peer: number, id: number): void {
    const { random } = this.clients;
    const options = random.chance(0.2) ? 0 : 1 << random.below(ANSWERS);
    const body = this.bodyOf(session, peer, id, { case: 'vote', value: { id, options } }, (inGroup) => ({ case: 'vote', value: { id: inGroup, options } }));
    if (body === undefined) return;
    const fact: VoteFact = { box: session.box, id, options };
    this.votes.push(fact);
    this.clients.command(session, body, false, (outcome) => {
      // Nothing tells of it where the message is gone. What is refused may be a repetition of what was not.
      if (outcome !== undefined && outcome.error === undefined && outcome.updates.length > 0) fact.ackVersion = outcome.version;
    });
  }

  private close(session: Session, peer: number, id: number): void {
    const body = this.bodyOf(session, peer, id, { case: 'closePoll', value: { id } }, (inGroup) => ({ case: 'closePoll', value: { id: inGroup } }));
    if (body !== undefined) this.clients.command(session, body, false, () => {});
  }

  private bodyOf(session: Session, peer: number, id: number, own: CommandBody, act: (id: number) => object): CommandBody | undefined {
    if (peer > 0) return own;
    const uid = this.clients.uidOf(session.box, id);
    return uid && { case: 'groupCall', value: { group: BigInt(peer), act: { act: act(uid.id) as never } } };
  }

  /** A poll as it is in the end; its time must not be over while it goes on. */
  found(box: number, record: MessageRecord, problems: string[]): FinalMessage['poll'] {
    const { poll, pollVotes, pollClosedVersion, deletedVersion, id } = record;
    if (poll === undefined) return undefined;
    const at = closesAt(record);
    const closed = pollClosedVersion !== 0n;
    if (!closed && deletedVersion === 0n && at > 0 && at + BEHIND_SECONDS < this.clients.now()) problems.push(`P3 box ${box}: poll ${id} goes on after its time`);
    return { votes: new Map(pollVotes.map(({ user, options }) => [Number(user), options])), closed, final: poll.final };
  }
}

/** What a message said first; edits keep its key. */
const keyOf = (content: string): string => `${content.split('#')[0] as string}#0`;
