import { CONSTRUCTOR } from './constructors';
import { openContainer } from './container';
import { TlBytes } from './tl-bytes';

function container(parts: { id: bigint; body: Buffer; length?: number }[], count = parts.length): Buffer {
  const out = new TlBytes(8 + parts.reduce((size, part) => size + 16 + part.body.length, 0)).uint32(CONSTRUCTOR.msg_container).uint32(count);
  for (const part of parts) out.long(part.id).uint32(1).uint32(part.length ?? part.body.length).raw(part.body);
  return out.done();
}
const ping = new TlBytes(12).uint32(CONSTRUCTOR.ping).long(7n).done();
const nested = new TlBytes(8).uint32(CONSTRUCTOR.msg_container).uint32(0).done();

test('yields its messages in order', () => {
  const messages = openContainer(100n, container([{ id: 4n, body: ping }, { id: 8n, body: ping }]));
  expect(messages?.map((message) => [message.id, message.seqNo, message.body.byteLength])).toEqual([[4n, 1, 12], [8n, 1, 12]]);
});

test.each([
  ['a part with the same id', container([{ id: 100n, body: ping }])],
  ['a part with a higher id', container([{ id: 104n, body: ping }])],
  ['a container inside', container([{ id: 4n, body: nested }])],
  ['more parts announced than there are', container([{ id: 4n, body: ping }], 2)],
  ['two billion parts announced', container([{ id: 4n, body: ping }], 0x7fffffff)],
  ['a part that is longer than the rest', container([{ id: 4n, body: ping, length: 16 }])],
  ['a part of odd length', container([{ id: 4n, body: ping, length: 11 }])],
  ['a part without a constructor', container([{ id: 4n, body: Buffer.alloc(0) }])],
  ['bytes after the last part', Buffer.concat([container([{ id: 4n, body: ping }]), Buffer.alloc(4)])],
  ['1,025 parts', container(Array.from({ length: 1_025 }, () => ({ id: 4n, body: ping })))],
])('is refused as a whole with %s', (_, body) => {
  expect(openContainer(100n, body)).toBeUndefined();
});
