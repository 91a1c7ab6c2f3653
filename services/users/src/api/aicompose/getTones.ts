import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Tones in which a text can be rewritten: none are offered. */
export const getTones: Method<Deps, 'aicompose.getTones'> = async () => ({ _: 'aicompose.tones', hash: 0n, tones: [], users: [] });
