import { create, toBinary } from '@bufbuild/protobuf';
import { BoxRowSchema, DialogRecordSchema, MessageRecordSchema } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { LOG_CHANGE, LOG_MESSAGE } from '../tables/box-log';
import { sealedAmong } from './box-copy';

const PEER = 34_000_034n;
const GROUP = -1_048_611n;
const sealed = (byte: number): Uint8Array => new Uint8Array(3).fill(byte);
const log = (kind: number, v: Uint8Array) => create(BoxRowSchema, { row: { case: 'log', value: { kind, id: 1, v } } });
const message = (peer: bigint, bytes: Uint8Array | undefined) => log(LOG_MESSAGE, toBinary(MessageRecordSchema, create(MessageRecordSchema, { peer, content: bytes && { sealed: bytes } })));
const dialog = (peer: bigint, titleSealed?: Uint8Array) => create(BoxRowSchema, { row: { case: 'dialog', value: { peer, v: toBinary(DialogRecordSchema, create(DialogRecordSchema, { peer, view: titleSealed && { titleSealed } })) } } });

test('what is sealed among the rows of a box: messages that are there and the titles of groups', () => {
  const rows = [message(PEER, sealed(1)), message(PEER, undefined), log(LOG_CHANGE, new Uint8Array(0)), dialog(PEER), message(GROUP, sealed(2)), dialog(GROUP, sealed(3)), dialog(GROUP, new Uint8Array(0))];
  expect(sealedAmong(rows).map(({ peer, content }) => [peer, content.sealed])).toEqual([[PEER, sealed(1)], [GROUP, sealed(2)], [GROUP, sealed(3)]]);
});
