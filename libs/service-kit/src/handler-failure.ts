import type { DescMethod } from '@bufbuild/protobuf';
import { CallError } from './call-error';
import type { Logger } from './kit';
import { methodName } from './network';

/** An engine that a port stands for could not be reached, or did not answer in time. What was asked of it may have been done. */
export function isEngineLost(error: unknown): error is Error {
  return error instanceof Error && ENGINE_LOST.has(error.name);
}

const ENGINE_LOST: ReadonlySet<string> = new Set(['StorageUnavailable', 'StorageTimeout', 'LogUnavailable', 'LogTimeout', 'EphemeralUnavailable', 'BlobUnavailable']);

/** What a caller learns of a handler's failure: a CallError as it is; a lost engine as UNAVAILABLE, outcome unknown; anything else is logged and becomes INTERNAL. */
export function handlerFailure(error: unknown, method: DescMethod, log: Logger, traceparent: string): CallError {
  if (error instanceof CallError) return error;
  if (isEngineLost(error)) {
    log.warn({ method: methodName(method), error: error.message }, 'an engine was not there for a call');
    return new CallError('UNAVAILABLE', `${methodName(method)}: ${error.name}`);
  }
  log.error({ err: error, method: methodName(method), traceparent: traceparent === '' ? undefined : traceparent }, 'handler failed');
  return new CallError('INTERNAL', `${methodName(method)} failed`);
}
