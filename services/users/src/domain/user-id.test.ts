import { homeDcOf } from '@heliograph/box/box-id';
import { isAccountId, SERVICE_USER_ID, userIdFrom } from './user-id';

const bytes = (value: bigint): Uint8Array => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(value);
  return buffer;
};

it.each([[0n], [1n], [2n ** 20n], [2n ** 35n - 1n], [2n ** 64n - 1n]])('random bits %s make an id of its DC within the clients\' bound', (bits) => {
  for (const dc of [1, 2, 31]) {
    const id = userIdFrom(bytes(bits), dc);
    expect(homeDcOf(id)).toBe(dc);
    expect(isAccountId(id)).toBe(true);
    expect(id).toBeLessThan(2 ** 40);
  }
});
it.each([0, -5, 31, SERVICE_USER_ID, 2 ** 40, 1.5, NaN])('%d is no account', (id) => expect(isAccountId(id)).toBe(false));
