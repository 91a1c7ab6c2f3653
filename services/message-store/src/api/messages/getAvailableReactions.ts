import type { Method } from '@heliograph/client-api/method';
import type { AvailableReaction } from '@heliograph/tl/api';
import { createHash } from 'node:crypto';
import type { Deps } from '../../deps';
import { AVAILABLE_REACTIONS } from '../../domain/reactions';

/** There are no stickers to animate reactions with: clients show the emoji itself. */
const NO_DOCUMENT = { _: 'documentEmpty', id: 0n } as const;
const REACTIONS: readonly AvailableReaction[] = AVAILABLE_REACTIONS.map(([reaction, title]) => ({
  _: 'availableReaction', reaction, title, static_icon: NO_DOCUMENT, appear_animation: NO_DOCUMENT, select_animation: NO_DOCUMENT, activate_animation: NO_DOCUMENT, effect_animation: NO_DOCUMENT,
}));
const HASH = createHash('sha256').update(JSON.stringify(AVAILABLE_REACTIONS)).digest().readInt32LE(0);

/** Every emoji that one may react with (docs: core.telegram.org/method/messages.getAvailableReactions); NotModified when the client has the list. */
export const getAvailableReactions: Method<Deps, 'messages.getAvailableReactions'> = async (_deps, _caller, request) =>
  (request.hash === HASH ? { _: 'messages.availableReactionsNotModified' } : { _: 'messages.availableReactions', hash: HASH, reactions: [...REACTIONS] });
