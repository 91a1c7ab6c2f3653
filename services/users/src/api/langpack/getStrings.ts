import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { isServedLanguage } from '../../domain/languages';
import type { Deps } from '../../deps';

/** Named strings of a pack: each is told as deleted, so that the client shows its own. Throws 400 LANG_CODE_NOT_SUPPORTED. */
export const getStrings: Method<Deps, 'langpack.getStrings'> = async (_deps, _caller, { lang_code: languageCode, keys }) => {
  if (!isServedLanguage(languageCode)) throw badRequest('LANG_CODE_NOT_SUPPORTED');
  return keys.map((key) => ({ _: 'langPackStringDeleted', key }));
};
