import type { Method } from '@heliograph/client-api/method';
import { LANGUAGES } from '../../domain/languages';
import type { Deps } from '../../deps';

/** Languages that have a pack here. */
export const getLanguages: Method<Deps, 'langpack.getLanguages'> = async () => [...LANGUAGES];
