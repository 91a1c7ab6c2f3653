import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import type { HomeNetwork } from './domain/phone-home';
import { HOME_PREFIXES_MAX } from './limits';

/** Settings of auth, read once at start. */
export interface AuthConfig {
  /** Numbers 99966XYYYY need no sender: their code is X five times. */
  testPhones: boolean;
  /** Phone prefix → home DC of new users; the longest match decides. The same in every DC, or clients are sent back and forth. */
  homePrefixes: ReadonlyMap<string, number>;
  /** Where new users belong whose number no prefix names, by the address that they come from; the DC that they reached when none says. */
  homeNetworks: readonly HomeNetwork[];
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

type Setting = (name: string) => string | undefined;

const FRESH_LOGIN_SECONDS_DEFAULT = 86_400;

/**
 * Reads TEST_PHONES, HOME_PREFIXES (`44=1,49=2`), HOME_PREFIXES_FILE, HOME_NETWORKS (`203.0.113.0/24=1`), FRESH_LOGIN_SECONDS, CODE_SMS_URL, CODE_SMS_SECRET and CODE_SMS_ALLOW_PRIVATE.
 * Throws a sentence that says what to change.
 */
export function readAuthConfig(setting: Setting, dcIds: readonly number[]): AuthConfig {
  const testPhones = isOn(setting('TEST_PHONES'));
  const fresh = setting('FRESH_LOGIN_SECONDS');
  if (fresh !== undefined && !/^\d{1,8}$/.test(fresh)) throw new Error('HELIOGRAPH_FRESH_LOGIN_SECONDS must be a number of seconds, such as 86400.');
  return {
    testPhones,
    homePrefixes: readPrefixes(setting, dcIds),
    homeNetworks: readNetworks(setting, dcIds),
    // A test installation cannot wait a day for its sessions to grow up.
    freshLoginSeconds: fresh === undefined ? (testPhones ? 0 : FRESH_LOGIN_SECONDS_DEFAULT) : Number(fresh),
    smsWebhook: readWebhook(setting),
  };
}

const isOn = (value: string | undefined): boolean => value !== undefined && !['0', 'false', 'off', 'no'].includes(value.toLowerCase());

/** Entries `<prefix>=<DC>`, separated by commas or lines; a file may have comments that begin with #. */
function readPrefixes(setting: Setting, dcIds: readonly number[]): Map<string, number> {
  const prefixes = new Map<string, number>();
  for (const { text, name } of [{ text: readText(setting('HOME_PREFIXES_FILE')), name: 'HOME_PREFIXES_FILE' }, { text: setting('HOME_PREFIXES') ?? '', name: 'HOME_PREFIXES' }]) {
    for (const entry of entriesOf(text)) {
      const match = /^\+?(\d{1,12})=(\d{1,2})$/.exec(entry);
      if (!match) throw new Error(`HELIOGRAPH_${name}: "${entry}" is not <prefix>=<DC>, such as 44=1.`);
      prefixes.set(match[1] as string, knownDc(Number(match[2]), entry, name, dcIds));
    }
  }
  if (prefixes.size > HOME_PREFIXES_MAX) throw new Error(`HELIOGRAPH_HOME_PREFIXES: more than ${HOME_PREFIXES_MAX} prefixes.`);
  return prefixes;
}

/** Entries `<address>/<bits>=<DC>`. */
function readNetworks(setting: Setting, dcIds: readonly number[]): HomeNetwork[] {
  return entriesOf(setting('HOME_NETWORKS') ?? '').map((entry) => {
    const [, address = '', bits = '', dc = ''] = /^([\d.a-f:]+)\/(\d{1,3})=(\d{1,2})$/i.exec(entry) ?? [];
    const family = isIP(address);
    if (family === 0 || Number(bits) > (family === 4 ? 32 : 128)) throw new Error(`HELIOGRAPH_HOME_NETWORKS: "${entry}" is not <address>/<bits>=<DC>, such as 203.0.113.0/24=1.`);
    const addresses = new BlockList();
    addresses.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
    return { dc: knownDc(Number(dc), entry, 'HOME_NETWORKS', dcIds), addresses };
  });
}

const entriesOf = (text: string): string[] => text.split('\n').map((line) => line.replace(/#.*/, '')).join(',').split(',').map((entry) => entry.trim()).filter(Boolean);

function readText(path: string | undefined): string {
  if (path === undefined) return '';
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`HELIOGRAPH_HOME_PREFIXES_FILE: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`, { cause: error });
  }
}

function knownDc(dc: number, entry: string, name: string, dcIds: readonly number[]): number {
  if (!dcIds.includes(dc)) throw new Error(`HELIOGRAPH_${name}: "${entry}" names DC ${dc}, which is not one of ${dcIds.join(', ')}.`);
  return dc;
}

function readWebhook(setting: Setting): SmsWebhookConfig | undefined {
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
