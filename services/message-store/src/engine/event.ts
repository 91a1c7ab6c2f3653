import { create, toBinary } from '@bufbuild/protobuf';
import { BoxEventSchema, type BoxUpdate, type Command } from '@heliograph/protos/heliograph/box/v1/box_pb';

/**
 * The event of a command (bytes of BoxEvent).
 * @param _record bytes of the message row, if the command wrote one
 * @param answered the caller was here and got the updates with its answer
 */
export function encodeEvent(command: Command, version: bigint, updates: BoxUpdate[], _record: Uint8Array | undefined, answered: boolean): Uint8Array {
  const event = create(BoxEventSchema);
  event.box = command.box;
  event.version = version;
  event.date = command.date;
  event.callerAuthKeyId = command.callerAuthKeyId;
  event.callerSessionId = command.callerSessionId;
  event.traceparent = command.traceparent;
  event.updates = updates;
  event.silent = answered;
  return toBinary(BoxEventSchema, event);
}
