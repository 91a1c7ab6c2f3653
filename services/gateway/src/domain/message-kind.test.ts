import { CONSTRUCTOR } from './constructors';
import { messageKind, parityFault } from './message-kind';

test.each([
  ['a query is odd', 0x12345678, 1, undefined],
  ['a query is never even', 0x12345678, 2, 35],
  ['a container is even', CONSTRUCTOR.msg_container, 4, undefined],
  ['a container is never odd', CONSTRUCTOR.msg_container, 5, 34],
  ['tdesktop pings with odd numbers', CONSTRUCTOR.ping, 3, undefined],
  ['gotd pings with even numbers', CONSTRUCTOR.ping_delay_disconnect, 2, undefined],
  ['mtcute acks with odd numbers', CONSTRUCTOR.msgs_ack, 3, undefined],
  ['others ack with even numbers', CONSTRUCTOR.msgs_ack, 2, undefined],
  ['destroy_session either way', CONSTRUCTOR.destroy_session, 2, undefined],
  ['destroy_auth_key either way', CONSTRUCTOR.destroy_auth_key, 1, undefined],
])('%s', (_, constructor, seqNo, fault) => {
  expect(parityFault(messageKind(constructor), seqNo)).toBe(fault);
});
