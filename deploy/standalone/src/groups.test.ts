import { randomBytes } from 'node:crypto';
import { GroupBoxService } from '@heliograph/protos/heliograph/messagestore/v1/group_box_pb';
import type { InputPeerChat, TypeMessage } from '@heliograph/tl/api';
import { eventually, numbered, type Person, System } from './testing/two-data-centers';

jest.setTimeout(90_000);

const TOKEN = 'for moving people';

describe('a basic group of people in two data centers', () => {
  let system: System;
  let ann: Person;
  let ben: Person;
  let far: Person;
  let chatId: number;
  let group: InputPeerChat;
  beforeAll(async () => {
    system = await System.start({ ADMIN_TOKEN: TOKEN });
  });
  afterAll(() => system.close());
  beforeEach(async () => {
    ({ ann, ben, far } = await system.signUpThree());
    await far.knows(ann);
    await ann.knows(far);
    await ann.call('message-store', { _: 'messages.createChat', title: 'Garden', users: [ben, far].map((other) => ({ ...ann.peer(other), _: 'inputUser' as const })) });
    const answer = await ann.call('message-store', { _: 'messages.getDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 10, hash: 0n });
    const [newest] = answer._ === 'messages.dialogsNotModified' ? [] : answer.dialogs;
    if (newest?._ !== 'dialog' || newest.peer._ !== 'peerChat') throw new Error('the group is not the newest dialog of who made it');
    chatId = newest.peer.chat_id;
    group = { _: 'inputPeerChat', chat_id: chatId };
    await eventually(async () => (await history(far)).length === 1);
  });

  async function history(who: Person): Promise<TypeMessage[]> {
    const answer = await who.call('message-store', { _: 'messages.getHistory', peer: group, offset_id: 0, offset_date: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n }).catch((error: Error) => {
      // Not told of the group yet.
      if (error.message === 'PEER_ID_INVALID') return undefined;
      throw error;
    });
    return answer === undefined || answer._ === 'messages.messagesNotModified' ? [] : answer.messages;
  }

  /** Oldest first, with who wrote them. */
  async function said(who: Person): Promise<string[]> {
    const names = new Map([[ann.id, 'ann'], [ben.id, 'ben'], [far.id, 'far']]);
    return (await history(who)).reverse().map((message) => {
      if (message._ === 'messageEmpty' || message.from_id?._ !== 'peerUser') throw new Error('a message of nobody');
      return `${names.get(message.from_id.user_id)}: ${message._ === 'message' ? message.message : message.action._}`;
    });
  }

  const say = (who: Person, message: string) => who.call('message-store', { _: 'messages.sendMessage', peer: group, message, random_id: randomBytes(8).readBigInt64LE() });

  async function titleSeenBy(who: Person): Promise<string> {
    const { chats } = await system.kit(who.dc).kit('gateway').client(GroupBoxService).getChatViews({ viewerId: BigInt(who.id), chatIds: [BigInt(chatId)] }, { routeKey: who.id });
    return chats[0]?.title ?? '';
  }

  async function found(who: Person, q: string): Promise<number> {
    const answer = await who.call('message-store', {
      _: 'messages.search', peer: group, q, filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0, offset_id: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n,
    });
    return answer._ === 'messages.messagesNotModified' ? 0 : answer.messages.length;
  }

  it('reads and finds what all of them wrote, in one order', async () => {
    for (const text of numbered(0, 3, 'plums')) for (const who of [ann, far, ben]) await say(who, text);
    const expected = ['ann: messageActionChatCreate', ...numbered(0, 3, 'plums').flatMap((text) => [`ann: ${text}`, `far: ${text}`, `ben: ${text}`])];
    for (const who of [ann, ben, far]) {
      await eventually(async () => (await said(who)).length === expected.length);
      expect(await said(who)).toEqual(expected);
      expect(await found(who, 'plums')).toBe(9);
      expect(await titleSeenBy(who)).toBe('Garden');
    }
  });

  it('sees a title that was given in the other data center, and so does who comes after it', async () => {
    await far.call('message-store', { _: 'messages.editChatTitle', chat_id: chatId, title: 'Orchard' });
    for (const who of [ann, ben, far]) await eventually(async () => (await titleSeenBy(who)) === 'Orchard');
    const late = await system.signUp(1, 'Late');
    await eventually(async () => (await ann.sees(late))?.first_name === 'Late');
    await late.knows(ann);
    await ann.knows(late);
    await ann.call('message-store', { _: 'messages.addChatUser', chat_id: chatId, user_id: { ...ann.peer(late), _: 'inputUser' }, fwd_limit: 0 });
    await eventually(async () => (await titleSeenBy(late)) === 'Orchard');
  });

  it('goes on at its home while the other data center is out of reach, whose members get all of it, once, later', async () => {
    await say(far, 'before');
    for (const who of [ann, ben, far]) await eventually(async () => (await said(who)).includes('far: before'));
    system.link.state = 'refused';
    for (const text of numbered(0, 3, 'meanwhile')) {
      await say(ann, text);
      await say(ben, text);
    }
    expect(await said(ben)).toHaveLength(8);
    expect(await said(far)).toHaveLength(2);
    system.link.state = 'up';
    await eventually(async () => (await said(far)).length === 8);
    expect(await said(far)).toEqual(await said(ann));
  });

  it('stays whole for a member who moves to the other data center', async () => {
    for (const who of [ann, far, ben]) await say(who, 'before');
    await eventually(async () => (await said(ben)).length === 4);
    const before = await said(ben);
    await eventually(async () => {
      const { status } = await system.kit(2).http('POST', '/admin/move-user', { body: JSON.stringify({ user: ben.id, to: 1 }), headers: { authorization: `Bearer ${TOKEN}` } });
      return status === 200;
    });
    const moved = ben.of(system, 1);
    expect(await said(moved)).toEqual(before);
    expect(await titleSeenBy(moved)).toBe('Garden');
    for (const who of [moved, ann, far]) await say(who, 'after');
    for (const who of [moved, ann, far]) {
      await eventually(async () => (await said(who)).length === 7);
      expect(await said(who)).toEqual([...before, ...(await said(ann)).slice(4)]);
      expect(await found(who, 'after')).toBe(3);
    }
  });
});
