import { EphemeralUnavailable } from '@heliograph/ephemeral/errors';
import type { Deps } from './deps';

/**
 * Runs what may be left undone while the ephemeral store is lost, because something else was done for good and must be told as done. What
 * is left undone goes with its time to live.
 */
export async function ifThere(deps: Pick<Deps, 'log'>, what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof EphemeralUnavailable)) throw error;
    deps.log.warn({ what, error: error.message }, 'the ephemeral store is lost; something is left to its time to live');
  }
}
