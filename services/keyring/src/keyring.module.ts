import { join } from 'node:path';
import { DATA_KEY_BYTES } from '@heliograph/crypto/data-key';
import { SealBroken } from '@heliograph/crypto/errors';
import { openRegionKeyFile } from '@heliograph/crypto/region-key';
import { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import { HomeService } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import type { Kit, ServiceDefinition } from '@heliograph/service-kit/kit';
import { StartFailure } from '@heliograph/service-kit/start-failure';
import { AuditLog } from './audit-log';
import type { Deps } from './deps';
import { AUDIT_INTERVAL_MS } from './limits';
import { deleteDataKey } from './rpc/deleteDataKey';
import { getDataKey } from './rpc/getDataKey';
import { getSecret } from './rpc/getSecret';
import { dataKeys } from './tables/data-keys';
import { keyAudit } from './tables/key-audit';
import { findOrStore } from './wrapped-keys';

/** Composition root of `keyring`: the agent that holds this DC's region key. */
async function compose(kit: Kit): Promise<void> {
  const folder = kit.setting('DATA');
  if (folder === undefined) throw new Error('the key ring needs a data folder (--data)');
  const file = kit.setting('REGION_KEY_FILE') ?? join(folder, 'region-key');
  const regionKey = openRegionKeyFile(file);
  await kit.storage.ensureTables([dataKeys, keyAudit]);
  const audit = new AuditLog(kit);
  const flushes = kit.clock.every(AUDIT_INTERVAL_MS, () => audit.flush());
  kit.onDrain(async () => {
    flushes.stop();
    await audit.flush();
  });
  const deps: Deps = {
    place: { dc: kit.dc.id, dcs: kit.dcs.map(({ id }) => id).sort((a, b) => a - b) },
    regionKey,
    storage: kit.storage,
    audit,
    agentOf: (dc) => kit.client(KeyringService, { dc }),
    homes: kit.client(HomeService),
    random: (bytes) => kit.random(bytes),
  };
  await checkRegionKey(deps, file);
  kit.serve(KeyringService, {
    getSecret: (request) => getSecret(deps, request),
    getDataKey: (request) => getDataKey(deps, request),
    deleteDataKey: (request) => deleteDataKey(deps, request),
  });
}

/**
 * Refuses to serve with another key than the one that this DC's data keys are wrapped under: a second agent that made its own, a data folder
 * that was lost. What such an agent wraps no other could open.
 */
async function checkRegionKey(deps: Deps, file: string): Promise<void> {
  try {
    await findOrStore(deps, 'check:region-key', async () => ({ key: deps.random(DATA_KEY_BYTES), version: 1 }));
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    throw new StartFailure(`The region key in ${file} is not the one that the keys of DC ${deps.place.dc} are wrapped under. Give this agent the file of the others, or the one from your backup; name it by HELIOGRAPH_REGION_KEY_FILE.`, { cause: error });
  }
}

export const keyringService: ServiceDefinition = { name: 'keyring', uses: ['storage'], compose };
