import { readAuthConfig } from './config';

const read = (settings: Record<string, string>) => readAuthConfig((name) => settings[name], [1, 2]);

it('is safe when nothing is set', () => {
  expect(read({})).toEqual({ testPhones: false, phonePrefixes: new Map(), freshLoginSeconds: 86_400, smsWebhook: undefined });
});
it('lets a test installation end sessions at once', () => expect(read({ TEST_PHONES: '1' })).toMatchObject({ testPhones: true, freshLoginSeconds: 0 }));
it('reads the table of prefixes', () => expect(read({ PHONE_PREFIXES: '44=1, 49=2' }).phonePrefixes).toEqual(new Map([['44', 1], ['49', 2]])));
it.each([
  [{ PHONE_PREFIXES: '44:1' }, 'is not <prefix>=<DC>'],
  [{ PHONE_PREFIXES: '44=3' }, 'names DC 3'],
  [{ FRESH_LOGIN_SECONDS: 'a day' }, 'number of seconds'],
  [{ CODE_SMS_URL: 'sms' }, 'not a URL'],
  [{ CODE_SMS_URL: 'http://sms.example' }, 'must be https'],
])('says what to change about %j', (settings, sentence) => expect(() => read(settings as Record<string, string>)).toThrow(sentence));
it('takes plain http where private networks are allowed', () => {
  expect(read({ CODE_SMS_URL: 'http://sms.internal/', CODE_SMS_ALLOW_PRIVATE: '1' }).smsWebhook).toMatchObject({ allowPrivate: true });
});
