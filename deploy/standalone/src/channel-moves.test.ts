import { randomBytes } from 'node:crypto';
import type { Dialog, InputChannel, InputPeerChannel, TypeUpdates } from '@heliograph/tl/api';
import { type Device, eventually, type Person, System } from './testing/two-data-centers';

jest.setTimeout(120_000);

const TOKEN = 'of the operator';
const FOREVER = 0x7fffffff;

describe('somebody in channels who moves to another data center', () => {
  let system: System;
  let ann: Person;
  let ben: Person;
  let far: Person;
  let annsPhone: Device;
  let farsPhone: Device;
  /** Ben's, before and after. */
  let old: Device;
  let moved: Device | undefined;
  beforeAll(async () => {
    system = await System.startWithGateways({ ADMIN_TOKEN: TOKEN });
  });
  afterAll(() => system.close());
  beforeEach(async () => {
    moved = undefined;
    ({ ann, ben, far } = await system.signUpThree());
    [annsPhone, old, farsPhone] = await Promise.all([ann.connect(), ben.connect(), far.connect()]) as [Device, Device, Device];
  });
  afterEach(() => {
    for (const device of [annsPhone, old, farsPhone, moved]) device?.close();
  });

  const peer = (channel: InputChannel): InputPeerChannel => ({ ...channel, _: 'inputPeerChannel' });
  const hashIn = (updates: readonly TypeUpdates[], id: number): bigint | undefined => {
    for (const pushed of updates) {
      const chat = pushed._ === 'updates' ? pushed.chats.find((each) => each._ === 'channel' && each.id === id && each.min === undefined) : undefined;
      if (chat?._ === 'channel' && chat.access_hash !== undefined) return chat.access_hash;
    }
    return undefined;
  };
  /** A supergroup, as each of the people addresses it. */
  async function supergroup(owner: Device, person: Person, title: string, others: readonly (readonly [Person, Device])[]): Promise<InputChannel[]> {
    const made = await owner.call({ _: 'channels.createChannel', megagroup: true, title, about: '' });
    const [chat] = made._ === 'updates' ? made.chats : [];
    if (chat?._ !== 'channel') throw new Error('no channel was made');
    const { id: channel_id } = chat;
    const own = { _: 'inputChannel' as const, channel_id, access_hash: chat.access_hash as bigint };
    await owner.call({ _: 'channels.inviteToChannel', channel: own, users: others.map(([other]) => ({ ...person.peer(other), _: 'inputUser' })) });
    const theirs = await Promise.all(others.map(async ([, device]) => ({ ...own, access_hash: await eventually(() => hashIn(device.updates, channel_id)) })));
    return [own, ...theirs];
  }
  async function say(device: Device, channel: InputChannel, message: string, more: object = {}): Promise<number> {
    const said = await device.call({ _: 'messages.sendMessage', peer: peer(channel), message, random_id: randomBytes(8).readBigInt64LE(), ...more });
    const update = said._ === 'updates' ? said.updates.find((each) => each._ === 'updateNewChannelMessage') : undefined;
    if (update === undefined) throw new Error('a post was answered without itself');
    return update.message.id;
  }
  async function dialogs(device: Device): Promise<{ byId: Map<number, Dialog>; hashes: Map<number, bigint> }> {
    const answer = await device.call({ _: 'messages.getDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 100, hash: 0n });
    if (answer._ === 'messages.dialogsNotModified') throw new Error(answer._);
    const byId = new Map(answer.dialogs.flatMap((dialog) => (dialog._ === 'dialog' && dialog.peer._ === 'peerChannel' ? [[dialog.peer.channel_id, dialog] as const] : [])));
    return { byId, hashes: new Map(answer.chats.flatMap((chat) => (chat._ === 'channel' ? [[chat.id, chat.access_hash ?? 0n] as const] : []))) };
  }
  async function move(): Promise<Device> {
    await eventually(async () => {
      const { status } = await system.kit(2).http('POST', '/admin/move-user', { body: JSON.stringify({ user: ben.id, to: 1 }), headers: { authorization: `Bearer ${TOKEN}` } });
      return status === 200;
    });
    return ben.of(system, 1).connect();
  }

  it('has them there as he left them: the archive, what is muted, read, drafted and named', async () => {
    const [anns, bens] = await supergroup(annsPhone, ann, 'Harbour', [[ben, old], [far, farsPhone]]) as [InputChannel, InputChannel];
    const first = await say(annsPhone, anns, 'first');
    const own = await say(old, bens, 'own');
    await say(annsPhone, anns, 'for you', { reply_to: { _: 'inputReplyToMessage', reply_to_msg_id: own } });
    await old.call({ _: 'channels.readHistory', channel: bens, max_id: first });
    await old.call({ _: 'account.updateNotifySettings', peer: { _: 'inputNotifyPeer', peer: peer(bens) }, settings: { _: 'inputPeerNotifySettings', mute_until: FOREVER } });
    await old.call({ _: 'folders.editPeerFolders', folder_peers: [{ _: 'inputFolderPeer', peer: peer(bens), folder_id: 1 }] });
    await old.call({ _: 'messages.saveDraft', peer: peer(bens), message: 'half a thought' });
    const seen = async (device: Device) => (await dialogs(device)).byId.get(anns.channel_id);
    await eventually(async () => (await seen(old))?.unread_mentions_count === 1);
    const before = await seen(old);
    expect(before).toMatchObject({ folder_id: 1, read_inbox_max_id: first, unread_count: 1, draft: { message: 'half a thought' }, notify_settings: { mute_until: FOREVER } });
    moved = await move();
    expect(await seen(moved)).toEqual(before);
    // Muted, it stays where it is; heard again, it comes back.
    const there = { ...anns, access_hash: (await dialogs(moved)).hashes.get(anns.channel_id) as bigint };
    await say(annsPhone, anns, 'unheard');
    expect(await seen(moved)).toMatchObject({ folder_id: 1, unread_count: 2 });
    await moved.call({ _: 'account.updateNotifySettings', peer: { _: 'inputNotifyPeer', peer: peer(there) }, settings: { _: 'inputPeerNotifySettings', mute_until: 0 } });
    await say(annsPhone, anns, 'heard');
    await eventually(async () => (await seen(moved as Device))?.folder_id === undefined);
  });

  it('hears and says there what he did before, in the channels of either data center and his own', async () => {
    const [anns] = await supergroup(annsPhone, ann, 'Harbour', [[ben, old], [far, farsPhone]]) as [InputChannel];
    await eventually(async () => (await far.sees(ben))?.first_name === 'Ben');
    const [fars] = await supergroup(farsPhone, far, 'Coast', [[ben, old]]) as [InputChannel];
    const [, annsOfBen] = await supergroup(old, ben, 'Pier', [[ann, annsPhone]]) as [InputChannel, InputChannel];
    moved = await move();
    const there = moved;
    const { hashes } = await dialogs(there);
    const named = (channel: InputChannel): InputChannel => ({ ...channel, access_hash: hashes.get(channel.channel_id) as bigint });
    for (const [device, channel] of [[annsPhone, anns], [farsPhone, fars], [annsPhone, annsOfBen]] as const) {
      await eventually(async () => {
        await say(device, channel, `to ${channel.channel_id}`);
        return there.said.includes(`to ${channel.channel_id}`);
      });
      const id = await say(there, named(channel), `from there to ${channel.channel_id}`);
      await eventually(() => device.said.includes(`from there to ${channel.channel_id}`));
      // What he read is told to who wrote it, what they read to him.
      const last = await say(device, channel, 'read this');
      await there.call({ _: 'channels.readHistory', channel: named(channel), max_id: last });
      await eventually(() => device.of('updateReadChannelOutbox').some((update) => update.channel_id === channel.channel_id && update.max_id === last));
      await device.call({ _: 'channels.readHistory', channel, max_id: id });
      await eventually(() => there.of('updateReadChannelOutbox').some((update) => update.channel_id === channel.channel_id && update.max_id >= id));
      expect((await dialogs(there)).byId.get(channel.channel_id)).toMatchObject({ read_inbox_max_id: last, unread_count: 0 });
    }
    // His own is his as before.
    await there.call({ _: 'channels.editTitle', channel: named(annsOfBen), title: 'Jetty' });
    await there.call({ _: 'channels.deleteChannel', channel: named(annsOfBen) });
    // Who puts him out is heard where he is.
    await annsPhone.call({ _: 'channels.editBanned', channel: anns, participant: ann.peer(ben), banned_rights: { _: 'chatBannedRights', view_messages: true, until_date: 0 } });
    await eventually(async () => !(await dialogs(there)).byId.has(anns.channel_id));
    await say(annsPhone, anns, 'among ourselves');
    await there.call({ _: 'updates.getState' });
    expect(there.said).not.toContain('among ourselves');
    expect([...(await dialogs(there)).byId.keys()]).toEqual([fars.channel_id]);
  });

  it('is let into others there', async () => {
    moved = await move();
    const [anns, there] = await supergroup(annsPhone, ann, 'Late', [[ben, moved]]) as [InputChannel, InputChannel];
    await say(moved, there, 'here I am');
    await eventually(() => annsPhone.said.includes('here I am'));
    await say(annsPhone, anns, 'welcome');
    await eventually(() => moved?.said.includes('welcome'));
  });
});
