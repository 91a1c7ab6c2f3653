import { create } from '@bufbuild/protobuf';
import { OutboxReadSchema, type ReadOutbox } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readLocals, type Change, type Effect } from '../change';

/** The peer has read the owner's messages up to an id. */
export function* readOutbox(change: Change, body: ReadOutbox): Effect {
  const peer = Number(body.peer);
  const before = change.dialog(peer);
  if (before === undefined) return;
  const [local] = body.uid === undefined ? [body.maxId] : yield* readLocals([body.uid]);
  const upTo = Math.min(local ?? 0, change.topId);
  if (upTo <= before.readOutboxMaxId) return;
  change.editDialog(peer).readOutboxMaxId = upTo;
  change.keep(change.update({ case: 'outboxRead', value: create(OutboxReadSchema, { peer: body.peer, maxId: upTo }) }, 1));
}
