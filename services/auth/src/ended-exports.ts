import { Errands } from '@heliograph/service-kit/errands';
import type { Clock } from '@heliograph/service-kit/kit';
import type { Deps } from './deps';
import { endedExports } from './tables/exported-logins';

export interface EndedExport {
  keyId: bigint;
  userId: number;
}

/** Tells other DCs which of their imported logins have ended, until they take it. */
export function endedExportErrands(deps: Pick<Deps, 'storage' | 'authOf' | 'otherDcs' | 'log'>, dcs: readonly number[], clock: Pick<Clock, 'every' | 'sleep'>): Errands<EndedExport> {
  return new Errands({
    dcs, clock, log: deps.log, what: 'ended logins',
    list: async (dc, limit) => (await deps.storage.range(endedExports, { dc }, { limit })).map((row) => ({ keyId: BigInt.asUintN(64, row.key_id), userId: row.user_id ?? 0 })),
    run: async (dc, { keyId, userId }) => {
      await deps.otherDcs.call(dc, () => deps.authOf(dc).endImported({ userId: BigInt(userId), parentKeyId: keyId }));
    },
    done: (dc, { keyId }) => deps.storage.delete(endedExports, { dc, key_id: BigInt.asIntN(64, keyId) }),
  });
}
