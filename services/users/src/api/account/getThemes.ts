import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No themes are published here. */
export const getThemes: Method<Deps, 'account.getThemes'> = async () => ({ _: 'account.themes', hash: 0n, themes: [] });
