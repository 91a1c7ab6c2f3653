const TEST_PHONE = /^99966(\d)\d{4}$/;

/** DC digit of a test number 99966XYYYY (docs: core.telegram.org/api/auth#test-accounts); undefined for others. */
export function testPhoneDigit(phone: string): number | undefined {
  const match = TEST_PHONE.exec(phone);
  return match ? Number(match[1]) : undefined;
}

export interface PhoneHomes {
  /** This DC, and all. */
  dc: number;
  dcIds: readonly number[];
  testPhones: boolean;
  phonePrefixes: ReadonlyMap<string, number>;
}

/** Home DC of a number that nobody has yet: a test number names it; else the longest prefix in the table; else this DC. */
export function phoneHome(phone: string, { dc, dcIds, testPhones, phonePrefixes }: PhoneHomes): number {
  if (dcIds.length === 1) return dc;
  const digit = testPhones ? testPhoneDigit(phone) : undefined;
  if (digit !== undefined && dcIds.includes(digit)) return digit;
  for (let length = phone.length; length > 0; length -= 1) {
    const home = phonePrefixes.get(phone.slice(0, length));
    if (home !== undefined) return home;
  }
  return dc;
}
