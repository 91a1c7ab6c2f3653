import { randomBytes } from 'node:crypto';
import type { InputChannel, InputPeerChannel } from '@heliograph/tl/api';
import { type Device, eventually, type Person, System } from './testing/two-data-centers';

jest.setTimeout(120_000);

describe('a channel of one data center with members in two', () => {
  let system: System;
  let ann: Person;
  let ben: Person;
  let far: Person;
  let annsPhone: Device;
  let bensPhone: Device;
  let farsPhone: Device;
  let channel: InputChannel;
  beforeAll(async () => {
    system = await System.startWithGateways();
    ({ ann, ben, far } = await system.signUpThree());
    [annsPhone, bensPhone, farsPhone] = await Promise.all([ann.connect(), ben.connect(), far.connect()]) as [Device, Device, Device];
    const made = await annsPhone.call({ _: 'channels.createChannel', megagroup: true, title: 'Both sides', about: '' });
    const [chat] = made._ === 'updates' ? made.chats : [];
    if (chat?._ !== 'channel') throw new Error('no channel was made');
    channel = { _: 'inputChannel', channel_id: chat.id, access_hash: chat.access_hash as bigint };
    await invite(ben, far);
  });
  afterAll(async () => {
    for (const device of [annsPhone, bensPhone, farsPhone]) device?.close();
    await system.close();
  });

  const peer = (as: InputChannel = channel): InputPeerChannel => ({ ...as, _: 'inputPeerChannel' });
  const invite = (...people: Person[]): Promise<unknown> => annsPhone.call({ _: 'channels.inviteToChannel', channel, users: people.map((person) => ({ ...ann.peer(person), _: 'inputUser' })) });
  const say = (device: Device, message: string, as?: InputChannel): Promise<unknown> => device.call({ _: 'messages.sendMessage', peer: peer(as), message, random_id: randomBytes(8).readBigInt64LE() });

  /** The channel as Far's client addresses it: as it was told of it. */
  async function farsChannel(): Promise<InputChannel> {
    return eventually(() => {
      for (const pushed of farsPhone.updates) {
        const chats = pushed._ === 'updates' ? pushed.chats : [];
        for (const chat of chats) if (chat._ === 'channel' && chat.min === undefined && chat.access_hash !== undefined) return { _: 'inputChannel' as const, channel_id: chat.id, access_hash: chat.access_hash };
      }
      return undefined;
    });
  }

  it('pushes to all of them what any of them says', async () => {
    const theirs = await farsChannel();
    await say(annsPhone, 'from its own side');
    await eventually(() => bensPhone.said.includes('from its own side') && farsPhone.said.includes('from its own side'));
    await say(farsPhone, 'from the other', theirs);
    await eventually(() => annsPhone.said.includes('from the other') && bensPhone.said.includes('from the other'));
    expect(annsPhone.said).not.toContain('from its own side');
    expect(farsPhone.said).not.toContain('from the other');
  });

  it('shows what its people are called, whichever side sealed it', async () => {
    const theirs = await farsChannel();
    await farsPhone.call({ _: 'messages.editChatParticipantRank', peer: peer(theirs), participant: { _: 'inputPeerSelf' }, rank: 'from afar' });
    await say(farsPhone, 'my calling', theirs);
    const rankOf = (device: Device) => device.of('updateNewChannelMessage').flatMap(({ message }) => (message._ === 'message' && message.message === 'my calling' ? [message.from_rank] : []));
    await eventually(() => rankOf(annsPhone).length > 0 && rankOf(bensPhone).length > 0);
    expect([rankOf(annsPhone), rankOf(bensPhone)]).toEqual([['from afar'], ['from afar']]);
    await annsPhone.call({ _: 'messages.editChatParticipantRank', peer: peer(), participant: ann.peer(far), rank: 'from near' });
    const history = await farsPhone.call({ _: 'messages.getHistory', peer: peer(theirs), offset_id: 0, offset_date: 0, add_offset: 0, limit: 1, max_id: 0, min_id: 0, hash: 0n });
    expect(history).toMatchObject({ messages: [{ message: 'my calling', from_rank: 'from near' }] });
  });

  it('shows who is named in it, and itself, in the same bytes to all', async () => {
    await say(annsPhone, 'who is here?');
    await eventually(() => bensPhone.said.includes('who is here?'));
    const pushed = bensPhone.updates.find((updates) => updates._ === 'updates' && updates.updates.some((update) => update._ === 'updateNewChannelMessage' && update.message._ === 'message' && update.message.message === 'who is here?'));
    expect(pushed).toMatchObject({ users: [{ _: 'user', min: true, id: ann.id, first_name: 'Ann' }], chats: [{ _: 'channel', min: true, id: channel.channel_id, title: 'Both sides', megagroup: true }] });
  });

  it('pushes to the device that comes back, wherever it is', async () => {
    const { key } = farsPhone;
    farsPhone.close();
    await say(annsPhone, 'while away');
    farsPhone = await far.connect(key);
    await eventually(async () => {
      await say(annsPhone, 'are you back?');
      return farsPhone.said.includes('are you back?');
    });
    expect(farsPhone.said).not.toContain('while away');
  });

  it('lets members of the other side ask for what they missed while the link was down', async () => {
    system.link.state = 'refused';
    await say(annsPhone, 'unheard');
    await eventually(() => bensPhone.said.includes('unheard'));
    system.link.state = 'up';
    await eventually(() => farsPhone.of('updateChannelTooLong').some(({ channel_id }) => channel_id === channel.channel_id));
    // What is said before the channel is announced again is asked for as well.
    await eventually(async () => {
      await say(annsPhone, 'heard again');
      return farsPhone.said.includes('heard again');
    });
    expect(farsPhone.said).not.toContain('unheard');
  });

  it('tells who was removed nothing that is said after that, on either side', async () => {
    for (const person of [ben, far]) {
      await annsPhone.call({ _: 'channels.editBanned', channel, participant: ann.peer(person), banned_rights: { _: 'chatBannedRights', view_messages: true, until_date: 0 } });
    }
    await say(annsPhone, 'among ourselves');
    await eventually(() => bensPhone.of('updateChannel').length > 0 && farsPhone.of('updateChannel').length > 0);
    await invite(ben, far).catch(() => undefined);
    for (const device of [bensPhone, farsPhone]) await device.call({ _: 'updates.getState' });
    expect([...bensPhone.said, ...farsPhone.said]).not.toContain('among ourselves');
  });
});
