/** Settings of auth, read once at start. */
export interface AuthConfig {
  /** Numbers 99966XYYYY need no sender: their code is X five times. */
  testPhones: boolean;
  /** Phone prefix → home DC; the longest match decides, else this DC. */
  phonePrefixes: ReadonlyMap<string, number>;
  /** A session younger than this may not end others (FRESH_*_FORBIDDEN). */
  freshLoginSeconds: number;
  /** Where codes go by HTTPS; undefined: the development outbox. */
  smsWebhook: SmsWebhookConfig | undefined;
}

export interface SmsWebhookConfig {
  url: URL;
  /** Signs the body: header `x-heliograph-signature: sha256=<hex HMAC>`. */
  secret: string | undefined;
  /** Private and loopback addresses are refused otherwise. */
  allowPrivate: boolean;
}

const FRESH_LOGIN_SECONDS_DEFAULT = 86_400;

/**
 * Reads TEST_PHONES, PHONE_PREFIXES (`44=1,49=1`), FRESH_LOGIN_SECONDS, CODE_SMS_URL, CODE_SMS_SECRET and CODE_SMS_ALLOW_PRIVATE.
 * Throws a sentence that says what to change.
 */
export function readAuthConfig(setting: (name: string) => string | undefined, dcIds: readonly number[]): AuthConfig {
  const testPhones = isOn(setting('TEST_PHONES'));
  const fresh = setting('FRESH_LOGIN_SECONDS');
  if (fresh !== undefined && !/^\d{1,8}$/.test(fresh)) throw new Error('HELIOGRAPH_FRESH_LOGIN_SECONDS must be a number of seconds, such as 86400.');
  return {
    testPhones,
    phonePrefixes: readPrefixes(setting('PHONE_PREFIXES') ?? '', dcIds),
    // A test installation cannot wait a day for its sessions to grow up.
    freshLoginSeconds: fresh === undefined ? (testPhones ? 0 : FRESH_LOGIN_SECONDS_DEFAULT) : Number(fresh),
    smsWebhook: readWebhook(setting),
  };
}

const isOn = (value: string | undefined): boolean => value !== undefined && !['0', 'false', 'off', 'no'].includes(value.toLowerCase());

function readPrefixes(text: string, dcIds: readonly number[]): Map<string, number> {
  const prefixes = new Map<string, number>();
  for (const entry of text.split(',').map((part) => part.trim()).filter(Boolean)) {
    const match = /^(\d{1,12})=(\d{1,2})$/.exec(entry);
    if (!match) throw new Error(`HELIOGRAPH_PHONE_PREFIXES: "${entry}" is not <prefix>=<DC>, such as 44=1.`);
    const dc = Number(match[2]);
    if (!dcIds.includes(dc)) throw new Error(`HELIOGRAPH_PHONE_PREFIXES: "${entry}" names DC ${dc}, which is not one of ${dcIds.join(', ')}.`);
    prefixes.set(match[1] as string, dc);
  }
  return prefixes;
}

function readWebhook(setting: (name: string) => string | undefined): SmsWebhookConfig | undefined {
  const text = setting('CODE_SMS_URL');
  if (text === undefined) return undefined;
  const allowPrivate = isOn(setting('CODE_SMS_ALLOW_PRIVATE'));
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Error('HELIOGRAPH_CODE_SMS_URL is not a URL.');
  }
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) throw new Error('HELIOGRAPH_CODE_SMS_URL must be https (or set HELIOGRAPH_CODE_SMS_ALLOW_PRIVATE=1 for plain http inside a private network).');
  return { url, secret: setting('CODE_SMS_SECRET'), allowPrivate };
}
