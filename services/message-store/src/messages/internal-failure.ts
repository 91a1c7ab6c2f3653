import { RpcError } from '@heliograph/client-api/rpc-error';
import { CallError } from '@heliograph/service-kit/call-error';
import { BoxBusy, CommandUnknown, type BoxEngine, type BoxReader } from '../engine/contract';

/** What a service is told about a command that was not applied here. */
export function internalFailure(error: unknown): unknown {
  if (error instanceof BoxBusy) return new CallError('RESOURCE_EXHAUSTED', error.message);
  if (error instanceof CommandUnknown) return new CallError('DEADLINE_EXCEEDED', error.message);
  return error;
}

/** A box for a service that asks, by the engine as methods use it. Throws UNAVAILABLE (can't be read now) and FAILED_PRECONDITION (lives in another DC) for what clients would be told. */
export async function readBox({ engine }: { readonly engine: Pick<BoxEngine, 'read'> }, box: number): Promise<BoxReader> {
  try {
    return await engine.read(box);
  } catch (error) {
    if (!(error instanceof RpcError)) throw internalFailure(error);
    throw new CallError(error.code === 500 ? 'UNAVAILABLE' : 'FAILED_PRECONDITION', `the box can't be read here: ${error.type}`);
  }
}
