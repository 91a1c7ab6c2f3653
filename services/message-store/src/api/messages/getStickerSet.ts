import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { Deps } from '../../deps';

/** Stickers are not built: no short name or id names a set. Throws STICKERSET_INVALID (docs: core.telegram.org/method/messages.getStickerSet). */
export const getStickerSet: Method<Deps, 'messages.getStickerSet'> = async () => {
  throw badRequest('STICKERSET_INVALID');
};
