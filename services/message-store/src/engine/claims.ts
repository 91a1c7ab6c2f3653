import type { Clock, Logger } from '@heliograph/service-kit/kit';
import type { Storage } from '@heliograph/storage/storage';
import { type Claim, claimStep, designated, type Member, type Myself } from '../domain/claim-step';
import { boxClaims } from '../tables/box-claims';
import { boxReplicas } from '../tables/box-replicas';
import {
  CLAIMS_EXPECTING_LOOK_MS, CLAIMS_HANDOVERS_MAX, CLAIMS_LEAVE_NOTICE_MS, CLAIMS_LOOK_MS, CLAIMS_ROWS_MAX, CLAIMS_SILENT_LOOKS_MAX, CLAIMS_TRUST_MS,
} from './limits';

const SERVICE = 'message-store';
/** How often a leaving replica looks whether what it had begun is through, milliseconds. */
const CHANGING_LOOK_MS = 20;

/** A partition of box-commands, or the relay to a data center. */
export interface Work {
  readonly kind: 'boxes' | 'relay';
  readonly number: number;
}

export interface ClaimsDeps {
  storage: Storage;
  clock: Clock;
  log: Logger;
  replica: number;
  /** How many replicas there are meant to be. */
  replicas: number;
  /** Random, of this process alone. */
  life: string;
  /** False: this process had better not work while another can (its clock is wrong). Default: always true. */
  fit?(): boolean;
  /** Everything that is to be shared out. */
  work: readonly Work[];
  /** Begins; resolves when this process does the work. May be called again after a failure. */
  begin(work: Work): Promise<void>;
  /** Ends; resolves when nothing of it is left here. `atOnce`: another does it already. */
  end(work: Work, atOnce: boolean): Promise<void>;
}

/** One piece of work, as a person or a tool looks at it. */
export interface ClaimView extends Work {
  owner: number | undefined;
  life: string | undefined;
  generation: number;
  since: number;
  running: boolean;
}

interface Known extends Claim {
  readonly since: number;
}

interface Seen {
  beat: number;
  silentLooks: number;
  proven: boolean;
}

const keyOf = (work: Work): string => `${work.kind} ${work.number}`;

/**
 * Shares the engine's work out over its replicas: each piece has one owner, kept in a conditional row that changes hands only at a hand-over
 * (docs/adr/0009-slices.md). A replica that leaves releases at once; one that falls silent is replaced after CLAIMS_SILENT_LOOKS_MAX looks.
 */
export class Claims {
  private readonly me: { -readonly [K in keyof Myself]: Myself[K] };
  private claims = new Map<string, Known>();
  private members: Member[] = [];
  private readonly seen = new Map<string, Seen>();
  private readonly running = new Set<string>();
  /** Being begun or ended. */
  private readonly changing = new Set<string>();
  private readonly failures = new Map<string, string>();
  private beats = 0;
  private looks = 0;
  /** When the last sign of life that was stored began to be written, milliseconds of the clock. */
  private trustedFrom = -Infinity;
  private lookFailure: string | undefined = 'the claims were not looked at yet';
  private expecting = false;
  private departing = false;
  private stopped = false;
  private readonly wakers = new Set<() => void>();
  private looping: Promise<void> | undefined;

  /** What is shared out: the partitions of box-commands, and the relay to each other data center. */
  static workOf(partitions: number, relayDcs: readonly number[]): Work[] {
    return [...Array.from({ length: partitions }, (_, number) => ({ kind: 'boxes' as const, number })), ...relayDcs.map((number) => ({ kind: 'relay' as const, number }))];
  }

  constructor(private readonly deps: ClaimsDeps) {
    this.me = { replica: deps.replica, life: deps.life, replicas: deps.replicas, leaving: false };
  }

  /** Begins to look; resolves after the first look. What can be had at once is begun then, or on its way. */
  async start(): Promise<void> {
    await this.turn();
    this.looping = this.loop();
  }

  /**
   * Whether this replica may still answer for what it runs. It may not when its signs of life have not been stored for CLAIMS_TRUST_MS:
   * the others take over a little later, and callers are better served by whoever can reach the storage.
   */
  get trusted(): boolean {
    return this.deps.clock.now() - this.trustedFrom < CLAIMS_TRUST_MS;
  }

  /** Who works on it, as far as is known here; undefined while it changes hands. */
  ownerOf(work: Work): number | undefined {
    const claim = this.claims.get(keyOf(work));
    if (claim?.life === undefined || claim.life === this.me.life) {
      const target = this.target(work);
      return target === this.me.replica ? undefined : target;
    }
    return claim.owner;
  }

  /** Why not all is well, for readiness. */
  unreadyReason(): string | undefined {
    if (this.lookFailure !== undefined) return this.lookFailure;
    if (!this.trusted) return 'no sign of life could be stored lately';
    for (const work of this.deps.work) {
      const key = keyOf(work);
      if (this.target(work) !== this.me.replica || this.running.has(key)) continue;
      return this.failures.get(key) ?? `${key} is not taken yet`;
    }
    return undefined;
  }

  view(): ClaimView[] {
    return this.deps.work.map((work) => {
      const claim = this.claims.get(keyOf(work));
      return { ...work, owner: claim?.owner, life: claim?.life, generation: claim?.generation ?? 0, since: claim?.since ?? 0, running: this.running.has(keyOf(work)) };
    });
  }

  /** Gives everything away in order, then is silent. */
  async leave(): Promise<void> {
    const { clock, log } = this.deps;
    this.departing = true;
    this.me.leaving = true;
    // Others see it and wait for what is released; alone, there is nobody to wait for.
    const others = this.othersServe();
    try {
      await this.beat();
      if (others) await clock.sleep(CLAIMS_LEAVE_NOTICE_MS);
    } catch (error) {
      log.warn({ error: String(error) }, 'the others could not be told that this replica leaves');
    }
    this.stopped = true;
    this.wake();
    await this.looping;
    while (this.changing.size > 0) await clock.sleep(CHANGING_LOOK_MS);
    await eachOf(this.deps.work.filter((work) => this.claims.get(keyOf(work))?.life === this.me.life || this.running.has(keyOf(work))), (work) => this.give(work));
    await this.deps.storage.delete(boxReplicas, { service: SERVICE, replica: this.me.replica, life: this.me.life }, { version: BigInt(this.beats + 1) })
      .catch((error: unknown) => log.warn({ error: String(error) }, 'the sign of life of this replica stays until it expires'));
  }

  private othersServe(): boolean {
    return this.members.some((member) => member.replica !== this.me.replica && member.proven && !member.leaving && member.silentLooks < CLAIMS_SILENT_LOOKS_MAX);
  }

  private target(work: Work): number | undefined {
    return designated(work.number, this.me, this.members, CLAIMS_SILENT_LOOKS_MAX);
  }

  private wake(): void {
    for (const wake of this.wakers) wake();
  }

  private async loop(): Promise<void> {
    let sinceTurn = 0;
    while (!this.stopped) {
      const wait = this.expecting ? CLAIMS_EXPECTING_LOOK_MS : CLAIMS_LOOK_MS - sinceTurn;
      await this.pause(wait);
      if (this.stopped) return;
      sinceTurn += wait;
      if (sinceTurn >= CLAIMS_LOOK_MS) {
        sinceTurn = 0;
        await this.turn();
      } else await this.act(await this.readClaims());
    }
  }

  private async pause(ms: number): Promise<void> {
    const waking = new AbortController();
    const wake = (): void => waking.abort();
    this.wakers.add(wake);
    await this.deps.clock.sleep(ms, waking.signal);
    this.wakers.delete(wake);
  }

  /** A sign of life, a look at the others' and at the claims, and what follows from them. */
  private async turn(): Promise<void> {
    try {
      this.me.leaving = this.departing || (this.deps.fit?.() === false && this.othersServe());
      await this.beat();
      await this.readMembers();
      const claims = await this.readClaims();
      this.looks += 1;
      this.lookFailure = undefined;
      await this.act(claims);
    } catch (error) {
      this.lookFailure = `the claims cannot be looked at: ${error instanceof Error ? error.message : String(error)}`;
      this.deps.log.warn({ error: String(error) }, 'the claims of the engine cannot be looked at');
    }
  }

  private async beat(): Promise<void> {
    const { storage, clock } = this.deps;
    const began = clock.now();
    this.beats += 1;
    const { replica, life, replicas, leaving } = this.me;
    await storage.put(boxReplicas, { service: SERVICE, replica, life, beat: this.beats, replicas, state: leaving ? 'leaving' : 'serving' }, { version: BigInt(this.beats) });
    this.trustedFrom = began;
  }

  private async readMembers(): Promise<void> {
    const rows = await this.deps.storage.range(boxReplicas, { service: SERVICE }, { limit: CLAIMS_ROWS_MAX });
    const there = new Set<string>();
    this.members = rows.map(({ replica, life, beat, replicas, state }) => {
      there.add(life);
      const seen = this.seen.get(life);
      if (seen === undefined) this.seen.set(life, { beat: beat ?? 0, silentLooks: 0, proven: false });
      else if (seen.beat === beat) seen.silentLooks += 1;
      else {
        seen.beat = beat ?? 0;
        seen.silentLooks = 0;
        seen.proven = true;
      }
      const { silentLooks, proven } = this.seen.get(life) as Seen;
      return { replica, life, replicas: replicas ?? 1, leaving: state === 'leaving', silentLooks, proven };
    });
    for (const life of this.seen.keys()) if (!there.has(life)) this.seen.delete(life);
  }

  private async readClaims(): Promise<Map<string, Known>> {
    const rows = await this.deps.storage.range(boxClaims, { service: SERVICE }, { limit: CLAIMS_ROWS_MAX });
    return new Map(rows.map(({ kind, number, owner, life, generation, since }) => [
      keyOf({ kind: kind as Work['kind'], number }),
      { owner: owner ?? undefined, life: life ?? undefined, generation: generation ?? 0, since: since ?? 0 },
    ]));
  }

  /** One step for every piece of work; hand-overs go on while the next look is made. */
  private async act(claims: Map<string, Known>): Promise<void> {
    this.claims = claims;
    const taken: Work[] = [];
    const given: Work[] = [];
    let expecting = false;
    for (const work of this.deps.work) {
      const key = keyOf(work);
      if (this.changing.has(key)) continue;
      const step = claimStep({
        claim: claims.get(key), running: this.running.has(key), target: this.target(work), me: this.me, members: this.members, looks: this.looks, silentLooksMax: CLAIMS_SILENT_LOOKS_MAX,
      });
      if (step === 'claim' || step === 'begin') taken.push(work);
      else if (step === 'give') given.push(work);
      else if (step === 'drop') await this.drop(work);
      else if (step === 'expect') expecting = true;
    }
    this.expecting = expecting;
    for (const work of [...taken, ...given]) this.changing.add(keyOf(work));
    // Not awaited: a long replay must not keep this replica from giving signs of life.
    void eachOf(taken, (work) => this.take(work));
    void eachOf(given, (work) => this.give(work));
  }

  private async take(work: Work): Promise<void> {
    const key = keyOf(work);
    this.changing.add(key);
    try {
      if (!await this.claim(work)) return;
      await this.deps.begin(work);
      this.running.add(key);
      this.failures.delete(key);
    } catch (error) {
      const reason = `${key}: ${error instanceof Error ? error.message : String(error)}`;
      if (this.failures.get(key) !== reason) this.deps.log.error({ ...work, error: String(error) }, 'what was claimed could not be begun; trying again');
      this.failures.set(key, reason);
    } finally {
      this.changing.delete(key);
    }
  }

  /** Makes the work this replica's own; false when another was faster. An unknown outcome shows at the next look. */
  private async claim(work: Work): Promise<boolean> {
    const { storage, clock, log } = this.deps;
    const key = keyOf(work);
    const before = this.claims.get(key);
    if (before?.life === this.me.life) return true;
    const place = { service: SERVICE, kind: work.kind, number: work.number };
    const next = { owner: this.me.replica, life: this.me.life, generation: (before?.generation ?? 0) + 1, since: Math.floor(clock.now()) };
    const { applied } = before === undefined
      ? await storage.insertIfAbsent(boxClaims, { ...place, ...next })
      : await storage.replaceIf(boxClaims, place, { life: before.life ?? null, generation: before.generation }, next);
    if (!applied) return false;
    this.claims.set(key, next);
    log.info({ ...work, generation: next.generation, from: before?.owner }, 'taken');
    return true;
  }

  private async give(work: Work): Promise<void> {
    const { storage, log } = this.deps;
    const key = keyOf(work);
    this.changing.add(key);
    try {
      await this.deps.end(work, false);
      this.running.delete(key);
      const claim = this.claims.get(key);
      if (claim?.life !== this.me.life) return;
      await storage.replaceIf(boxClaims, { service: SERVICE, kind: work.kind, number: work.number }, { life: this.me.life, generation: claim.generation }, { life: null });
      this.claims.set(key, { ...claim, life: undefined });
      log.info({ ...work, generation: claim.generation, to: this.target(work) }, 'released');
    } catch (error) {
      // Still this replica's by the row: the next look gives it again, or another takes it when this one is gone.
      log.warn({ ...work, error: String(error) }, 'could not be released');
    } finally {
      this.changing.delete(key);
    }
  }

  private async drop(work: Work): Promise<void> {
    const key = keyOf(work);
    this.running.delete(key);
    this.deps.log.warn({ ...work, owner: this.claims.get(key)?.owner }, 'another replica has taken this over');
    await this.deps.end(work, true);
  }
}

/** A few at a time. */
async function eachOf<T>(all: readonly T[], task: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  await Promise.all(Array.from({ length: Math.min(CLAIMS_HANDOVERS_MAX, left.length) }, async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await task(next);
  }));
}
