/** Transport-level errors: four bytes (little-endian, negative) in a frame of their own. Source: core.telegram.org/mtproto/mtproto-transports#transport-errors */
export const TRANSPORT_ERROR = {
  /** Unknown auth key, or a handshake that failed a check. */
  authKeyNotFound: -404,
  /** A budget is spent. */
  tooManyRequests: -429,
  /** The client meant another data center. */
  wrongDataCenter: -444,
} as const;
export type TransportErrorCode = (typeof TRANSPORT_ERROR)[keyof typeof TRANSPORT_ERROR];
