import { isAnsweredElsewhere, ON_THE_WAY_SECONDS } from '@heliograph/client-api/answered-elsewhere';
import { HOME_ON_THE_WAY } from '@heliograph/client-api/home-dc';

/** What decides whether a method may be called at all. */
export interface GateFacts {
  method: string;
  /** A temporary key that isn't bound to a permanent one. */
  unbound: boolean;
  loggedIn: boolean;
  /** The login was ended by another session of its user. */
  revoked: boolean;
  bot: boolean;
  loginFree: boolean;
  userOnly: boolean;
  botOnly: boolean;
  /** A service answers the method. */
  owned: boolean;
  /** Home DC of the user, when that is another one; 0: none is. */
  homeElsewhere: number;
}

/** What a temporary key may call that isn't bound. */
export const UNBOUND_METHODS: ReadonlySet<string> = new Set(['auth.bindTempAuthKey', 'help.getConfig', 'help.getNearestDc']);

/**
 * The error that stops a call before it reaches its service; undefined when none does.
 * Source: core.telegram.org/api/pfs, core.telegram.org/api/errors
 */
export function gate(facts: GateFacts): { code: number; type: string } | undefined {
  if (facts.unbound && !UNBOUND_METHODS.has(facts.method)) return { code: 401, type: 'AUTH_KEY_PERM_EMPTY' };
  if (!facts.loggedIn && !facts.loginFree) return { code: 401, type: facts.revoked ? 'SESSION_REVOKED' : 'AUTH_KEY_UNREGISTERED' };
  if (facts.loggedIn && facts.homeElsewhere !== 0 && !facts.loginFree && !isAnsweredElsewhere(facts.method)) {
    return facts.homeElsewhere === HOME_ON_THE_WAY ? { code: 420, type: `FLOOD_WAIT_${ON_THE_WAY_SECONDS}` } : { code: 303, type: `USER_MIGRATE_${facts.homeElsewhere}` };
  }
  if (facts.loggedIn && facts.bot && facts.userOnly) return { code: 400, type: 'BOT_METHOD_INVALID' };
  if (facts.loggedIn && !facts.bot && facts.botOnly) return { code: 400, type: 'USER_BOT_REQUIRED' };
  if (!facts.owned) return { code: 400, type: 'NOT_IMPLEMENTED' };
  return undefined;
}
