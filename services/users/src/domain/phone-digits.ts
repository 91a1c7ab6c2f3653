/** ITU E.164: 15 digits at the most; shorter than 7 is nobody's number. */
const DIGITS_MAX = 15;
const DIGITS_MIN = 7;

/** The digits of a number as people write it, or undefined if it can't be one. */
export function phoneDigits(written: string): string | undefined {
  const digits = written.replace(/[^\d]/g, '');
  return digits.length >= DIGITS_MIN && digits.length <= DIGITS_MAX && !/[a-z]/i.test(written) ? digits : undefined;
}
