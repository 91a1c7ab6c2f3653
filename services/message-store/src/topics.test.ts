import { BOX_UPDATES as READ } from '@heliograph/box/topics';
import { BOX_UPDATES as WRITTEN } from './engine/topics';

test('the engine writes the topic of box updates that fanout reads', () => {
  expect(WRITTEN).toEqual(READ);
});
