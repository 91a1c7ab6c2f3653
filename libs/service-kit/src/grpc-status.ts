import { Metadata } from '@grpc/grpc-js';
import { CallError, CALL_ERROR_CODES, type CallErrorCode } from './call-error';

/** Trailer of a call that another replica answers: its number, or nothing while there is none. */
const OWNER_TRAILER = 'heliograph-owner';

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
export function toStatus(error: CallError): { code: number; details: string; metadata?: Metadata } {
  const status = { code: NUMBERS[error.code], details: error.message };
  if (error.moved === undefined) return status;
  const metadata = new Metadata();
  metadata.set(OWNER_TRAILER, error.moved.owner === undefined ? 'none' : String(error.moved.owner));
  return { ...status, metadata };
}

/** What a caller gets for a status from the wire; a number outside our set counts as INTERNAL. */
export function fromStatus(status: { code?: number; details?: string; metadata?: Metadata }, delivered: boolean): CallError {
  const code = CODES.get(status.code ?? -1) ?? 'INTERNAL';
  const details = status.details ?? '';
  const prefix = `${code}: `;
  const message = details.startsWith(prefix) ? details.slice(prefix.length) : details;
  const [owner] = status.metadata?.get(OWNER_TRAILER) ?? [];
  if (owner === undefined) return new CallError(code, message, delivered);
  const replica = Number(String(owner));
  return new CallError(code, message, false, { owner: Number.isInteger(replica) ? replica : undefined });
}
