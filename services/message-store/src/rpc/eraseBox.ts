import { isSavedPart } from '@heliograph/box/box-id';
import { dialogScope } from '@heliograph/box/dialog-key';
import type { EraseBoxRequest } from '@heliograph/protos/heliograph/messagestore/v1/box_move_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { MoveDeps } from '../deps';
import { eraseSection, isLastSection, type RestingBox } from '../engine/box-copy';
import { HOMES_PER_CALL } from '../limits';
import { restingBox } from '../resting-box';

/**
 * Erases the rows of one part of a box that lives elsewhere, with the keys of the chats that nobody here is left in; `more` tells whether there
 * are further parts. Throws UNAVAILABLE while something is parked, as far as is stored.
 */
export async function eraseBox(deps: Pick<MoveDeps, 'dc' | 'dcs' | 'storage' | 'homes' | 'keys'>, { userId, part, version }: Pick<EraseBoxRequest, 'userId' | 'part' | 'version'>): Promise<{ more: boolean }> {
  const resting = await restingBox(deps, Number(userId));
  if (resting.head.parking) throw new CallError('UNAVAILABLE', 'the box is not stored as one that has arrived yet');
  if (isLastSection(resting, part)) await eraseKeys(deps, resting);
  return { more: await eraseSection(deps.storage, resting, part, version) };
}

/** Of a chat with somebody who lives here, the keys stay: their box holds what they sealed. So do those of groups, where anybody here may be a member. */
async function eraseKeys(deps: Pick<MoveDeps, 'dc' | 'dcs' | 'homes' | 'keys'>, { box, dialogs }: RestingBox): Promise<void> {
  const peers = dialogs.all().map(({ peer }) => peer).filter((peer) => peer > 0n && !isSavedPart(Number(peer)));
  for (let start = 0; start < peers.length; start += HOMES_PER_CALL) {
    const page = peers.slice(start, start + HOMES_PER_CALL);
    const { homes } = await deps.homes.findHomes({ userIds: page });
    for (const [index, peer] of page.entries()) {
      const lives = homes[index]?.dc;
      if (Number(peer) !== box && (lives === undefined || lives === deps.dc)) continue;
      for (const dc of [0, ...deps.dcs]) await deps.keys.deleteDataKey({ scope: dialogScope(box, Number(peer), dc), hereOnly: true }).catch(ignoreWhatIsNoScope);
    }
  }
}

/** Not every DC seals every chat. */
function ignoreWhatIsNoScope(error: unknown): void {
  if (!(error instanceof CallError && error.code === 'INVALID_ARGUMENT')) throw error;
}
