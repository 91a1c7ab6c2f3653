import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@heliograph/testing/temp-folder';
import { readAuthConfig } from './config';

const read = (settings: Record<string, string>) => readAuthConfig((name) => settings[name], [1, 2]);

it('is safe when nothing is set', () => {
  expect(read({})).toEqual({ testPhones: false, homePrefixes: new Map(), homeNetworks: [], freshLoginSeconds: 86_400, smsWebhook: undefined });
});
it('lets a test installation end sessions at once', () => expect(read({ TEST_PHONES: '1' })).toMatchObject({ testPhones: true, freshLoginSeconds: 0 }));
it('reads the table of prefixes, of a file too', () => {
  expect(read({ HOME_PREFIXES: '44=1, +49=2' }).homePrefixes).toEqual(new Map([['44', 1], ['49', 2]]));
  const folder = tempFolder('prefixes');
  const path = join(folder.path, 'homes');
  writeFileSync(path, '# islands\n44=1\n\n49=1, 7=2 # more\n');
  expect(read({ HOME_PREFIXES_FILE: path, HOME_PREFIXES: '49=2' }).homePrefixes).toEqual(new Map([['44', 1], ['49', 2], ['7', 2]]));
  folder.remove();
});
it('reads the table of networks', () => {
  const [first, second] = read({ HOME_NETWORKS: '203.0.113.0/24=1, 2001:db8::/32=2' }).homeNetworks;
  expect([first?.dc, second?.dc]).toEqual([1, 2]);
  expect([first?.addresses.check('203.0.113.9'), first?.addresses.check('203.0.112.9'), second?.addresses.check('2001:db8::1', 'ipv6')]).toEqual([true, false, true]);
});
it.each([
  [{ HOME_PREFIXES: '44:1' }, 'is not <prefix>=<DC>'],
  [{ HOME_PREFIXES: '44=3' }, 'names DC 3'],
  [{ HOME_PREFIXES_FILE: '/nowhere/at/all' }, 'cannot be read (ENOENT)'],
  [{ HOME_NETWORKS: '203.0.113.0/33=1' }, 'is not <address>/<bits>=<DC>'],
  [{ HOME_NETWORKS: '203.0.113.0/24=7' }, 'names DC 7'],
  [{ FRESH_LOGIN_SECONDS: 'a day' }, 'number of seconds'],
  [{ CODE_SMS_URL: 'sms' }, 'not a URL'],
  [{ CODE_SMS_URL: 'http://sms.example' }, 'must be https'],
])('says what to change about %j', (settings, sentence) => expect(() => read(settings as Record<string, string>)).toThrow(sentence));
it('takes plain http where private networks are allowed', () => {
  expect(read({ CODE_SMS_URL: 'http://sms.internal/', CODE_SMS_ALLOW_PRIVATE: '1' }).smsWebhook).toMatchObject({ allowPrivate: true });
});
