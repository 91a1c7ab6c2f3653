import { BOT_ONLY, ERRORS, METHOD_ERRORS, USER_ONLY } from './gen/catalogue';

/** One of Telegram's errors as published: `type` has %d where a number stands. */
export interface CatalogueError {
  readonly code: number;
  readonly type: string;
  readonly description: string;
}

let errors: Map<string, CatalogueError> | undefined;
let methodErrors: Map<string, readonly string[]> | undefined;
let userOnly: ReadonlySet<string> | undefined;
let botOnly: ReadonlySet<string> | undefined;

function errorsByType(): Map<string, CatalogueError> {
  return (errors ??= new Map(ERRORS.split('\n').map((line) => {
    const [code, type, ...description] = line.split(' ');
    return [type!, { code: Number(code), type: type!, description: description.join(' ') }];
  })));
}

/** The published error of this type, with or without its number (`FLOOD_WAIT_7` finds `FLOOD_WAIT_%d`). */
export function findError(type: string): CatalogueError | undefined {
  return errorsByType().get(type) ?? errorsByType().get(type.replace(/\d+/, '%d'));
}

/** Error types that `method` is published to answer; empty where nothing is known. */
export function listMethodErrors(method: string): readonly string[] {
  methodErrors ??= new Map(METHOD_ERRORS.split('\n').map((line) => {
    const [name, ...types] = line.split(' ');
    return [name!, types];
  }));
  return methodErrors.get(method) ?? [];
}

/** A bot that calls it gets 400 BOT_METHOD_INVALID. */
export function isUserOnly(method: string): boolean {
  return (userOnly ??= new Set(USER_ONLY.split('\n'))).has(method);
}

/** A user that calls it gets 400 USER_BOT_REQUIRED. */
export function isBotOnly(method: string): boolean {
  return (botOnly ??= new Set(BOT_ONLY.split('\n'))).has(method);
}

/** Source: core.telegram.org/api/errors and what clients call before they log in. */
const LOGIN_FREE: ReadonlySet<string> = new Set([
  'auth.sendCode', 'auth.resendCode', 'auth.cancelCode', 'auth.signIn', 'auth.signUp', 'auth.checkPassword', 'auth.checkPhone',
  'auth.importAuthorization', 'auth.exportLoginToken', 'auth.importLoginToken', 'auth.bindTempAuthKey', 'auth.importBotAuthorization',
  'account.getPassword',
  'help.getConfig', 'help.getNearestDc', 'help.getAppConfig', 'help.getAppUpdate', 'help.getCdnConfig', 'help.getCountriesList',
]);

/** Works without a login; every other method answers 401 AUTH_KEY_UNREGISTERED then. */
export function isLoginFree(method: string): boolean {
  return LOGIN_FREE.has(method) || method.startsWith('langpack.');
}
