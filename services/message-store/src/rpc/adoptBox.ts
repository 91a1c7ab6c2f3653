import { draftScope } from '@heliograph/box/dialog-key';
import { decode } from '@heliograph/protos/codec';
import { HeadSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { AdoptBoxRequest } from '@heliograph/protos/heliograph/messagestore/v1/box_move_pb';
import type { MoveDeps } from '../deps';
import { internalFailure } from '../messages/internal-failure';

/** Makes a box live here whose rows have all come. Repeating it is harmless. */
export async function adoptBox(deps: Pick<MoveDeps, 'engine' | 'keyring'>, { userId, head }: Pick<AdoptBoxRequest, 'userId' | 'head'>): Promise<object> {
  // Of drafts: the only content that no message brought the key of.
  await deps.keyring.dataKey(draftScope(Number(userId)));
  await deps.engine.adopt(Number(userId), decode(HeadSchema, head)).catch((error: unknown) => {
    throw internalFailure(error);
  });
  return {};
}
