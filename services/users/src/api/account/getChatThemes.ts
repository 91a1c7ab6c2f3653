import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** No chat themes are offered. */
export const getChatThemes: Method<Deps, 'account.getChatThemes'> = async () => ({ _: 'account.themes', hash: 0n, themes: [] });
