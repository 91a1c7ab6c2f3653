/**
 * What a login that was imported from the user's home DC may do in another, besides what needs no login: what concerns the client and the server, and
 * files. Everything else is answered by the home alone.
 */
const NAMESPACES: ReadonlySet<string> = new Set(['help', 'langpack', 'upload']);
/** Clients end such a login, and ask who they are; who moved takes the login along (auth decides). */
const METHODS: ReadonlySet<string> = new Set(['auth.logOut', 'auth.dropTempAuthKeys', 'auth.exportAuthorization', 'users.getUsers']);

/** Whether a method is answered by a DC that the caller does not live in. */
export const isAnsweredElsewhere = (method: string): boolean => METHODS.has(method) || NAMESPACES.has(method.slice(0, method.indexOf('.')));

/** How long a client waits before it asks again for a user who is on the way to another DC. */
export const ON_THE_WAY_SECONDS = 5;
