import type { Method } from '@heliograph/client-api/method';
import { emojiOf } from '@heliograph/client-api/reaction-emoji';
import type { Deps } from '../../deps';
import { ownAccount } from '../../own-profile';
import { pushToOwnSessions } from '../../pushes';
import { writeProfile } from '../../tables/users';

/**
 * The reaction that a double tap gives, the same on all devices (docs: core.telegram.org/method/messages.setDefaultReaction): help.getConfig tells it. Throws REACTION_INVALID, REACTION_EMPTY,
 * PREMIUM_ACCOUNT_REQUIRED.
 */
export const setDefaultReaction: Method<Deps, 'messages.setDefaultReaction'> = async (deps, caller, { reaction }) => {
  const default_reaction = emojiOf(reaction);
  const { profile } = await ownAccount(deps, caller);
  if (profile.default_reaction === default_reaction) return true;
  await writeProfile(deps, caller.userId, { ...profile, default_reaction });
  pushToOwnSessions(deps, caller, { _: 'updateConfig' });
  return true;
};
