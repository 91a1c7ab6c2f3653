import { RETRY_BACKOFF_MAX_MS, RETRY_BACKOFF_MS, RETRY_BUDGET_COUNT, RETRY_BUDGET_PER_SUCCESS_RATIO } from './limits';

/** How many retries a client may spend. A service that is down must not get more load by retries than a tenth of what succeeds. */
export class RetryBudget {
  private left = RETRY_BUDGET_COUNT;

  succeeded(): void {
    this.left = Math.min(RETRY_BUDGET_COUNT, this.left + RETRY_BUDGET_PER_SUCCESS_RATIO);
  }

  /** False when the budget is spent. */
  spend(): boolean {
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}

/**
 * Wait before retry number `retry` (1 for the first), with full jitter.
 * @param random in [0, 1)
 */
export function backoffMs(retry: number, random: number): number {
  return Math.ceil(random * Math.min(RETRY_BACKOFF_MAX_MS, RETRY_BACKOFF_MS * 2 ** (retry - 1)));
}
