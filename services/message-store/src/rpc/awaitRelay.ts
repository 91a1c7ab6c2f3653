import type { AwaitRelayRequest, AwaitRelayResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/box_move_pb';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { MoveDeps } from '../deps';
import { RELAY_GROUP } from '../engine/relay';
import { BOX_RELAY } from '../engine/topics';

/** Where the relays to other DCs end, as far as `ends` does not say it, and whether those DCs have all that comes before. */
export async function awaitRelay(deps: Pick<MoveDeps, 'eventLog' | 'dc' | 'dcs'>, request: Pick<AwaitRelayRequest, 'ends'>): Promise<MessageInitShape<typeof AwaitRelayResponseSchema>> {
  const ends = request.ends.length > 0 ? request.ends : await Promise.all(deps.dcs.filter((dc) => dc !== deps.dc).map(async (dc) => ({ dc, offset: (await deps.eventLog.bounds(BOX_RELAY, dc)).next })));
  const carried = await Promise.all(ends.map(async ({ dc, offset }) => offset === 0n || (await deps.eventLog.findPosition(RELAY_GROUP, BOX_RELAY, dc) ?? 0n) >= offset));
  return { ends, arrived: carried.every(Boolean) };
}
