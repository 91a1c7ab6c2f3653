import type { ServiceDefinition } from '@heliograph/service-kit/kit';

/**
 * Every service of a data center, in the order in which they lean on each other; drained from the last to the first.
 * Loaded when asked, so that `--help` and a wrong option cost nothing.
 */
export async function loadServices(): Promise<ServiceDefinition[]> {
  const [keyring, users, auth, messageStore, fanout, gateway] = await Promise.all([
    import('@heliograph/keyring/keyring.module'),
    import('@heliograph/users/users.module'),
    import('@heliograph/auth/auth.module'),
    import('@heliograph/message-store/message-store.module'),
    import('@heliograph/fanout/fanout.module'),
    import('@heliograph/gateway/gateway.module'),
  ]);
  return [keyring.keyringService, users.usersService, auth.authService, messageStore.messageStoreService, fanout.fanoutService, gateway.gatewayService];
}
