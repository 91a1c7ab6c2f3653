import { DEADLINE_SLOTS_COUNT, DEADLINE_TICK_MS } from './limits';

/** Something that ends at a time. Linked into a slot of the wheel, so that adding and removing allocate nothing. */
export interface Deadlined {
  dueTick: number;
  previousDeadlined: Deadlined | undefined;
  nextDeadlined: Deadlined | undefined;
  expire(): void;
}

interface Slot extends Deadlined {
  dueTick: number;
}

function emptySlot(): Slot {
  const slot: Slot = { dueTick: 0, previousDeadlined: undefined, nextDeadlined: undefined, expire() {} };
  slot.previousDeadlined = slot;
  slot.nextDeadlined = slot;
  return slot;
}

/**
 * Deadlines of calls, exact to DEADLINE_TICK_MS and never early. One timer serves all of them and only runs while there
 * are some: a timer per call costs more than the call.
 */
export class DeadlineWheel {
  private readonly slots: Slot[] = Array.from({ length: DEADLINE_SLOTS_COUNT }, emptySlot);
  private count = 0;
  private tick = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param now monotonic milliseconds */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Calls `item.expire()` once, `ms` from now or up to a tick later, unless it is removed first. */
  add(item: Deadlined, ms: number): void {
    const tick = Math.floor(this.now() / DEADLINE_TICK_MS);
    if (this.timer === undefined) {
      this.tick = tick;
      this.timer = setInterval(() => this.advance(), DEADLINE_TICK_MS);
      this.timer.unref();
    }
    // Two ticks on: this tick is partly over, and a deadline is never early.
    item.dueTick = tick + Math.ceil(ms / DEADLINE_TICK_MS) + 1;
    const slot = this.slots[item.dueTick % DEADLINE_SLOTS_COUNT] as Slot;
    const last = slot.previousDeadlined as Deadlined;
    item.previousDeadlined = last;
    item.nextDeadlined = slot;
    last.nextDeadlined = item;
    slot.previousDeadlined = item;
    this.count += 1;
  }

  /** Idempotent. */
  remove(item: Deadlined): void {
    const { previousDeadlined, nextDeadlined } = item;
    if (previousDeadlined === undefined || nextDeadlined === undefined) return;
    previousDeadlined.nextDeadlined = nextDeadlined;
    nextDeadlined.previousDeadlined = previousDeadlined;
    item.previousDeadlined = undefined;
    item.nextDeadlined = undefined;
    this.count -= 1;
  }

  private advance(): void {
    const target = Math.floor(this.now() / DEADLINE_TICK_MS);
    // A process that was paused for longer than a turn of the wheel looks at each slot once.
    const first = Math.max(this.tick + 1, target - DEADLINE_SLOTS_COUNT + 1);
    // Collected first: ending one call may end others.
    const due: Deadlined[] = [];
    for (let tick = first; tick <= target; tick += 1) {
      const slot = this.slots[tick % DEADLINE_SLOTS_COUNT] as Slot;
      for (let item = slot.nextDeadlined as Deadlined; item !== slot; item = item.nextDeadlined as Deadlined) {
        if (item.dueTick <= target) due.push(item);
      }
    }
    this.tick = target;
    for (const item of due) {
      if (item.nextDeadlined === undefined) continue;
      this.remove(item);
      item.expire();
    }
    if (this.count === 0 && this.timer !== undefined) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
  }
}
