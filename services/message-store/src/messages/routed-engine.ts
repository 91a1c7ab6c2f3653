import { RpcError } from '@heliograph/client-api/rpc-error';
import { movedError } from '@heliograph/service-kit/call-error';
import { BoxElsewhere, type BoxEngine, type BoxReader, CommandUnknown } from '../engine/contract';
import { ON_ITS_WAY } from '../engine/effects/move';
import { refusal } from './refusal';

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
    adopt: (box, head) => engine.adopt(box, head).catch(elsewhere),
    read: (box) => engine.read(box).then(livingHere, (error: unknown) => {
      // Whether the box is current is not known: clients ask again.
      if (error instanceof CommandUnknown) throw new RpcError(500, 'RPC_CALL_FAIL');
      return elsewhere(error);
    }),
  };
}

/** A box that moved to another DC is read there. */
function livingHere(reader: BoxReader): BoxReader {
  const { movedTo, parking } = reader.head();
  if (movedTo !== 0) throw refusal(parking ? ON_ITS_WAY : `USER_MIGRATE_${movedTo}`);
  return reader;
}
