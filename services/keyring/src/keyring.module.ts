import { join } from 'node:path';
import { openRegionKeyFile } from '@heliograph/crypto/region-key';
import { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import type { Kit, ServiceDefinition } from '@heliograph/service-kit/kit';
import { AuditLog } from './audit-log';
import type { Deps } from './deps';
import { AUDIT_INTERVAL_MS } from './limits';
import { deleteDataKey } from './rpc/deleteDataKey';
import { getDataKey } from './rpc/getDataKey';
import { getSecret } from './rpc/getSecret';
import { dataKeys } from './tables/data-keys';
import { keyAudit } from './tables/key-audit';

/** Composition root of `keyring`: the agent that holds this DC's region key. */
async function compose(kit: Kit): Promise<void> {
  const folder = kit.setting('DATA');
  if (folder === undefined) throw new Error('the key ring needs a data folder (--data)');
  const regionKey = openRegionKeyFile(join(folder, 'region-key'));
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
    random: (bytes) => kit.random(bytes),
  };
  kit.serve(KeyringService, {
    getSecret: (request) => getSecret(deps, request),
    getDataKey: (request) => getDataKey(deps, request),
    deleteDataKey: (request) => deleteDataKey(deps, request),
  });
}

export const keyringService: ServiceDefinition = { name: 'keyring', uses: ['storage'], compose };
