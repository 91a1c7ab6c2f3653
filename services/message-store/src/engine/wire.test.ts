import { create, fromBinary } from '@bufbuild/protobuf';
import { BoxEventSchema, BoxUpdateSchema, CommandSchema, DeliverSchema, GroupCallerSchema, DialogRecordSchema, MessageRecordSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { boxUpdate, emptyDeliver, emptyDialog, emptyMessage } from './records';
import { encodeCommand, encodeDerived, encodeEvent } from './wire';

const deliver = { peer: 5n, from: 6n, uid: { box: 6n, id: 9 }, randomId: 77n, content: { sealed: Uint8Array.of(1, 2) }, mentioned: true };

describe('what the engine writes into the log', () => {
  test('a literal is what create makes', () => {
    expect(emptyMessage()).toEqual(create(MessageRecordSchema));
    expect(emptyDialog(5)).toEqual(create(DialogRecordSchema, { peer: 5n }));
    expect(emptyDeliver()).toEqual(create(DeliverSchema));
    expect(boxUpdate(0, 0, { case: undefined })).toEqual(create(BoxUpdateSchema));
  });

  test('an event says whose command it was, and whether that caller has its updates', () => {
    const command = create(CommandSchema, { box: 8n, date: 5, callerAuthKeyId: 3n, callerSessionId: 7n, traceparent: 'trace' });
    const updates = [create(BoxUpdateSchema, { pts: 9, ptsCount: 1, messagePinned: true, change: { case: 'edited', value: { id: 4, peer: 2n } } })];
    expect(fromBinary(BoxEventSchema, encodeEvent(command, 12n, updates, true))).toEqual(create(BoxEventSchema, {
      box: 8n, version: 12n, date: 5, callerAuthKeyId: 3n, callerSessionId: 7n, traceparent: 'trace', updates, silent: true,
    }));
  });

  test.each([
    ['nobody', undefined, {}],
    ['a caller', create(GroupCallerSchema, { callId: 4n, authKeyId: 3n, sessionId: 7n }), { callId: 4n, callerAuthKeyId: 3n, callerSessionId: 7n }],
  ])('a derived command that answers %s has its place among those of its origin', (_, caller, named) => {
    const origin = create(CommandSchema, { effect: 1, box: 8n, date: 77, traceparent: 'trace', callerAuthKeyId: 99n, callId: 98n });
    const encoded = encodeDerived(origin, 12n, 2, 123, { case: 'deliver', value: create(DeliverSchema, deliver) }, caller);
    expect(fromBinary(CommandSchema, encoded)).toEqual(create(CommandSchema, { effect: 1, box: 123n, date: 77, traceparent: 'trace', origin: { box: 8n, version: 12n, index: 2 }, body: { case: 'deliver', value: deliver }, ...named }));
  });

  test("a caller's command is what the caller gave, for that box", () => {
    const init = { date: 8, callerAuthKeyId: 3n, body: { case: 'send' as const, value: { peer: 5n, randomId: 6n, content: { sealed: Uint8Array.of(1) }, setTtl: { period: 60, stamp: 1 } } } };
    expect(fromBinary(CommandSchema, encodeCommand(init, 123, 1, 4n))).toEqual(create(CommandSchema, { ...init, box: 123n, effect: 1, callId: 4n }));
  });
});
