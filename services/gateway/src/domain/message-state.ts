import type { Received } from './replay-window';

export interface MessageFacts {
  received: Received;
  /** The id is above every id received. */
  aboveAll: boolean;
  /** It is a query that is being answered. */
  running: boolean;
  /** Its answer was generated and isn't acknowledged yet. */
  answered: boolean;
}

/**
 * The status byte of a message: 1 nothing is known, 2 not received, 3 not received and above all received, 4 received;
 * +32 being processed, +64 answered. Source: core.telegram.org/mtproto/service_messages_about_messages#informational-message-regarding-status-of-messages
 */
export function messageState({ received, aboveAll, running, answered }: MessageFacts): number {
  if (received === 'too-old') return 1;
  if (received === 'new') return aboveAll ? 3 : 2;
  return 4 + (running ? 32 : 0) + (answered ? 64 : 0);
}
