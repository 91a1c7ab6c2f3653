import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Message effects are not built: there are none (docs: core.telegram.org/method/messages.getAvailableEffects). */
export const getAvailableEffects: Method<Deps, 'messages.getAvailableEffects'> = async () => ({ _: 'messages.availableEffects', hash: 0, effects: [], documents: [] });
