import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No photos can be uploaded before media are served, so nobody has one (docs: core.telegram.org/method/photos.getUserPhotos). Throws USER_ID_INVALID. */
export const getUserPhotos: Method<Deps, 'photos.getUserPhotos'> = async (deps, caller, request) => {
  deps.peers.user(caller.userId, request.user_id);
  return { _: 'photos.photos', photos: [], users: [] };
};
