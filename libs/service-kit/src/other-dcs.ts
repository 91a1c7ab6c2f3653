import { CallError } from './call-error';
import type { Clock } from './kit';
import { OTHER_DC_REST_MS } from './limits';

/**
 * Calls to other data centers that remember which of them did not answer lately. A DC that is out of reach then costs one wait per
 * OTHER_DC_REST_MS and not one per request: the others fail at once with UNAVAILABLE.
 */
export class OtherDcs {
  /** DC → until when it is left alone, unix milliseconds. */
  private readonly resting = new Map<number, number>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** Runs a call to that DC. Errors: the call's own; UNAVAILABLE at once while the DC is left alone. */
  async call<T>(dc: number, task: () => Promise<T>): Promise<T> {
    const until = this.resting.get(dc);
    const now = this.clock.now();
    if (until !== undefined) {
      if (now < until) throw new CallError('UNAVAILABLE', `data center ${dc} did not answer lately`);
      // This call finds out; those that come meanwhile do not wait with it.
      this.resting.set(dc, now + OTHER_DC_REST_MS);
    }
    try {
      const result = await task();
      this.resting.delete(dc);
      return result;
    } catch (error) {
      if (isUnreachable(error)) this.resting.set(dc, this.clock.now() + OTHER_DC_REST_MS);
      // It answered, if only with an error.
      else this.resting.delete(dc);
      throw error;
    }
  }
}

/** Whether a failure says that nobody answered, as opposed to an answer. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof CallError && (error.code === 'UNAVAILABLE' || error.code === 'DEADLINE_EXCEEDED');
}
