import { homeDcOf } from '@heliograph/box/box-id';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Kit } from '@heliograph/service-kit/kit';
import { ACCESS_SECRET_RETRY_MS } from './limits';

/** The secret that a viewer's access hashes are made with. Throws UNAVAILABLE while it is not known here. */
export type AccessSecretOf = (viewer: number) => Uint8Array;

/**
 * Access hashes of a viewer are made with the secret of the DC that the viewer's id names, wherever the viewer lives now: what a client
 * remembers stays right when its user moves (ADR 0011). Other DCs' secrets come when they can be had; nobody waits for them here.
 */
export async function openAccessSecrets(kit: Pick<Kit, 'dc' | 'dcs' | 'keyring' | 'clock' | 'onDrain'>): Promise<AccessSecretOf> {
  const secrets = new Map([[kit.dc.id, await kit.keyring.secret('access-hash')]]);
  const own = secrets.get(kit.dc.id) as Uint8Array;
  const stopped = new AbortController();
  const known = new Set(kit.dcs.map((dc) => dc.id));
  const learn = async (dc: number): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        secrets.set(dc, await kit.keyring.secret(`access-hash-of-${dc}`));
        return;
      } catch {
        await kit.clock.sleep(ACCESS_SECRET_RETRY_MS, stopped.signal);
      }
    }
  };
  for (const { id } of kit.dcs) if (id !== kit.dc.id) void learn(id);
  kit.onDrain(async () => stopped.abort());
  return (viewer) => {
    const dc = homeDcOf(viewer);
    // Ids that name no DC (nobody yet, the service) are this DC's.
    const secret = known.has(dc) ? secrets.get(dc) : own;
    if (secret === undefined) throw new CallError('UNAVAILABLE', `the access secret of data center ${dc} is not known yet`);
    return secret;
  };
}
