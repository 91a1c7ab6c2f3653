import { create } from '@bufbuild/protobuf';
import { channelBox } from '@heliograph/box/box-id';
import { FindNamedResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/reference_pb';
import type { Api, TypeInputPeer } from '@heliograph/tl/api';
import { readMethod } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import { MessageReferences } from './from-message';
import { Peers } from './peers';

const VIEWER = 34_000_002;
const [NAMED, UNNAMED] = [34_000_034, 34_000_066];
const [GROUP, FORWARDED] = [1_000_000_002, 1_000_000_034];

const peers = new Peers(() => new Uint8Array(32));
let asked: [number, number, number][];
const references = new MessageReferences(peers, {
  findNamed: async ({ viewer, peer, messageId }, options) => {
    expect(options?.routeKey).toBe(VIEWER);
    asked.push([Number(viewer), Number(peer), messageId ?? 0]);
    return create(FindNamedResponseSchema, messageId === 5 ? { users: [BigInt(NAMED)], channels: [BigInt(channelBox(FORWARDED))] } : {});
  },
});
beforeEach(() => {
  asked = [];
});

const group = (): TypeInputPeer => ({ _: 'inputPeerChannel', channel_id: GROUP, access_hash: peers.channelHash(VIEWER, GROUP) });

async function resolved<T extends keyof Api>(request: Api[T]['request']): Promise<Api[T]['request']> {
  const query = writeObject(request as Api['updates.getState']['request'], 'newest');
  const call = readMethod(query);
  await references.resolve(VIEWER, query, call.request);
  return call.request as Api[T]['request'];
}

test('what a message names gets its hash, wherever it is in the request', async () => {
  const request = await resolved<'users.getUsers'>({
    _: 'users.getUsers',
    id: [
      { _: 'inputUserFromMessage', peer: group(), msg_id: 5, user_id: NAMED }, { _: 'inputUserSelf' }, { _: 'inputUserFromMessage', peer: group(), msg_id: 5, user_id: UNNAMED },
      { _: 'inputUserFromMessage', peer: group(), msg_id: 6, user_id: NAMED },
    ],
  });
  expect(request.id.map((input) => input._)).toEqual(['inputUser', 'inputUserSelf', 'inputUserFromMessage', 'inputUserFromMessage']);
  expect(peers.user(VIEWER, request.id[0] as (typeof request.id)[0])).toBe(NAMED);
  expect(() => peers.user(VIEWER, request.id[2] as (typeof request.id)[0])).toThrow('USER_ID_INVALID');
  expect(asked).toEqual([[VIEWER, channelBox(GROUP), 5], [VIEWER, channelBox(GROUP), 6]]);
});

test('so do peers and channels', async () => {
  const typing = await resolved<'messages.setTyping'>({ _: 'messages.setTyping', peer: { _: 'inputPeerUserFromMessage', peer: { _: 'inputPeerChat', chat_id: 7 }, msg_id: 5, user_id: NAMED }, action: { _: 'sendMessageTypingAction' } });
  expect(peers.peer(VIEWER, typing.peer)).toEqual({ kind: 'user', id: NAMED });
  const joined = await resolved<'channels.joinChannel'>({ _: 'channels.joinChannel', channel: { _: 'inputChannelFromMessage', peer: { _: 'inputPeerSelf' }, msg_id: 5, channel_id: FORWARDED } });
  expect(peers.peer(VIEWER, joined.channel)).toEqual({ kind: 'channel', id: FORWARDED });
  expect(asked).toEqual([[VIEWER, -7, 5], [VIEWER, VIEWER, 5]]);
});

test('a chat that the caller has no hash of proves nothing', async () => {
  const request = await resolved<'channels.joinChannel'>({ _: 'channels.joinChannel', channel: { _: 'inputChannelFromMessage', peer: { _: 'inputPeerChannel', channel_id: GROUP, access_hash: 1n }, msg_id: 5, channel_id: FORWARDED } });
  expect(() => peers.peer(VIEWER, request.channel)).toThrow('CHANNEL_INVALID');
  expect(asked).toEqual([]);
});

test('other requests are not looked through', () => {
  const request: Api['messages.getHistory']['request'] = { _: 'messages.getHistory', peer: group(), offset_id: 0, offset_date: 0, add_offset: 0, limit: 1, max_id: 0, min_id: 0, hash: 0n };
  expect(references.resolve(VIEWER, writeObject(request as unknown as Api['updates.getState']['request'], 'newest'), request)).toBeUndefined();
});
