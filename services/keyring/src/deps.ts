import type { RegionKey } from '@heliograph/crypto/region-key';
import type { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import type { HomeService } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import type { Client } from '@heliograph/service-kit/kit';
import type { Storage } from '@heliograph/storage/storage';
import type { AuditLog } from './audit-log';
import type { Place } from './domain/scope';

export interface Deps {
  place: Place;
  regionKey: RegionKey;
  storage: Pick<Storage, 'get' | 'insertIfAbsent' | 'delete'>;
  audit: Pick<AuditLog, 'record'>;
  /** The agent of another DC. */
  agentOf(dc: number): Client<typeof KeyringService>;
  /** Where users live, as the users service of this DC knows it. */
  homes: Pick<Client<typeof HomeService>, 'findHomes'>;
  /** Cryptographically random bytes. */
  random(bytes: number): Uint8Array;
}
