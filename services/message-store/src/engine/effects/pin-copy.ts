import type { PinCopy } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readLocals, readMessages, type Change, type Effect } from '../change';
import { setPinned } from './pinned';

/** The peer pinned or unpinned a message of the dialog for both. */
export function* pinCopy(change: Change, body: PinCopy): Effect {
  if (body.uid === undefined) return;
  const [local] = yield* readLocals([body.uid]);
  if (local === undefined) return;
  const [record] = yield* readMessages([local]);
  if (record === undefined || record.deletedVersion !== 0n || record.peer !== body.peer) return;
  setPinned(change, Number(body.peer), local, !body.unpin);
}
