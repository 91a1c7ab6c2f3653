import { badRequest } from '@heliograph/client-api/rpc-error';
import { TTL_PERIOD_SECONDS_MAX } from '../limits';

/** Seconds after which messages go away by themselves, 0: never. Throws TTL_PERIOD_INVALID. */
export function ttlPeriod(seconds: number): number {
  if (seconds < 0 || seconds > TTL_PERIOD_SECONDS_MAX) throw badRequest('TTL_PERIOD_INVALID');
  return seconds;
}
