import type { Method } from '@heliograph/client-api/method';
import { APP_CONFIG, APP_CONFIG_HASH } from '../../domain/app-config';
import type { Deps } from '../../deps';

/** Limits and switches for client apps; NotModified when the client has them. */
export const getAppConfig: Method<Deps, 'help.getAppConfig'> = async (_deps, _caller, { hash }) =>
  hash === APP_CONFIG_HASH ? { _: 'help.appConfigNotModified' } : { _: 'help.appConfig', hash: APP_CONFIG_HASH, config: APP_CONFIG };
