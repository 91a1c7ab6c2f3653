import { channelBox } from '@heliograph/box/box-id';
import { ChannelMembers } from './channel-members';
import { LEFT_WINDOW_MS } from './limits';

const NEWS = channelBox(1_000_000_002);
const CHAT = channelBox(1_000_000_034);
const [ANN, BEN] = [66, 98];

describe('members of channels who are here', () => {
  let now: number;
  let online: Set<number>;
  let announced: Set<number>;
  let members: ChannelMembers;
  beforeEach(() => {
    now = 1_000_000;
    online = new Set([ANN, BEN]);
    announced = new Set();
    members = new ChannelMembers({
      now: () => now, isOnline: (user) => online.has(user), onChannelAdded: (channel) => announced.add(channel), onChannelRemoved: (channel) => announced.delete(channel),
    }, 3);
  });
  const here = (channel: number): number[] => [...(members.place(channel)?.members.keys() ?? [])];

  it('announces a channel from its first member to its last', () => {
    expect([members.join(NEWS, ANN, 1), members.join(NEWS, BEN, 2), members.join(CHAT, ANN, 1)]).toEqual([true, true, true]);
    expect(announced).toEqual(new Set([NEWS, CHAT]));
    members.forget(ANN);
    expect([here(NEWS), here(CHAT), announced, members.size]).toEqual([[BEN], [], new Set([NEWS]), 1]);
    members.leave(NEWS, BEN, 3);
    expect([announced.size, members.size]).toEqual([0, 0]);
  });

  it('takes in nobody who is not here, and no more than the limit', () => {
    expect(members.join(NEWS, 130, 1)).toBe(false);
    for (const [channel, user] of [[NEWS, ANN], [NEWS, BEN], [CHAT, ANN]] as const) members.join(channel, user, 1);
    expect([members.join(CHAT, BEN, 1), here(CHAT)]).toEqual([false, [ANN]]);
  });

  test.each<[what: string, told: readonly (readonly ['join' | 'leave', number])[], present: boolean]>([
    ['joined', [['join', 5]], true],
    ['told twice', [['join', 5], ['join', 5]], true],
    ['left', [['join', 5], ['leave', 6]], false],
    ['left, and the own box is late to say that he had joined', [['join', 5], ['leave', 6], ['join', 5]], false],
    ['came back', [['join', 5], ['leave', 6], ['join', 7]], true],
    ['came back, and the own box is late to say that he had left', [['join', 5], ['leave', 6], ['join', 7], ['leave', 6]], true],
    ['was taken off before anybody knew of him', [['leave', 6], ['join', 5]], false],
    ['two late words, in their order', [['leave', 8], ['leave', 6], ['join', 7]], false],
    ['of unknown version after he left', [['leave', 6], ['join', 0]], false],
  ])('%s', (_what, told, present) => {
    for (const [what, version] of told) members[what](NEWS, ANN, version);
    expect(here(NEWS)).toEqual(present ? [ANN] : []);
  });

  it('remembers who left for a while', () => {
    members.leave(NEWS, ANN, 6);
    now += LEFT_WINDOW_MS + 1;
    expect(members.join(NEWS, ANN, 5)).toBe(true);
  });
});
