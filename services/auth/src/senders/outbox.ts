import type { Clock } from '@heliograph/service-kit/kit';
import { OUTBOX_CODES_MAX, OUTBOX_TTL_SECONDS } from '../limits';
import type { CodeSender } from './code-sender';

export interface OutboxEntry {
  /** Digits only. */
  phone: string;
  code: string;
  /** ISO 8601. */
  at: string;
}

/** The local default of a code sender: codes stay in this process's memory and are read over HTTP by the developer. */
export interface Outbox {
  readonly send: CodeSender;
  /** Newest first; `phone` in any notation, empty: all. */
  list(phone: string): OutboxEntry[];
}

export function createOutbox(clock: Pick<Clock, 'now'>): Outbox {
  let entries: (OutboxEntry & { until: number })[] = [];
  return {
    send: async ({ phone, code }) => {
      const now = clock.now();
      if (entries.length >= OUTBOX_CODES_MAX) entries = entries.slice(-Math.floor(OUTBOX_CODES_MAX * 0.9));
      entries.push({ phone, code, at: new Date(now).toISOString(), until: now + OUTBOX_TTL_SECONDS * 1000 });
    },
    list: (phone) => {
      const digits = phone.replace(/\D/g, '');
      const now = clock.now();
      return entries.filter((entry) => entry.until > now && (digits === '' || entry.phone === digits)).reverse().map(({ phone: of, code, at }) => ({ phone: of, code, at }));
    },
  };
}
