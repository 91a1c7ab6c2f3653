import type { DescMethod } from '@bufbuild/protobuf';
import { CallError } from './call-error';
import type { Logger } from './kit';
import { methodName } from './network';

/** What a caller learns of a handler's failure: a CallError as it is; anything else is logged and becomes INTERNAL. */
export function handlerFailure(error: unknown, method: DescMethod, log: Logger, traceparent: string): CallError {
  if (error instanceof CallError) return error;
  log.error({ err: error, method: methodName(method), traceparent: traceparent === '' ? undefined : traceparent }, 'handler failed');
  return new CallError('INTERNAL', `${methodName(method)} failed`);
}
