import type { Random } from './random';

/** Half a minute before the end of an hour. */
export const START_MS = 1_800_003_570_000;

/** Something that can happen next. */
interface Action {
  owner: object | undefined;
  label: string;
  run(): void;
}
interface Timer {
  due: number;
  order: number;
  owner: object | undefined;
  run(): void;
}

/**
 * Owns time and order: whatever is asynchronous in a run is an action or a timer here, and which comes next is drawn from the seed.
 */
export class Scheduler {
  /** Milliseconds. */
  now = START_MS;
  steps = 0;
  private actions: Action[] = [];
  private timers: Timer[] = [];
  private order = 0;
  private readonly paused = new Set<object>();
  /** The newest lines of what happened. */
  readonly timeline: string[] = [];

  constructor(readonly random: Random, private readonly keepTimeline: boolean) {}

  note(text: () => string): void {
    if (!this.keepTimeline) return;
    this.timeline.push(`${String(this.steps).padStart(6)} ${String(this.now % 100_000_000).padStart(8)} ${text()}`);
  }

  later(owner: object | undefined, label: string, run: () => void): void {
    this.actions.push({ owner, label, run });
  }

  after(ms: number, owner: object | undefined, run: () => void): { stop(): void } {
    const timer = { due: this.now + Math.max(0, ms), order: (this.order += 1), owner, run };
    this.timers.push(timer);
    return { stop: () => { this.timers = this.timers.filter((other) => other !== timer); } };
  }

  every(ms: number, owner: object | undefined, run: () => void): { stop(): void } {
    let stopped = false;
    const arm = (): void => {
      this.after(ms, owner, () => {
        if (stopped) return;
        arm();
        run();
      });
    };
    arm();
    return { stop: () => { stopped = true; } };
  }

  /** Nothing of this owner happens until it is resumed. */
  pause(owner: object): void {
    this.paused.add(owner);
  }
  resume(owner: object): void {
    this.paused.delete(owner);
  }

  /** Forgets what an owner had under way; what it already sent on its way (`survives`) still arrives. */
  cancel(owner: object, survives: (label: string) => boolean): void {
    this.paused.delete(owner);
    this.actions = this.actions.filter((action) => action.owner !== owner || survives(action.label));
    for (const action of this.actions) if (action.owner === owner) action.owner = undefined;
    this.timers = this.timers.filter((timer) => timer.owner !== owner);
  }

  get busy(): boolean {
    return this.actions.length > 0;
  }

  /** One action, or a step in time when there is none (or now and then although there is). */
  async step(): Promise<void> {
    this.steps += 1;
    const eligible = this.paused.size === 0 ? this.actions : this.actions.filter((action) => action.owner === undefined || !this.paused.has(action.owner));
    if (eligible.length === 0 || this.random.chance(0.02)) this.advance();
    else {
      // Mostly among the oldest few, so that nothing waits for ever; sometimes any.
      const span = this.random.chance(0.8) ? Math.min(eligible.length, 8) : eligible.length;
      const action = eligible[this.random.below(span)] as Action;
      this.actions.splice(this.actions.indexOf(action), 1);
      action.run();
    }
    await settle();
  }

  private advance(): void {
    const due = this.timers.filter((timer) => timer.owner === undefined || !this.paused.has(timer.owner)).sort((a, b) => a.due - b.due || a.order - b.order)[0];
    if (due === undefined) {
      this.now += 10;
      return;
    }
    this.now = Math.max(this.now, due.due);
    this.timers = this.timers.filter((timer) => timer !== due);
    due.run();
  }
}

/** Lets all promises that can go on do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve); });
}
