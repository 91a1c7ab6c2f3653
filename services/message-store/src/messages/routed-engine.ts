import { RpcError } from '@heliograph/client-api/rpc-error';
import { movedError } from '@heliograph/service-kit/call-error';
import { BoxElsewhere, type BoxEngine, CommandUnknown } from '../engine/contract';

/**
 * The engine as methods use it: a box that another replica owns is a CallError on which the calling service goes there. Safe for methods of
 * several steps too: every change that clients make is idempotent or carries its random_id.
 */
export function routedEngine(engine: BoxEngine): BoxEngine {
  const elsewhere = (error: unknown): never => {
    throw error instanceof BoxElsewhere ? movedError(error.owner) : error;
  };
  return {
    ...engine,
    submit: (command) => engine.submit(command).catch(elsewhere),
    read: (box) => engine.read(box).catch((error: unknown) => {
      // Whether the box is current is not known: clients ask again.
      if (error instanceof CommandUnknown) throw new RpcError(500, 'RPC_CALL_FAIL');
      return elsewhere(error);
    }),
  };
}
