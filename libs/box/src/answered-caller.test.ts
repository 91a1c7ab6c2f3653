import { create, toBinary } from '@bufbuild/protobuf';
import { BoxEventSchema, BoxUpdateSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { answeredCaller } from './answered-caller';

describe('answeredCaller', () => {
  const event = { box: 64n, version: 9n, date: 1_700_000_000, callerAuthKeyId: 2n ** 64n - 3n, callerSessionId: 5n, traceparent: '00-ab', updates: [create(BoxUpdateSchema, { pts: 3, ptsCount: 1 })], silent: true };
  const bytes = (change: object): Uint8Array => toBinary(BoxEventSchema, create(BoxEventSchema, { ...event, ...change }));

  it('is the session that has the change in its answer', () => {
    expect(answeredCaller(bytes({}))).toEqual({ authKeyId: 2n ** 64n - 3n, sessionId: 5n });
  });

  it('is nobody when the answer was given up, or a service made the change', () => {
    expect(answeredCaller(bytes({ silent: false }))).toBeUndefined();
    expect(answeredCaller(bytes({ callerAuthKeyId: 0n, callerSessionId: 0n }))).toBeUndefined();
    expect(answeredCaller(new Uint8Array())).toBeUndefined();
  });

  it('refuses what was cut short', () => {
    expect(() => answeredCaller(bytes({}).subarray(0, 20))).toThrow(RangeError);
  });
});
