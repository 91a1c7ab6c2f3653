import { channelBox, groupBox } from '@heliograph/box/box-id';
import { ReferenceService } from '@heliograph/protos/heliograph/messagestore/v1/reference_pb';
import { ALICE, BOB, CAROL, openChat, updatesOf, type Chat } from '../testing/chat';

describe('whom a message names', () => {
  let chat: Chat;
  beforeAll(async () => {
    chat = await openChat();
  });
  afterAll(() => chat.close());

  async function named(viewer: number, peer: number, messageId: number): Promise<{ users: number[]; channels: number[] }> {
    const { users, channels } = await chat.kit.kit().client(ReferenceService).findNamed({ viewer: BigInt(viewer), peer: BigInt(peer), messageId });
    return { users: users.map(Number).sort(), channels: channels.map(Number) };
  }
  const nobody = { users: [], channels: [] };

  it('is told to those who can read it in their own box', async () => {
    const group = await chat.group(ALICE, [BOB], 'the two');
    const id = await chat.sayIn(ALICE, group, 'hello');
    expect((await named(ALICE, groupBox(group), id)).users).toEqual([ALICE]);
    expect(await named(ALICE, BOB, id)).toEqual(nobody);
    expect(await named(CAROL, groupBox(group), id)).toEqual(nobody);
    expect(await named(ALICE, groupBox(group), id + 100)).toEqual(nobody);
  });

  it('is told of a channel to those who can read that', async () => {
    const channel = await chat.channel(ALICE, [BOB], 'Harbour');
    const peer = { ...chat.inputChannel(BOB, channel), _: 'inputPeerChannel' as const };
    const sent = updatesOf(await chat.call(BOB, { _: 'messages.sendMessage', peer, message: 'hello', random_id: 1n })).find((update) => update._ === 'updateNewChannelMessage');
    const id = sent?.message.id ?? 0;
    expect(await named(ALICE, channelBox(channel), id)).toEqual({ users: [BOB], channels: [channelBox(channel)] });
    expect(await named(CAROL, channelBox(channel), id)).toEqual(nobody);
    expect(await named(ALICE, channelBox(channel + 32), id)).toEqual(nobody);
    const input = { _: 'inputPeerUserFromMessage' as const, peer: { ...chat.inputChannel(ALICE, channel), _: 'inputPeerChannel' as const }, msg_id: id, user_id: BOB };
    expect(await chat.call(ALICE, { _: 'messages.sendMessage', peer: input, message: 'in private', random_id: 2n })).toMatchObject({ _: 'updateShortSentMessage' });
    await expect(chat.call(ALICE, { _: 'messages.sendMessage', peer: { ...input, user_id: CAROL }, message: 'in private', random_id: 3n })).rejects.toThrow('PEER_ID_INVALID');
  });
});
