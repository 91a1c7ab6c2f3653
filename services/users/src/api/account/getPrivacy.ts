import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** Who may see what: the rules that views follow (domain/user-view.ts). They are the same for everybody while account.setPrivacy is not served. */
export const getPrivacy: Method<Deps, 'account.getPrivacy'> = async (_deps, _caller, { key }) => ({
  _: 'account.privacyRules',
  rules: [key._ === 'inputPrivacyKeyPhoneNumber' ? { _: 'privacyValueAllowContacts' } : { _: 'privacyValueAllowAll' }],
  chats: [],
  users: [],
});
