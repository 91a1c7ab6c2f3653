import { channelBox, channelOfBox, homeDcOf, isChannelBox } from '@heliograph/box/box-id';
import { channelIdFrom } from './channel-id';

const of = (n: number, dc: number): number => {
  const random = Buffer.alloc(4);
  random.writeUInt32LE(n);
  return channelIdFrom(random, dc);
};

test.each([0, 1, 214_062_499, 214_062_500, 2 ** 31, 2 ** 32 - 1])('an id from %i is of its DC, has ten digits and is below what old libraries know', (n) => {
  for (const dc of [0, 1, 2, 31]) {
    const id = of(n, dc);
    expect(String(id)).toMatch(/^\d{10}$/);
    expect(id).toBeLessThan(7_850_000_000);
    expect(homeDcOf(channelBox(id))).toBe(dc);
    expect(isChannelBox(channelBox(id))).toBe(true);
    expect(channelOfBox(channelBox(id))).toBe(id);
    expect(String(channelBox(id))).toBe(`-100${id}`);
  }
});
