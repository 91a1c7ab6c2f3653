import type { MessageInitShape } from '@bufbuild/protobuf';
import { encode } from '@heliograph/protos/codec';
import { BoxEventSchema, CommandSchema, type BoxUpdate, type Command, type GroupCaller } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { DerivedBody } from './change';

/** A BoxEvent. `answered`: the caller was here and got the updates with its answer. */
export function encodeEvent({ box, date, callerAuthKeyId, callerSessionId, traceparent }: Command, version: bigint, updates: BoxUpdate[], answered: boolean): Uint8Array {
  return encode(BoxEventSchema, { $typeName: 'heliograph.box.v1.BoxEvent', box, version, date, callerAuthKeyId, callerSessionId, traceparent, updates, silent: answered });
}

/** A command that `origin` derives for another box: with its effect version, its date, its trace, and who is answered by it there. */
export function encodeDerived({ effect, box, date, traceparent }: Command, version: bigint, index: number, target: number, body: DerivedBody, caller?: GroupCaller): Uint8Array {
  return encode(CommandSchema, {
    $typeName: 'heliograph.box.v1.Command',
    effect,
    box: BigInt(target),
    origin: { $typeName: 'heliograph.box.v1.Origin', box, version, index },
    date,
    callerAuthKeyId: caller?.authKeyId ?? 0n,
    callerSessionId: caller?.sessionId ?? 0n,
    traceparent,
    callId: caller?.callId ?? 0n,
    forwarded: false,
    body,
  });
}

/** A caller's command. */
export function encodeCommand(init: MessageInitShape<typeof CommandSchema>, box: number, effect: number, callId: bigint): Uint8Array {
  return encode(CommandSchema, { ...init, box: BigInt(box), effect, callId });
}
