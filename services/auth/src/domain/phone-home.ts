import type { BlockList } from 'node:net';
import { isIPv6 } from 'node:net';

const TEST_PHONE = /^99966(\d)\d{4}$/;

/** DC digit of a test number 99966XYYYY (docs: core.telegram.org/api/auth#test-accounts); undefined for others. */
export function testPhoneDigit(phone: string): number | undefined {
  const match = TEST_PHONE.exec(phone);
  return match ? Number(match[1]) : undefined;
}

export interface PhoneHomes {
  dcIds: readonly number[];
  testPhones: boolean;
  /** Prefix → DC. */
  homePrefixes: ReadonlyMap<string, number>;
}

/** Home DC of a number that nobody has yet: a test number names it, else the longest prefix in the table; undefined when neither does. */
export function phoneHome(phone: string, { dcIds, testPhones, homePrefixes }: PhoneHomes): number | undefined {
  const digit = testPhones ? testPhoneDigit(phone) : undefined;
  if (digit !== undefined && dcIds.includes(digit)) return digit;
  for (let length = phone.length; length > 0; length -= 1) {
    const home = homePrefixes.get(phone.slice(0, length));
    if (home !== undefined) return home;
  }
  return undefined;
}

/** Addresses whose new users belong to a DC. */
export interface HomeNetwork {
  dc: number;
  addresses: BlockList;
}

/** The DC that new users from an address belong to; undefined when no network says. The first that holds the address decides. */
export function networkHome(ip: string, networks: readonly HomeNetwork[]): number | undefined {
  return networks.find(({ addresses }) => addresses.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4'))?.dc;
}
