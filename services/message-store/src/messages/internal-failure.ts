import { CallError } from '@heliograph/service-kit/call-error';
import { BoxBusy, CommandUnknown } from '../engine/contract';

/** What a service is told about a command that was not applied here. */
export function internalFailure(error: unknown): unknown {
  if (error instanceof BoxBusy) return new CallError('RESOURCE_EXHAUSTED', error.message);
  if (error instanceof CommandUnknown) return new CallError('DEADLINE_EXCEEDED', error.message);
  return error;
}
