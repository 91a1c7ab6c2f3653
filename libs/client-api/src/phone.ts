/** Digits of a number in international form: E.164 allows 15, and no country has numbers of fewer than 7 with its code. */
const PHONE_DIGITS_MIN = 7;
const PHONE_DIGITS_MAX = 15;

/**
 * Digits of a phone number as a person or a client wrote it (`+49 (30) 123-45`, `4930 12345`); undefined when it cannot be one
 * (ITU-T E.164: at most 15 digits, country codes begin with 1–9).
 */
export function normalisePhone(text: string): string | undefined {
  if (!/^\+?[\d\s().\-/]{1,40}$/.test(text)) return undefined;
  const digits = text.replace(/\D/g, '');
  return digits.length >= PHONE_DIGITS_MIN && digits.length <= PHONE_DIGITS_MAX && digits[0] !== '0' ? digits : undefined;
}
