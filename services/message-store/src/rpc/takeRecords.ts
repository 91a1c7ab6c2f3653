import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TakeRecordsRequest, TakeRecordsResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/placed_records_pb';
import type { EventLog } from '@heliograph/event-log/event-log';
import { BOX_COMMANDS } from '../engine/topics';

/** Gives what another replica appended to whoever applies it here; for partitions that nobody does, it does nothing. */
export async function takeRecords(deps: { eventLog: Pick<EventLog, 'hand'> }, { batches }: Pick<TakeRecordsRequest, 'batches'>): Promise<MessageInitShape<typeof TakeRecordsResponseSchema>> {
  for (const { incarnation, partition, firstOffset, records } of batches) deps.eventLog.hand?.({ topic: BOX_COMMANDS.name, incarnation, partition, firstOffset, records });
  return {};
}
