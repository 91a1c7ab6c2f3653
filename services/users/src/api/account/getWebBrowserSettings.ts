import type { Method } from '@heliograph/client-api/method';
import type { Deps } from '../../deps';

/** The client's own defaults, with no exceptions. */
export const getWebBrowserSettings: Method<Deps, 'account.getWebBrowserSettings'> = async () => ({ _: 'account.webBrowserSettings', external_exceptions: [], inapp_exceptions: [], hash: 0n });
