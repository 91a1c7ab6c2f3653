import { BinaryReader } from '@bufbuild/protobuf/wire';
import { BoxEventSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { SoleSession } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';

const { callerAuthKeyId, callerSessionId, silent } = BoxEventSchema.field;

/** A session; `authKeyId` is that of its permanent key. */
export type SessionRef = Readonly<Pick<SoleSession, 'authKeyId' | 'sessionId'>>;

/**
 * The session that made a change and has it in its answer, from the bytes of a BoxEvent; undefined where there is none. Nothing else of
 * the event is read. Throws RangeError at bytes that are not a message.
 */
export function answeredCaller(event: Uint8Array): SessionRef | undefined {
  const reader = new BinaryReader(event);
  let authKeyId = 0n;
  let sessionId = 0n;
  let answered = false;
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === callerAuthKeyId.number) authKeyId = BigInt(reader.fixed64());
    else if (number === callerSessionId.number) sessionId = BigInt(reader.fixed64());
    else if (number === silent.number) answered = reader.bool();
    else reader.skip(type, number);
  }
  return answered && authKeyId !== 0n && sessionId !== 0n ? { authKeyId, sessionId } : undefined;
}
