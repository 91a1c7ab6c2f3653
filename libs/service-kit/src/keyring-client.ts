import { createKeyringClient } from '@heliograph/crypto/keyring-client';
import type { Keyring } from '@heliograph/crypto/keyring';
import { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import { isCallError } from './call-error';
import type { Network } from './network';

/**
 * The key ring as every service but `keyring` sees it: the DC's agent, asked through the network, and its keys under a lease.
 * @param awaitAgent secrets are what services compose with: resolves before one that could not be had is asked for again. Absent: it is not
 */
export function keyringClient(network: Network, dc: number, service: string, awaitAgent?: (error: unknown) => Promise<void>): Keyring {
  const agent = network.client({ dc, service, owner: undefined }, KeyringService);
  const secret = async (purpose: string): Promise<Uint8Array> => {
    for (;;) {
      try {
        return (await agent.getSecret({ purpose })).secret;
      } catch (error) {
        // What only another data center can tell keeps nobody from starting.
        if (awaitAgent === undefined || purpose.startsWith('access-hash-of-') || !(isCallError(error, 'UNAVAILABLE') || isCallError(error, 'DEADLINE_EXCEEDED') || isCallError(error, 'UNIMPLEMENTED'))) throw error;
        await awaitAgent(error);
      }
    }
  };
  return createKeyringClient({
    secret,
    dataKey: (scope) => agent.getDataKey({ scope }),
    findDataKey: (scope) => agent.getDataKey({ scope, storedOnly: true }).catch((error: unknown) => {
      if (isCallError(error, 'NOT_FOUND')) return undefined;
      throw error;
    }),
    deleteDataKey: async (scope) => {
      await agent.deleteDataKey({ scope });
    },
  });
}
