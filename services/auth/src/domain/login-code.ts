import { createHmac, timingSafeEqual } from 'node:crypto';
import { CODE_DIGITS } from '../limits';
import { testPhoneDigit } from './phone-home';

/** Every code is equally likely: draws of 4 bytes beyond the last whole multiple of the number of codes are drawn again. */
export function randomCode(random: (bytes: number) => Uint8Array): string {
  const codes = 10 ** CODE_DIGITS;
  const limit = Math.floor(2 ** 32 / codes) * codes;
  for (;;) {
    const draw = Buffer.from(random(4)).readUInt32LE(0);
    if (draw < limit) return String(draw % codes).padStart(CODE_DIGITS, '0');
  }
}

/** The fixed code of a test number; undefined for others. */
export function testCode(phone: string): string | undefined {
  const digit = testPhoneDigit(phone);
  return digit === undefined ? undefined : String(digit).repeat(CODE_DIGITS);
}

export const phoneMac = (secret: Uint8Array, phone: string): Uint8Array => mac(secret, `phone:${phone}`);
export const codeMac = (secret: Uint8Array, phone: string, hash: string, code: string): Uint8Array => mac(secret, `code:${phone}:${hash}:${code}`);

/** Constant-time. */
export const sameMac = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);

function mac(secret: Uint8Array, text: string): Uint8Array {
  return new Uint8Array(createHmac('sha256', secret).update(text).digest());
}
