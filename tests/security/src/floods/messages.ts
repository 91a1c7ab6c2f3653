import type { Gateway } from '../client/person';

/** What a flood consists of. */
export type FloodKind = 'req_pq' | 'garbage req_DH_params' | 'req_DH_params' | 'connections' | 'pings' | 'queries';

export interface FloodOrder {
  readonly kind: FloodKind;
  readonly gateway: Gateway;
  /** Source address. */
  readonly address: string;
  readonly durationMs: number;
  /** Things per second that are tried: requests, connections, or containers. */
  readonly perSecond: number;
}

export interface FloodReport {
  readonly sent: number;
  /** Transport errors, by code. */
  readonly refusals: Record<string, number>;
  readonly answered: number;
  readonly closed: number;
}

export interface LoadOrder {
  readonly gateway: Gateway;
  readonly phones: readonly string[];
  /** Private messages per second over all pairs. */
  readonly perSecond: number;
}

/** Milliseconds of each message that was begun in a phase. */
export interface LoadPhase {
  readonly acknowledged: number[];
  readonly delivered: number[];
  readonly failures: string[];
}
