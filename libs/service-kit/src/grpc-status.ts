import { Metadata } from '@grpc/grpc-js';
import type { Failure } from '@heliograph/protos/heliograph/link/v1/link_pb';
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
  const { code, message } = read(status.code ?? -1, status.details ?? '');
  const [owner] = status.metadata?.get(OWNER_TRAILER) ?? [];
  if (owner === undefined) return new CallError(code, message, delivered);
  const replica = Number(String(owner));
  return new CallError(code, message, false, { owner: Number.isInteger(replica) ? replica : undefined });
}

/** The same on a link. */
export function toFailure(error: CallError): Failure {
  const { moved } = error;
  return {
    $typeName: 'heliograph.link.v1.Failure', code: NUMBERS[error.code], details: error.message, refused: false,
    moved: moved === undefined ? undefined : { $typeName: 'heliograph.link.v1.Moved', owner: moved.owner },
  };
}

/** What a caller gets for a failure that came over a link. */
export function failureOf(failure: Failure): CallError {
  const { code, message } = read(failure.code, failure.details);
  const { moved, refused } = failure;
  return moved === undefined ? new CallError(code, message, !refused) : new CallError(code, message, false, { owner: moved.owner });
}

function read(number: number, details: string): { code: CallErrorCode; message: string } {
  const code = CODES.get(number) ?? 'INTERNAL';
  const prefix = `${code}: `;
  return { code, message: details.startsWith(prefix) ? details.slice(prefix.length) : details };
}
