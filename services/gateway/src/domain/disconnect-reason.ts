/** What a client does best after its connection was closed. */
export type RetryClass =
  /** Connect again at once. */
  | 'now'
  /** Connect again after a pause that grows. */
  | 'later'
  /** The same bytes would fail again. */
  | 'never';

interface Reason {
  readonly code: number;
  readonly retry: RetryClass;
}

/** Why the gateway closes connections: in metrics and logs, never sent (MTProto has no place for it). */
export const DISCONNECT_REASONS = {
  'closed-by-client': { code: 3000, retry: 'now' },
  'socket-error': { code: 3001, retry: 'now' },
  drained: { code: 3002, retry: 'now' },
  'too-many-connections': { code: 3100, retry: 'later' },
  'too-many-from-address': { code: 3101, retry: 'later' },
  'handshake-timeout': { code: 3102, retry: 'later' },
  'packet-timeout': { code: 3103, retry: 'later' },
  idle: { code: 3104, retry: 'now' },
  'ping-delay': { code: 3105, retry: 'now' },
  'slow-reader': { code: 3106, retry: 'later' },
  'key-lookup-failed': { code: 3107, retry: 'later' },
  'too-many-waiting': { code: 3108, retry: 'later' },
  'session-replaced': { code: 3109, retry: 'now' },
  'over-budget': { code: 3110, retry: 'later' },
  'transport-fault': { code: 3500, retry: 'never' },
  'bad-packet': { code: 3501, retry: 'never' },
  'handshake-refused': { code: 3502, retry: 'never' },
  'key-unknown': { code: 3503, retry: 'never' },
  'key-revoked': { code: 3504, retry: 'never' },
  'key-destroyed': { code: 3505, retry: 'never' },
  'internal-failure': { code: 3900, retry: 'later' },
} as const satisfies Record<string, Reason>;

export type DisconnectReason = keyof typeof DISCONNECT_REASONS;
