import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** The text of an invitation that a client offers to send. */
export const getInviteText: Method<Deps, 'help.getInviteText'> = async () => ({ _: 'help.inviteText', message: 'I write on Heliograph, a messenger for Telegram apps.' });
