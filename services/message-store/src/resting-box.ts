import { CallError } from '@heliograph/service-kit/call-error';
import type { MoveDeps } from './deps';
import type { RestingBox } from './engine/box-copy';
import { loadState } from './engine/row-reader';

/** A box that lives elsewhere, as it is stored: heads are written behind, and its rows may be counted only when its leaving is in the head. */
export async function restingBox(deps: Pick<MoveDeps, 'storage'>, box: number): Promise<RestingBox> {
  const { head, dialogs } = await loadState(deps.storage, box);
  if (head.movedTo === 0) throw new CallError('UNAVAILABLE', 'the box is not stored as one that has left yet');
  return { box, head, dialogs };
}
