import { dialogKeys } from '@heliograph/box/dialog-key';
import { decode } from '@heliograph/protos/codec';
import { BoxRowSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TakeRowsRequest } from '@heliograph/protos/heliograph/messagestore/v1/box_move_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { MoveDeps } from '../deps';
import { sealedAmong, writeRows } from '../engine/box-copy';
import { internalFailure } from '../messages/internal-failure';

/**
 * Writes rows of a box that comes here, once the keys of what is sealed in them are here. Throws FAILED_PRECONDITION when the box lives here already:
 * somebody else has moved it to the end.
 */
export async function takeRows(deps: Pick<MoveDeps, 'engine' | 'storage' | 'keyring' | 'clock'>, request: Pick<TakeRowsRequest, 'userId' | 'rows' | 'version'>): Promise<object> {
  const box = Number(request.userId);
  const { movedTo, versionBase } = (await deps.engine.read(box).catch((error: unknown) => {
    throw internalFailure(error);
  })).head();
  if (movedTo === 0 && versionBase > 0n) throw new CallError('FAILED_PRECONDITION', 'the box lives here already');
  const rows = request.rows.map((bytes) => decode(BoxRowSchema, bytes));
  await dialogKeys(deps.keyring, box, sealedAmong(rows));
  await writeRows(deps.storage, box, rows, request.version, Math.floor(deps.clock.now() / 1_000));
  return {};
}
