import { channelBox } from '@heliograph/box/box-id';
import { fakeClock } from '@heliograph/testing/fake-clock';
import type { TypeChat, Updates } from '@heliograph/tl/api';
import { writeObject } from '@heliograph/tl/writer';
import { ForAllDresser } from './dress-for-all';
import { DRESSED_CHAT_TTL_MS } from './limits';

const NEWS = 1_000_000_002;

describe('what is the same for all members of a channel', () => {
  let calls: string[];
  let down: boolean;
  let title: string;
  let clock: ReturnType<typeof fakeClock>;
  let dresser: ForAllDresser;
  beforeEach(() => {
    calls = [];
    down = false;
    title = 'News';
    clock = fakeClock();
    dresser = new ForAllDresser({
      clock,
      users: {
        getViews: async ({ userIds = [], viewerId }) => {
          calls.push(`users ${userIds.join(' ')}`);
          if (down || viewerId !== 0n) throw new Error('down');
          return { users: userIds.filter((id) => id !== 9n).map((id) => ({ id, firstName: `User ${id}`, phone: '123', username: id === 5n ? 'five' : '', bot: id === 7n, botInfoVersion: 0, deleted: id === 8n })) } as never;
        },
      },
      channels: async (boxes) => {
        calls.push(`channels ${boxes.join(' ')}`);
        if (down) throw new Error('down');
        return new Map(boxes.map((box): [number, TypeChat] => [box, { _: 'channel', min: true, id: NEWS, title, photo: { _: 'chatPhotoEmpty' }, date: 1 }]));
      },
    });
  });

  const said = (by: number, action?: true): Updates => ({
    _: 'updates', users: [], chats: [], date: 1, seq: 0,
    updates: [{
      _: 'updateNewChannelMessage', pts: 2, pts_count: 1,
      message: { _: action ? 'messageService' : 'message', id: 2, from_id: { _: 'peerUser', user_id: by }, peer_id: { _: 'peerChannel', channel_id: NEWS }, date: 1, message: 'x', action: { _: 'messageActionChatEditTitle', title: 'x' } } as never,
    }],
  });
  const dressed = async (updates: Updates): Promise<Updates> => {
    await dresser.dress(updates);
    writeObject(updates, 'newest');
    return updates;
  };

  it('names people and the channel by what is everybody\'s to see, asked for once', async () => {
    expect(await dressed(said(5))).toMatchObject({ users: [{}], chats: [{ _: 'channel', min: true, title: 'News' }] });
    expect((await dressed(said(5))).users).toEqual([{ _: 'user', min: true, id: 5, first_name: 'User 5', username: 'five' }]);
    expect(dresser.dress(said(5))).toBeUndefined();
    expect((await dressed(said(7))).users).toMatchObject([{ bot: true, bot_info_version: 1 }]);
    expect((await dressed(said(8))).users).toEqual([{ _: 'user', min: true, id: 8, deleted: true }]);
    expect((await dressed(said(9))).users).toEqual([{ _: 'userEmpty', id: 9 }]);
    expect(calls).toEqual(['users 5', `channels ${channelBox(NEWS)}`, 'users 7', 'users 8', 'users 9']);
  });

  it('looks again at a channel that says that it changed, and at a user who did', async () => {
    await dressed(said(5));
    title = 'Other news';
    expect((await dressed(said(5, true))).chats).toMatchObject([{ title }]);
    dresser.invalidate(5);
    await dressed(said(5));
    expect(calls.filter((call) => call === 'users 5')).toHaveLength(2);
  });

  it('shows what was seen last while nobody answers, and fails for what was never seen', async () => {
    await dressed(said(5));
    down = true;
    await clock.advance(DRESSED_CHAT_TTL_MS + 1);
    expect(await dressed(said(5, true))).toMatchObject({ users: [{ first_name: 'User 5' }], chats: [{ title: 'News' }] });
    await expect(dresser.dress(said(6))).rejects.toThrow('down');
  });
});
