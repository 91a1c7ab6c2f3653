import type { Keyring } from '@heliograph/crypto/keyring';
import type { Network } from './network';

/** The key ring as every service but `keyring` sees it. */
export function keyringClient(_network: Network, _dc: number, service: string): Keyring {
  throw new Error(`no key ring client yet (${service})`);
}
