import { BOX_UPDATES as READ } from '@heliograph/box/topics';
import { USER_SLICES } from '@heliograph/service-kit/limits';
import { BOX_COMMANDS, BOX_UPDATES as WRITTEN } from './engine/topics';

test('the engine writes the topic of box updates that fanout reads', () => {
  expect(WRITTEN).toEqual(READ);
});

test('a partition of boxes is a slice of users: callers find owners by it', () => {
  expect(BOX_COMMANDS.partitions).toBe(USER_SLICES);
  expect(READ.partitions).toBe(USER_SLICES);
});
