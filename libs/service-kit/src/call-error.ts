/**
 * How a call between services fails: a closed set of codes, the same in-process and over gRPC. A handler throws one of
 * these to tell its caller something; anything else that it throws becomes `INTERNAL` with a trace id in the log, and
 * nothing of it reaches the caller.
 */
export const CALL_ERROR_CODES = [
  /** The request can never succeed as it is. */
  'INVALID_ARGUMENT',
  /** What it names does not exist. */
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  /** The state refuses it; changes when the state does. */
  'FAILED_PRECONDITION',
  /** Lost a race; may be tried again from the start. */
  'ABORTED',
  /** A limit is reached; try later. */
  'RESOURCE_EXHAUSTED',
  /** The service cannot be reached or is going away. */
  'UNAVAILABLE',
  /** Outcome unknown. */
  'DEADLINE_EXCEEDED',
  /** The caller gave up; outcome unknown. */
  'CANCELLED',
  'UNIMPLEMENTED',
  /** A defect in the service; outcome unknown. */
  'INTERNAL',
] as const;

export type CallErrorCode = (typeof CALL_ERROR_CODES)[number];

const UNKNOWN_OUTCOME: ReadonlySet<CallErrorCode> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED', 'INTERNAL']);

/** The key that the call is about is owned by another replica. */
export interface Moved {
  /** That replica, as far as the refusing one knows; undefined while the slice is between owners. */
  readonly owner: number | undefined;
}

export class CallError extends Error {
  /**
   * @param code one of the closed set
   * @param message for engineers; never private content
   * @param delivered false when the call certainly did nothing: it never reached a handler, or the handler turned it away
   * @param moved set when another replica answers this call; clients that know replicas go there by themselves
   */
  constructor(readonly code: CallErrorCode, message: string, readonly delivered = true, readonly moved?: Moved) {
    super(`${code}: ${message}`);
    this.name = 'CallError';
  }

  /** True when the call may or may not have taken effect: only an idempotent call may be repeated. */
  get outcomeUnknown(): boolean {
    return this.delivered && UNKNOWN_OUTCOME.has(this.code);
  }
}

/** Narrows an unknown failure to a CallError with that code. */
export function isCallError(error: unknown, code?: CallErrorCode): error is CallError {
  return error instanceof CallError && (code === undefined || error.code === code);
}

/** What a replica says to a call about a key that it does not own. Nothing was done, so the caller may go to the owner with it. */
export function movedError(owner: number | undefined): CallError {
  return new CallError('FAILED_PRECONDITION', owner === undefined ? 'the slice is being handed over' : `replica ${owner} owns the slice`, false, { owner });
}
