import type { Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import { LANGUAGES } from '../../domain/languages';
import type { Deps } from '../../deps';

/** One language; throws 400 LANG_CODE_NOT_SUPPORTED. */
export const getLanguage: Method<Deps, 'langpack.getLanguage'> = async (_deps, _caller, { lang_code: languageCode }) => {
  const language = LANGUAGES.find((candidate) => candidate.lang_code === languageCode);
  if (!language) throw badRequest('LANG_CODE_NOT_SUPPORTED');
  return language;
};
