import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { AuthKeyService } from '@heliograph/protos/heliograph/auth/v1/auth_pb';
import { CallerSchema, ClientApiService, type InvokeResponse } from '@heliograph/protos/heliograph/clientapi/v1/client_api_pb';
import { FanoutService, type Push } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import { MessageStoreService, type NotifyRequest } from '@heliograph/protos/heliograph/messagestore/v1/message_store_pb';
import { UsersService } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { authKeyId } from '@heliograph/mtproto/key-id';
import { deriveLegacyKey } from '@heliograph/mtproto/packet/binding-message';
import { igeEncrypt } from '@heliograph/mtproto/packet/ige';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Client, DataCenter, ServiceDefinition } from '@heliograph/service-kit/kit';
import { EphemeralUnavailable } from '@heliograph/ephemeral/errors';
import { loseEphemeral } from '@heliograph/ephemeral/faults';
import { eventually } from '@heliograph/testing/eventually';
import { fakeClock, type FakeClock } from '@heliograph/testing/fake-clock';
import { memoryKeyring } from '@heliograph/testing/memory-keyring';
import { createTestKit, type TestKit } from '@heliograph/testing/test-kit';
import type { Api } from '@heliograph/tl/api';
import { readObject, readResult } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';
import { authService } from './auth.module';
import { CODES_PER_PHONE, TEMP_KEY_TTL_SECONDS_MAX, WRONG_CODES_PER_PHONE } from './limits';

type Request<M extends keyof Api> = Omit<Api[M]['request'], '_'>;

describe('auth', () => {
  let kit: TestKit;
  let clock: FakeClock;
  let pushes: Push[];
  let notices: NotifyRequest[];
  /** Phone → user id. */
  let accounts: Map<string, number>;
  /** Accounts that are made without anybody being told. */
  let answersLost = 0;

  const neighbours: ServiceDefinition = {
    name: 'neighbours',
    compose: async (own) => {
      own.serve(FanoutService, {
        async *attach() {
          yield { pushes: [] };
        },
        publish: async (request) => {
          pushes.push(...request.pushes);
          return {};
        },
      });
      own.serve(MessageStoreService, {
        notify: async (request) => {
          notices.push(request);
          return { messageId: notices.length };
        },
        appendRelayed: async () => ({}),
        forgetContact: async () => ({}),
        listChannels: async () => ({}),
        wakeChannels: async () => ({}),
        getDialogSettings: async () => ({}),
      });
      own.serve(UsersService, {
        getViews: async ({ userIds }) => ({ users: userIds.map((id) => ({ id, self: true, firstName: 'Ann', phone: [...accounts].find(([, user]) => BigInt(user) === id)?.[0] ?? '' })) }),
        checkContact: async () => ({ toExists: true }),
        createUser: async ({ phone }) => {
          if (accounts.has(phone)) return { userId: 0n };
          accounts.set(phone, 2 ** 26 + accounts.size * 32 + own.dc.id);
          if (answersLost > 0) {
            answersLost -= 1;
            throw new CallError('UNAVAILABLE', 'the answer is lost');
          }
          return { userId: BigInt(accounts.get(phone) ?? 0) };
        },
        findByPhone: async ({ phone }) => ({ userId: BigInt(accounts.get(phone) ?? 0), dc: (accounts.get(phone) ?? 0) % 32 }),
        findByUsernames: async () => ({}),
        touchPresence: async () => ({}),
        announceJoined: async () => ({}),
        findBlocks: async () => ({}),
        findContactOwners: async () => ({}),
        tellPeer: async () => ({}),
        takeNotices: async () => ({}),
      });
    },
  };

  async function start(options: { settings?: Record<string, string>; dcs?: DataCenter[] } = {}): Promise<void> {
    clock = fakeClock();
    pushes = [];
    notices = [];
    accounts = new Map();
    answersLost = 0;
    kit = await createTestKit({ clock, keyring: memoryKeyring(), settings: options.settings, dcs: options.dcs });
    await kit.start(neighbours, authService);
  }
  beforeEach(() => start());
  afterEach(() => kit.close());

  const auth = (): Client<typeof AuthKeyService> => kit.kit().client(AuthKeyService);
  const now = (): number => Math.floor(clock.now() / 1000);

  /** A client: a stored permanent key and one session of it, as the gateway sees it. */
  class Device {
    readonly key = randomBytes(256);
    readonly keyId = authKeyId(this.key);
    readonly sessionId = randomBytes(8).readBigUInt64LE();
    userId = 0;
    caller: { authKeyId?: bigint; tempAuthKeyId?: bigint } = {};
    change: InvokeResponse['sessionChange'];

    static async make(): Promise<Device> {
      const device = new Device();
      expect((await auth().storeKey({ authKey: device.key, authKeyId: device.keyId })).stored).toBe(true);
      return device;
    }

    /** Rejects with the error's type. */
    async call<M extends keyof Api>(method: M, request: Request<M>): Promise<Api[M]['result']> {
      const query = writeObject({ _: method, ...request } as never, 'newest');
      const caller = create(CallerSchema, {
        userId: BigInt(this.userId), authKeyId: this.keyId, sessionId: this.sessionId, layer: 229, dc: 2, ip: '192.0.2.7', messageId: 4n << 32n,
        client: { apiId: 1, deviceModel: 'Pixel 9', systemVersion: 'Android 16', appVersion: '1.0', langCode: 'en' }, ...this.caller,
      });
      const response = await kit.kit().client(ClientApiService, { owner: 'auth' }).invoke({ query, caller });
      this.change = response.sessionChange;
      if (response.outcome.case === 'error') throw new Error(response.outcome.value.message);
      if (response.sessionChange?.change.case === 'loggedIn') this.userId = Number(response.sessionChange.change.value.userId);
      return readResult(method, response.outcome.value as Uint8Array) as Api[M]['result'];
    }

    async sendCode(phone: string): Promise<Extract<Api['auth.sendCode']['result'], { _: 'auth.sentCode' }>> {
      const sent = await this.call('auth.sendCode', { phone_number: phone, api_id: 1, api_hash: 'x', settings: { _: 'codeSettings' } });
      if (sent._ !== 'auth.sentCode') throw new Error(sent._);
      return sent;
    }

    async logIn(phone: string): Promise<this> {
      const { phone_code_hash } = await this.sendCode(phone);
      const answer = await this.call('auth.signIn', { phone_number: phone, phone_code_hash, phone_code: phone[5]?.repeat(5) });
      if (answer._ === 'auth.authorizationSignUpRequired') await this.call('auth.signUp', { phone_number: phone, phone_code_hash, first_name: 'Ann', last_name: '' });
      return this;
    }
  }

  const outbox = async (phone: string): Promise<{ phone: string; code: string; at: string }[]> => (await kit.http('GET', '/dev/outbox', { query: { phone } })).body as never;
  const TEST = '9996621234';
  const REAL = '491512345678';

  describe('keys', () => {
    it('that are permanent are found and forgotten without the ephemeral store; of others it is not said that they are unknown', async () => {
      const device = await (await Device.make()).logIn(TEST);
      const temporary = randomBytes(256);
      await auth().storeKey({ authKey: temporary, authKeyId: authKeyId(temporary), expiresIn: 100 });
      const restore = loseEphemeral(kit.ports.ephemeral);
      expect(await auth().findKey({ authKeyId: device.keyId })).toMatchObject({ found: true, userId: BigInt(device.userId) });
      const unknown = await Device.make();
      expect(await auth().findKey({ authKeyId: unknown.keyId })).toMatchObject({ found: true, userId: 0n });
      for (const id of [authKeyId(temporary), 1n]) {
        await expect(auth().findKey({ authKeyId: id })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
        await expect(auth().destroyKey({ authKeyId: id })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      }
      await expect(auth().storeKey({ authKey: temporary, authKeyId: authKeyId(temporary), expiresIn: 100 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect((await auth().destroyKey({ authKeyId: device.keyId })).destroyed).toBe(true);
      restore();
      expect((await auth().findKey({ authKeyId: device.keyId })).found).toBe(false);
      expect(await auth().findKey({ authKeyId: authKeyId(temporary) })).toMatchObject({ found: true });
    });

    it('come back as they were stored, and never lie in the clear', async () => {
      const device = await Device.make();
      expect(await auth().findKey({ authKeyId: device.keyId })).toMatchObject({ found: true, permanentKeyId: device.keyId, userId: 0n, expiresAt: 0 });
      expect(Buffer.from((await auth().findKey({ authKeyId: device.keyId })).authKey)).toEqual(Buffer.from(device.key));
      expect((await auth().storeKey({ authKey: device.key, authKeyId: device.keyId })).stored).toBe(true);
      expect((await auth().storeKey({ authKey: randomBytes(256), authKeyId: device.keyId })).stored).toBe(false);
      expect((await auth().findKey({ authKeyId: 1n })).found).toBe(false);
    });

    it('are not on disk as they are', async () => {
      const device = await (await Device.make()).logIn(TEST);
      const files = (readdirSync(kit.folder, { recursive: true }) as string[]).map((name) => join(kit.folder, name)).filter((path) => statSync(path).isFile());
      expect(files.length).toBeGreaterThan(0);
      for (const file of files) {
        const bytes = readFileSync(file);
        for (const secret of [device.key.subarray(0, 32), device.key.subarray(128, 160), TEST, 'Pixel 9', '192.0.2.7']) expect(bytes.includes(secret)).toBe(false);
      }
    });

    it('of a temporary kind end with their time, and may be forgotten', async () => {
      const key = randomBytes(256);
      const id = authKeyId(key);
      await auth().storeKey({ authKey: key, authKeyId: id, expiresIn: 100 });
      expect(await auth().findKey({ authKeyId: id })).toMatchObject({ found: true, expiresAt: now() + 100, permanentKeyId: 0n });
      await clock.advance(101_000);
      expect((await auth().findKey({ authKeyId: id })).found).toBe(false);
      const long = randomBytes(256);
      await auth().storeKey({ authKey: long, authKeyId: authKeyId(long), expiresIn: TEMP_KEY_TTL_SECONDS_MAX * 2 });
      expect(await auth().findKey({ authKeyId: authKeyId(long) })).toMatchObject({ expiresAt: now() + TEMP_KEY_TTL_SECONDS_MAX });
      expect((await auth().destroyKey({ authKeyId: authKeyId(long) })).destroyed).toBe(true);
      expect((await auth().destroyKey({ authKeyId: authKeyId(long) })).destroyed).toBe(false);
    });

    it('remember the layer and the client that was announced under them', async () => {
      const device = await Device.make();
      await auth().reportClient({ authKeyId: device.keyId, layer: 198, deviceModel: 'PC', ip: '192.0.2.1', activeAt: now() });
      await auth().reportClient({ authKeyId: device.keyId, layer: 0, activeAt: now() + 5 });
      expect((await auth().findKey({ authKeyId: device.keyId })).layer).toBe(198);
    });
  });

  describe('login by phone', () => {
    it('signs a new number up, and logs the same account in again', async () => {
      const first = await Device.make();
      const sent = await first.sendCode(REAL);
      expect(sent).toMatchObject({ type: { _: 'auth.sentCodeTypeSms', length: 5 }, next_type: { _: 'auth.codeTypeSms' } });
      const code = (await outbox(`+${REAL}`))[0]?.code as string;
      expect(code).toMatch(/^\d{5}$/);
      const signIn = { phone_number: `+49 151 2345678`, phone_code_hash: sent.phone_code_hash, phone_code: code };
      await expect(first.call('auth.signUp', { ...signIn, first_name: 'Ann', last_name: '' })).rejects.toThrow('PHONE_CODE_INVALID');
      expect(await first.call('auth.signIn', signIn)).toMatchObject({ _: 'auth.authorizationSignUpRequired' });
      await expect(first.call('auth.signUp', { ...signIn, first_name: '  ', last_name: '' })).rejects.toThrow('FIRSTNAME_INVALID');
      const authorization = await first.call('auth.signUp', { ...signIn, first_name: 'Ann', last_name: '' });
      expect(authorization).toMatchObject({ _: 'auth.authorization', user: { _: 'user', self: true, phone: REAL, id: accounts.get(REAL) } });
      expect(await auth().findKey({ authKeyId: first.keyId })).toMatchObject({ userId: BigInt(first.userId), layer: 229 });
      expect(notices).toEqual([]);
    });

    it('a sign-up that is repeated because its answer was lost logs in to the account that it made', async () => {
      const device = await Device.make();
      const other = await Device.make();
      const begun = await Promise.all([device, other].map(async (each) => {
        const { phone_code_hash } = await each.sendCode(TEST);
        await each.call('auth.signIn', { phone_number: TEST, phone_code_hash, phone_code: '22222' });
        return { phone_number: TEST, phone_code_hash, first_name: 'Ann', last_name: '' };
      }));
      answersLost = 1;
      await expect(device.call('auth.signUp', begun[0] as (typeof begun)[0])).rejects.toThrow('RPC_CALL_FAIL');
      expect(await device.call('auth.signUp', begun[0] as (typeof begun)[0])).toMatchObject({ _: 'auth.authorization', user: { id: accounts.get(TEST) } });
      // Who made no account is told so, however often they ask.
      for (let time = 0; time < 2; time += 1) await expect(other.call('auth.signUp', begun[1] as (typeof begun)[0])).rejects.toThrow('PHONE_NUMBER_OCCUPIED');
    });

    it.each([['', 'PHONE_NUMBER_INVALID'], ['abc', 'PHONE_NUMBER_INVALID'], ['123', 'PHONE_NUMBER_INVALID']])('refuses the number "%s"', async (phone, error) => {
      await expect((await Device.make()).sendCode(phone)).rejects.toThrow(error);
    });

    it('takes a code once, from the key that asked, within five minutes and three tries', async () => {
      const device = await Device.make();
      const sent = await device.sendCode(TEST);
      const right = { phone_number: TEST, phone_code_hash: sent.phone_code_hash, phone_code: '22222' };
      await expect((await Device.make()).call('auth.signIn', right)).rejects.toThrow('PHONE_CODE_EXPIRED');
      await expect(device.call('auth.signIn', { ...right, phone_code: '' })).rejects.toThrow('PHONE_CODE_EMPTY');
      for (let i = 0; i < 3; i += 1) await expect(device.call('auth.signIn', { ...right, phone_code: '11111' })).rejects.toThrow('PHONE_CODE_INVALID');
      await expect(device.call('auth.signIn', right)).rejects.toThrow('PHONE_CODE_EXPIRED');

      const again = { ...right, phone_code_hash: (await device.sendCode(TEST)).phone_code_hash };
      await device.call('auth.signIn', again);
      await expect(device.call('auth.signIn', again)).rejects.toThrow('PHONE_CODE_EXPIRED');

      const late = { ...right, phone_code_hash: (await device.sendCode(TEST)).phone_code_hash };
      await clock.advance(301_000);
      await expect(device.call('auth.signIn', late)).rejects.toThrow('PHONE_CODE_EXPIRED');
    });

    it('replaces a code that is sent again, and forgets one that is cancelled', async () => {
      const device = await Device.make();
      const { phone_code_hash } = await device.sendCode(REAL);
      expect(await device.call('auth.resendCode', { phone_number: REAL, phone_code_hash })).toMatchObject({ phone_code_hash, type: { _: 'auth.sentCodeTypeSms' } });
      const [newest, first] = await outbox(REAL);
      if (newest?.code !== first?.code) await expect(device.call('auth.signIn', { phone_number: REAL, phone_code_hash, phone_code: first?.code })).rejects.toThrow('PHONE_CODE_INVALID');
      expect(await device.call('auth.cancelCode', { phone_number: REAL, phone_code_hash })).toBe(true);
      await expect(device.call('auth.signIn', { phone_number: REAL, phone_code_hash, phone_code: newest?.code })).rejects.toThrow('PHONE_CODE_EXPIRED');
    });

    it('makes who asks for too many codes wait, and who guesses too much', async () => {
      const device = await Device.make();
      for (let i = 0; i < CODES_PER_PHONE.count; i += 1) await device.sendCode(REAL);
      await expect(device.sendCode(REAL)).rejects.toThrow(/^FLOOD_WAIT_\d+$/);
    });

    it('makes who guesses too many codes wait, whatever keys they guess from', async () => {
      let wrong = 0;
      const guess = async (): Promise<void> => {
        const device = await Device.make();
        const { phone_code_hash } = await device.sendCode(REAL);
        const code = (await outbox(REAL))[0]?.code === '11111' ? '22222' : '11111';
        for (let tries = 0; tries < 3; tries += 1, wrong += 1) {
          await expect(device.call('auth.signIn', { phone_number: REAL, phone_code_hash, phone_code: code })).rejects.toThrow(wrong < WRONG_CODES_PER_PHONE.count ? 'PHONE_CODE_INVALID' : /^FLOOD_WAIT_/);
        }
      };
      while (wrong <= WRONG_CODES_PER_PHONE.count) await guess();
    });

    it('sends a number to its home data center', async () => {
      await kit.close();
      await start({ dcs: [{ id: 2, host: '127.0.0.1', port: 1 }, { id: 1, host: '127.0.0.1', port: 2 }], settings: { HOME_PREFIXES: '44=1' } });
      const device = await Device.make();
      await expect(device.sendCode('9996611234')).rejects.toThrow('PHONE_MIGRATE_1');
      await expect(device.sendCode('447712345678')).rejects.toThrow('PHONE_MIGRATE_1');
      await device.sendCode('9996621234');
      // Where the account is counts, not the table.
      accounts.set(REAL, 2 ** 26 + 1);
      await expect(device.sendCode(REAL)).rejects.toThrow('PHONE_MIGRATE_1');
    });

    it('waits for the ephemeral store: clients are told to try again, and those of another data center to go there', async () => {
      await kit.close();
      await start({ settings: { HOME_PREFIXES: '49=3' }, dcs: [{ id: 2, host: '127.0.0.1', port: 1 }, { id: 3, host: '127.0.0.1', port: 2 }] });
      const device = await Device.make();
      const { phone_code_hash } = await device.sendCode(TEST);
      const signIn = { phone_number: TEST, phone_code_hash, phone_code: '22222' };
      const restore = loseEphemeral(kit.ports.ephemeral);
      await expect(device.sendCode(TEST)).rejects.toThrow('RPC_CALL_FAIL');
      await expect(device.sendCode(REAL)).rejects.toThrow('PHONE_MIGRATE_3');
      await expect(device.call('auth.signIn', signIn)).rejects.toThrow('RPC_CALL_FAIL');
      restore();
      expect(await device.call('auth.signIn', signIn)).toMatchObject({ _: 'auth.authorizationSignUpRequired' });
    });

    it('is not undone by the loss of the ephemeral store after the code was used', async () => {
      const gone = jest.spyOn(kit.ports.ephemeral, 'delete').mockRejectedValue(new EphemeralUnavailable('gone'));
      const device = await (await Device.make()).logIn(TEST);
      const again = await (await Device.make()).logIn(TEST);
      expect([device.userId, again.userId]).toEqual([accounts.get(TEST), accounts.get(TEST)]);
      gone.mockRestore();
    });

    it('is a test number\'s only while they are on', async () => {
      await kit.close();
      await start({ settings: { TEST_PHONES: '0' } });
      const device = await Device.make();
      const { phone_code_hash } = await device.sendCode(TEST);
      const [sent] = await outbox(TEST);
      if (sent?.code !== '22222') await expect(device.call('auth.signIn', { phone_number: TEST, phone_code_hash, phone_code: '22222' })).rejects.toThrow('PHONE_CODE_INVALID');
      expect(await device.call('auth.signIn', { phone_number: TEST, phone_code_hash, phone_code: sent?.code })).toMatchObject({ _: 'auth.authorizationSignUpRequired' });
    });

    it('sends the code to an active session instead, and tells it of the login', async () => {
      const first = await (await Device.make()).logIn(TEST);
      const second = await Device.make();
      const sent = await second.sendCode(TEST);
      expect(sent).toMatchObject({ type: { _: 'auth.sentCodeTypeApp', length: 5 }, next_type: { _: 'auth.codeTypeSms' } });
      expect(notices).toHaveLength(1);
      expect(notices[0]).toMatchObject({ userId: BigInt(first.userId), from: 777_000n });
      expect(readObject(notices[0]?.content as Uint8Array, 'heliograph.MessageContent')).toMatchObject({ message: expect.stringContaining('22222') });
      await second.call('auth.signIn', { phone_number: TEST, phone_code_hash: sent.phone_code_hash, phone_code: '22222' });
      await eventually(() => notices.length === 2);
      expect(readObject(notices[1]?.content as Uint8Array, 'heliograph.MessageContent')).toMatchObject({ message: expect.stringContaining('New login') });
    });

    it('keeps no phone and no code in the ephemeral store\'s names or values', async () => {
      const device = await Device.make();
      const stored: string[] = [];
      const { ephemeral } = kit.ports;
      const set = ephemeral.set.bind(ephemeral);
      ephemeral.set = async (key, value, ttlMs) => {
        stored.push(key, Buffer.from(value).toString('latin1'));
        return set(key, value, ttlMs);
      };
      await device.sendCode(REAL);
      const code = (await outbox(REAL))[0]?.code as string;
      expect(stored.length).toBeGreaterThan(0);
      for (const text of stored) {
        expect(text).not.toContain(REAL);
        expect(text).not.toContain(code);
      }
    });
  });

  describe('sessions', () => {
    it('are listed, ended one by one and all at once', async () => {
      const [own, other, third] = [await (await Device.make()).logIn(TEST), await (await Device.make()).logIn(TEST), await (await Device.make()).logIn(TEST)];
      const { authorizations } = await own.call('account.getAuthorizations', {});
      expect(authorizations).toHaveLength(3);
      expect(authorizations[0]).toMatchObject({ current: true, hash: 0n, device_model: 'Pixel 9', platform: 'Android', ip: '192.0.2.7' });
      await expect(own.call('account.resetAuthorization', { hash: 5n })).rejects.toThrow('HASH_INVALID');
      await own.call('account.resetAuthorization', { hash: authorizations[1]?.hash as bigint });
      expect((await own.call('account.getAuthorizations', {})).authorizations).toHaveLength(2);
      await own.call('auth.resetAuthorizations', {});
      expect((await own.call('account.getAuthorizations', {})).authorizations).toHaveLength(1);
      expect(pushes.map((push) => push.what.value).sort()).toEqual([other.keyId, third.keyId].sort());
      await expect(other.call('account.getAuthorizations', {})).rejects.toThrow('AUTH_KEY_UNREGISTERED');
      for (const ended of [other, third]) expect(await auth().findKey({ authKeyId: ended.keyId })).toMatchObject({ found: true, userId: 0n, revoked: true });
      await other.logIn(TEST);
      expect(await auth().findKey({ authKeyId: other.keyId })).toMatchObject({ revoked: false });
    });

    it('end by logging out, which the own connection survives', async () => {
      const device = await (await Device.make()).logIn(TEST);
      expect(await device.call('auth.logOut', {})).toMatchObject({ _: 'auth.loggedOut' });
      expect(device.change?.change.case).toBe('loggedOut');
      expect(pushes).toMatchObject([{ what: { case: 'authKeyRevoked', value: device.keyId }, exceptSessionId: device.sessionId }]);
      expect((await auth().listLogins({ userId: BigInt(device.userId) })).logins).toEqual([]);
      expect(await auth().findKey({ authKeyId: device.keyId })).toMatchObject({ found: true, userId: 0n, revoked: false });
    });

    it('of a key that is destroyed are told to every gateway, whoever is logged in under it', async () => {
      const device = await Device.make();
      await auth().destroyKey({ authKeyId: device.keyId, sessionId: 5n });
      expect(pushes).toMatchObject([{ what: { case: 'authKeyRevoked', value: device.keyId }, exceptSessionId: 5n }]);
      pushes.length = 0;
      expect(await auth().destroyKey({ authKeyId: device.keyId, sessionId: 5n })).toMatchObject({ destroyed: false });
      expect(pushes).toEqual([]);
    });

    it('end when they are not used for as long as their user allows', async () => {
      const device = await (await Device.make()).logIn(TEST);
      await expect(device.call('account.setAuthorizationTTL', { authorization_ttl_days: 0 })).rejects.toThrow('TTL_DAYS_INVALID');
      await device.call('account.setAuthorizationTTL', { authorization_ttl_days: 7 });
      await clock.advance(8 * 86_400_000);
      expect(await auth().findKey({ authKeyId: device.keyId })).toMatchObject({ found: true, userId: 0n });
    });

    it('may not end others while they are fresh, where that rule is on', async () => {
      await kit.close();
      await start({ settings: { FRESH_LOGIN_SECONDS: '86400' } });
      const own = await (await Device.make()).logIn(TEST);
      await (await Device.make()).logIn(TEST);
      await expect(own.call('auth.resetAuthorizations', {})).rejects.toThrow('FRESH_RESET_AUTHORISATION_FORBIDDEN');
    });

    it('go with their key', async () => {
      const device = await (await Device.make()).logIn(TEST);
      expect((await auth().destroyKey({ authKeyId: device.keyId, sessionId: device.sessionId })).destroyed).toBe(true);
      expect((await auth().findKey({ authKeyId: device.keyId })).found).toBe(false);
      expect((await auth().listLogins({ userId: BigInt(device.userId) })).logins).toEqual([]);
    });
  });

  describe('auth.bindTempAuthKey', () => {
    async function binding(device: Device, change: Partial<Record<'nonce' | 'temp' | 'perm' | 'session' | 'message', bigint> & { expires: number; signWith: Buffer }> = {}) {
      const temporary = randomBytes(256);
      const temporaryId = authKeyId(temporary);
      await auth().storeKey({ authKey: temporary, authKeyId: temporaryId, expiresIn: 3600 });
      const expires = now() + 3000;
      const plain = Buffer.alloc(80);
      randomBytes(16).copy(plain, 0);
      plain.writeBigUInt64LE(change.message ?? 4n << 32n, 16);
      plain.writeUInt32LE(40, 28);
      plain.writeUInt32LE(0x75a3f765, 32);
      plain.writeBigUInt64LE(change.nonce ?? 77n, 36);
      plain.writeBigUInt64LE(change.temp ?? temporaryId, 44);
      plain.writeBigUInt64LE(change.perm ?? device.keyId, 52);
      plain.writeBigUInt64LE(change.session ?? device.sessionId, 60);
      plain.writeUInt32LE(change.expires ?? expires, 68);
      const msgKey = createHash('sha1').update(plain.subarray(0, 72)).digest().subarray(4, 20);
      const { key, iv } = deriveLegacyKey(change.signWith ?? device.key, msgKey);
      const id = Buffer.alloc(8);
      id.writeBigUInt64LE(device.keyId);
      device.caller = { authKeyId: 0n, tempAuthKeyId: temporaryId };
      const request = { perm_auth_key_id: BigInt.asIntN(64, device.keyId), nonce: 77n, expires_at: expires, encrypted_message: Buffer.concat([id, msgKey, igeEncrypt(key, iv, plain)]) };
      return { temporaryId, bind: () => device.call('auth.bindTempAuthKey', request) };
    }

    it('binds, and the temporary key stands for the login', async () => {
      const device = await (await Device.make()).logIn(TEST);
      const { temporaryId, bind } = await binding(device);
      expect(await bind()).toBe(true);
      expect(device.change?.change).toMatchObject({ case: 'boundTempKey', value: { authKeyId: device.keyId, userId: BigInt(device.userId) } });
      expect(await auth().findKey({ authKeyId: temporaryId })).toMatchObject({ found: true, permanentKeyId: device.keyId, userId: BigInt(device.userId) });
      device.caller = {};
      await device.call('auth.dropTempAuthKeys', { except_auth_keys: [] });
      expect((await auth().findKey({ authKeyId: temporaryId })).found).toBe(false);
    });

    it.each([
      ['another nonce', { nonce: 78n }], ['another temporary key', { temp: 1n }], ['another permanent key', { perm: 1n }], ['another session', { session: 1n }],
      ['another message', { message: 8n << 32n }], ['another end', { expires: 1 }], ['a message under another key', { signWith: randomBytes(256) }],
    ])('refuses %s', async (_, change) => {
      const device = await Device.make();
      const { temporaryId, bind } = await binding(device, change);
      await expect(bind()).rejects.toThrow('ENCRYPTED_MESSAGE_INVALID');
      expect((await auth().findKey({ authKeyId: temporaryId })).permanentKeyId).toBe(0n);
    });

    it('lets an unbound temporary key do nothing else', async () => {
      const device = await Device.make();
      device.caller = { authKeyId: 0n, tempAuthKeyId: 5n };
      await expect(device.sendCode(TEST)).rejects.toThrow('AUTH_KEY_PERM_EMPTY');
    });
  });

  describe('logins that travel', () => {
    it('are exported once, for one data center, and end with their origin', async () => {
      const device = await (await Device.make()).logIn(TEST);
      await expect(device.call('auth.exportAuthorization', { dc_id: 4 })).rejects.toThrow('DC_ID_INVALID');
      const { id, bytes } = await device.call('auth.exportAuthorization', { dc_id: 2 });
      const other = await Device.make();
      await expect(other.call('auth.importAuthorization', { id: id + 1n, bytes: new Uint8Array(33) })).rejects.toThrow('AUTH_BYTES_INVALID');
      expect(await other.call('auth.importAuthorization', { id, bytes })).toMatchObject({ _: 'auth.authorization', user: { id: device.userId } });
      await expect((await Device.make()).call('auth.importAuthorization', { id, bytes })).rejects.toThrow('AUTH_BYTES_INVALID');
      expect((await device.call('account.getAuthorizations', {})).authorizations).toHaveLength(1);
      await device.call('auth.logOut', {});
      expect((await auth().findKey({ authKeyId: other.keyId })).userId).toBe(0n);
    });

    it('expire', async () => {
      const device = await (await Device.make()).logIn(TEST);
      const { id, bytes } = await device.call('auth.exportAuthorization', { dc_id: 2 });
      await clock.advance(301_000);
      await expect((await Device.make()).call('auth.importAuthorization', { id, bytes })).rejects.toThrow('AUTH_BYTES_INVALID');
    });

    it('go by QR code', async () => {
      const phone = await (await Device.make()).logIn(TEST);
      const desk = await Device.make();
      const show = (): Promise<Api['auth.exportLoginToken']['result']> => desk.call('auth.exportLoginToken', { api_id: 1, api_hash: 'x', except_ids: [] });
      const shown = await show();
      if (shown._ !== 'auth.loginToken') throw new Error(shown._);
      expect(await show()).toEqual(shown);
      await expect(phone.call('auth.acceptLoginToken', { token: new Uint8Array(33) })).rejects.toThrow('AUTH_TOKEN_INVALID');
      await phone.call('auth.acceptLoginToken', { token: shown.token });
      expect(pushes).toMatchObject([{ onlyAuthKeyId: desk.keyId, what: { case: 'updates' } }]);
      await expect(phone.call('auth.acceptLoginToken', { token: shown.token })).rejects.toThrow('AUTH_TOKEN_ALREADY_ACCEPTED');
      expect(await show()).toMatchObject({ _: 'auth.loginTokenSuccess', authorization: { user: { id: phone.userId } } });
      expect(desk.userId).toBe(phone.userId);
    });
  });

  it('tells the truth about passwords and bots', async () => {
    const device = await (await Device.make()).logIn(TEST);
    const password = await device.call('account.getPassword', {});
    expect(password.has_password).toBeFalsy();
    expect(password.new_algo).toMatchObject({ g: 3 });
    await expect(device.call('auth.checkPassword', { password: { _: 'inputCheckPasswordEmpty' } })).rejects.toThrow('PASSWORD_HASH_INVALID');
    await expect(device.call('auth.importBotAuthorization', { flags: 0, api_id: 1, api_hash: 'x', bot_auth_token: '1:a' } as never)).rejects.toThrow('ACCESS_TOKEN_INVALID');
  });
});
