import type { BoxUpdate } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { applyChange, describeChange, emptyView, type CaughtUp, type Observation, type View } from '@heliograph/testing/checker';
import { changeOf, copyView } from './changes';

/** A device: what it knows of its owner's box, and Telegram's rule for taking updates (core.telegram.org/api/updates). */
export class Session {
  pts: number;
  view: View = emptyView();
  /** Asks for a difference now; what is pushed meanwhile it would get twice. */
  catchingUp = false;
  /** States that it remembers, to catch up from in the end. */
  readonly remembered: (CaughtUp & { pts: number })[] = [];

  constructor(readonly box: number, readonly id: bigint, firstPts: number, private readonly observe: (observation: Observation) => void) {
    this.pts = firstPts;
  }

  get name(): string {
    return `${this.box}/${this.id}`;
  }

  /** Takes pushed changes (or those of an answer); false when there is a gap and a difference is needed. */
  take(updates: readonly BoxUpdate[]): boolean {
    if (this.catchingUp) return true;
    for (const update of updates) {
      if (update.ptsCount === 0) continue;
      if (update.pts <= this.pts) {
        this.see(update);
        continue;
      }
      if (this.pts + update.ptsCount !== update.pts) return false;
      this.see(update);
      applyChange(this.view, changeOf(update));
      this.pts = update.pts;
    }
    return true;
  }

  /** Takes a slice of a difference that was asked for `from`. */
  takeSlice(from: number, slice: { updates: readonly BoxUpdate[]; pts: number }): void {
    // Something else moved on meanwhile: the slice is of no use.
    if (from !== this.pts) return;
    for (const update of slice.updates) {
      this.see(update);
      applyChange(this.view, changeOf(update));
    }
    this.pts = slice.pts;
  }

  remember(): void {
    this.remembered.push({ box: this.box, by: `${this.name} from ${this.pts}`, pts: this.pts, view: copyView(this.view) });
  }

  private see(update: BoxUpdate): void {
    this.observe({ box: this.box, pts: update.pts, what: describeChange(changeOf(update)), by: this.name });
  }
}
