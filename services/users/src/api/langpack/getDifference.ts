import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { isServedLanguage, LANG_PACK_VERSION } from '../../domain/languages';
import type { Deps } from '../../deps';

/** Strings that differ from those built into the client: none. Throws 400 LANG_CODE_NOT_SUPPORTED. */
export const getDifference: Method<Deps, 'langpack.getDifference'> = async (_deps, _caller, request) => {
  if (!isServedLanguage(request.lang_code)) throw badRequest('LANG_CODE_NOT_SUPPORTED');
  return { _: 'langPackDifference', lang_code: request.lang_code, from_version: request.from_version, version: LANG_PACK_VERSION, strings: [] };
};
