import { CallError, CALL_ERROR_CODES, type CallErrorCode } from './call-error';

/** gRPC status numbers (https://grpc.io/docs/guides/status-codes). */
const NUMBERS: Record<CallErrorCode, number> = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
};
const CODES = new Map<number, CallErrorCode>(CALL_ERROR_CODES.map((code) => [NUMBERS[code], code]));

/** What goes on the wire for a failure. */
export function toStatus(error: CallError): { code: number; details: string } {
  return { code: NUMBERS[error.code], details: error.message };
}

/** What a caller gets for a status from the wire; a number outside our set counts as INTERNAL. */
export function fromStatus(status: { code?: number; details?: string }, delivered: boolean): CallError {
  const code = CODES.get(status.code ?? -1) ?? 'INTERNAL';
  const details = status.details ?? '';
  const prefix = `${code}: `;
  return new CallError(code, details.startsWith(prefix) ? details.slice(prefix.length) : details, delivered);
}
