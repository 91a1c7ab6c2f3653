import type { Deps } from '../deps';
import { HOMES_CHANNEL } from '../homes';
import type { HomeFence } from '../home-fence';

/** Reads the table of homes anew, in this replica, and lets others know; answers when nothing goes on here that began before for users who are on the way. */
export async function reloadHomes(deps: Pick<Deps, 'homes' | 'ephemeral'>, fence: Pick<HomeFence, 'settled'>): Promise<object> {
  await deps.homes.load();
  await deps.ephemeral.publish(HOMES_CHANNEL, new Uint8Array(0)).catch(() => {});
  await fence.settled(deps.homes.onTheWay());
  return {};
}
