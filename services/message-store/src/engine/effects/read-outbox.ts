import { create } from '@bufbuild/protobuf';
import { OutboxReadSchema, type ReadOutbox } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../change';

/** The peer has read the owner's messages up to an id. */
export function* readOutbox(change: Change, body: ReadOutbox): Effect {
  const peer = Number(body.peer);
  const before = change.dialog(peer);
  const upTo = Math.min(body.maxId, change.topId);
  if (before === undefined || upTo <= before.readOutboxMaxId) return;
  change.editDialog(peer).readOutboxMaxId = upTo;
  change.keep(change.update({ case: 'outboxRead', value: create(OutboxReadSchema, { peer: body.peer, maxId: upTo }) }, 1));
}
