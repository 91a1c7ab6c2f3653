import { createKeyringClient } from '@heliograph/crypto/keyring-client';
import type { Keyring } from '@heliograph/crypto/keyring';
import { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import type { Network } from './network';

/** The key ring as every service but `keyring` sees it: the DC's agent, asked through the network, and its keys under a lease. */
export function keyringClient(network: Network, dc: number, service: string): Keyring {
  const agent = network.client({ dc, service, owner: undefined }, KeyringService);
  return createKeyringClient({
    secret: async (purpose) => (await agent.getSecret({ purpose })).secret,
    dataKey: (scope) => agent.getDataKey({ scope }),
    deleteDataKey: async (scope) => {
      await agent.deleteDataKey({ scope });
    },
  });
}
