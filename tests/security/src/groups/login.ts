import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { bindingMessage, type Binding, type BindingLies } from '../client/key-binding';
import type { AuthKey } from '../client/key-exchange';
import { begun, encode, makeKey, Person, type Gateway } from '../client/person';
import { describe, messageId, Session, type Outcome } from '../client/session';
import { implementedMethods } from '../requests/definitions';
import { encodeMarked } from '../requests/marked-encoder';
import { SampleRequests } from '../requests/sample-requests';
import type { Row } from '../report';
import type { Stage } from '../stage';
import { inTurns } from './access';

const EXPIRED = '400 PHONE_CODE_EXPIRED';
const INVALID = '400 PHONE_CODE_INVALID';
/** Tries of one code, wrong codes of one phone, codes of one phone and of one key: services/auth/src/limits.ts. */
const CODE_TRIES = 3;
const WRONG_CODES = 20;
const CODES_PER_PHONE = 10;
const CODES_PER_KEY = 30;
const CODES_PER_ADDRESS = 500;
const QR_TOKEN_MS = 31_500;

const signIn = (person: Person, phone: string, hash: string, code: string): Promise<Outcome> => person.attempt('auth.signIn', { phone_number: phone, phone_code_hash: hash, phone_code: code });
const wrongCode = (code: string): string => String((Number(code) + 1) % 100_000).padStart(5, '0');
const sendCode = (person: Person, phone: string): Promise<Outcome> => person.attempt('auth.sendCode', { phone_number: phone, api_id: 1, api_hash: '0'.repeat(32), settings: { _: 'codeSettings' } });

/** Somebody who is not logged in, for the time of a task. */
async function withStranger<T>(gateway: Gateway, task: (stranger: Person) => Promise<T>, key?: AuthKey): Promise<T> {
  const stranger = await Person.connect(gateway, { key });
  try {
    return await task(stranger);
  } finally {
    stranger.close();
  }
}

async function mustBeStranger(person: Person): Promise<void> {
  assert.equal(describe(await person.attempt('updates.getState', {})), '401 AUTH_KEY_UNREGISTERED', 'it is logged in');
}

/** As a stranger, and told that another session of its user made it one. */
async function mustBeRevoked(person: Person): Promise<void> {
  assert.equal(describe(await person.attempt('updates.getState', {})), '401 SESSION_REVOKED', 'it is logged in');
}

function codeRows(stage: Stage, short: boolean): Row[] {
  const { gateway } = stage;
  /** A row about a code that was sent to an ordinary number. */
  const aboutCode = (name: string, task: (facts: { person: Person; phone: string; hash: string; code: string }) => Promise<string | void>): Row => ({
    name,
    run: () => withStranger(gateway, async (person) => {
      const phone = stage.ordinaryPhone();
      const hash = await person.sendCode(phone);
      return task({ person, phone, hash, code: await stage.codeOf(phone) });
    }),
  });
  return [
    aboutCode(`a code may be tried ${CODE_TRIES} times: then the right one is worthless too`, async ({ person, phone, hash, code }) => {
      for (let i = 0; i < CODE_TRIES; i++) assert.equal(describe(await signIn(person, phone, hash, wrongCode(code))), INVALID);
      assert.equal(describe(await signIn(person, phone, hash, code)), EXPIRED);
      await mustBeStranger(person);
    }),
    aboutCode('many guesses at once are no more guesses', async ({ person, phone, hash, code }) => {
      const guesses = Array.from({ length: 50 }, (_, index) => String((Number(code) + 1 + index) % 100_000).padStart(5, '0'));
      const outcomes = await Promise.all(guesses.map((guess) => signIn(person, phone, hash, guess)));
      assert.ok(outcomes.filter((outcome) => describe(outcome) === INVALID).length <= CODE_TRIES, outcomes.map(describe).join(', '));
      assert.equal(describe(await signIn(person, phone, hash, code)), EXPIRED);
    }),
    aboutCode('a code serves once', async ({ person, phone, hash, code }) => {
      const [one, two] = await Promise.all([signIn(person, phone, hash, code), signIn(person, phone, hash, code)]);
      assert.equal([one, two].filter(({ result }) => result !== undefined).length, 1, `${describe(one)}, ${describe(two)}`);
      await person.call('auth.signUp', { phone_number: phone, phone_code_hash: hash, first_name: 'Once', last_name: '' });
      assert.equal(describe(await signIn(person, phone, hash, code)), EXPIRED);
      await withStranger(gateway, async (thief) => {
        assert.equal(describe(await signIn(thief, phone, hash, code)), EXPIRED);
        await mustBeStranger(thief);
      });
    }),
    aboutCode('a code entered under another key is worthless there', async ({ person, phone, hash, code }) => {
      await withStranger(gateway, async (thief) => {
        assert.equal(describe(await signIn(thief, phone, hash, code)), EXPIRED);
        await mustBeStranger(thief);
      });
      assert.ok((await signIn(person, phone, hash, code)).result);
    }),
    aboutCode('signUp of another key, of another phone, without a code: refused', async ({ person, phone, hash, code }) => {
      const signUp = (who: Person, number: string, codeHash: string): Promise<Outcome> => who.attempt('auth.signUp', { phone_number: number, phone_code_hash: codeHash, first_name: 'Thief', last_name: '' });
      assert.equal(describe(await signUp(person, phone, hash)), INVALID, 'before the code was entered');
      assert.ok((await signIn(person, phone, hash, code)).result);
      await withStranger(gateway, async (thief) => assert.equal(describe(await signUp(thief, phone, hash)), EXPIRED));
      assert.equal(describe(await signUp(person, stage.ordinaryPhone(), hash)), EXPIRED);
      assert.equal(describe(await signUp(person, phone, '0'.repeat(18))), EXPIRED);
      await mustBeStranger(person);
    }),
    aboutCode('phone_code_hash of another phone, forged, empty: refused', async ({ person, phone, hash, code }) => {
      const other = stage.ordinaryPhone();
      const otherHash = await person.sendCode(other);
      const otherCode = await stage.codeOf(other);
      assert.equal(describe(await signIn(person, phone, otherHash, code)), EXPIRED);
      assert.equal(describe(await signIn(person, phone, otherHash, otherCode)), EXPIRED);
      assert.equal(describe(await signIn(person, phone, 'f'.repeat(18), code)), EXPIRED);
      assert.equal(describe(await signIn(person, phone, '../../../etc/passwd', code)), EXPIRED);
      assert.equal(describe(await signIn(person, phone, '', code)), '400 PHONE_CODE_HASH_EMPTY');
      assert.equal(describe(await signIn(person, phone, hash, '')), '400 PHONE_CODE_EMPTY');
      await mustBeStranger(person);
    }),
    aboutCode('a cancelled code is worthless', async ({ person, phone, hash, code }) => {
      await withStranger(gateway, async (thief) => assert.equal(describe(await thief.attempt('auth.cancelCode', { phone_number: phone, phone_code_hash: hash })), EXPIRED, 'a stranger may cancel it'));
      await person.call('auth.cancelCode', { phone_number: phone, phone_code_hash: hash });
      assert.equal(describe(await signIn(person, phone, hash, code)), EXPIRED);
    }),
    aboutCode('a code sent anew ends the one before', async ({ person, phone, hash, code }) => {
      await person.call('auth.resendCode', { phone_number: phone, phone_code_hash: hash });
      const again = await stage.codeOf(phone);
      if (again !== code) assert.equal(describe(await signIn(person, phone, hash, code)), INVALID);
      assert.ok((await signIn(person, phone, hash, again)).result);
    }),
    {
      name: `${WRONG_CODES} wrong codes for a phone, from whatever key: FLOOD_WAIT, the right code included`,
      run: async () => {
        const phone = stage.ordinaryPhone();
        let wrong = 0;
        for (let round = 0; round < CODES_PER_PHONE; round++) {
          const stop = await withStranger(gateway, async (person) => {
            const hash = await person.sendCode(phone);
            const code = await stage.codeOf(phone);
            for (let i = 0; i < CODE_TRIES; i++) {
              const outcome = await signIn(person, phone, hash, wrong >= WRONG_CODES ? code : wrongCode(code));
              if (/^420 FLOOD_WAIT_\d+$/.test(describe(outcome))) return true;
              assert.equal(describe(outcome), INVALID);
              wrong += 1;
            }
            return false;
          });
          if (stop) return assert.equal(wrong, WRONG_CODES);
        }
        assert.fail(`${wrong} wrong codes were taken`);
      },
    },
    {
      name: `more than ${CODES_PER_PHONE} codes for a phone, from whatever key: FLOOD_WAIT_X`,
      run: async () => {
        const phone = stage.ordinaryPhone();
        for (let i = 0; i < CODES_PER_PHONE; i++) await withStranger(gateway, (person) => person.sendCode(phone));
        await withStranger(gateway, async (person) => assert.match(describe(await sendCode(person, phone)), /^420 FLOOD_WAIT_\d+$/));
      },
    },
    {
      name: `more than ${CODES_PER_KEY} codes from a key, for whatever phone: FLOOD_WAIT_X`,
      run: () => withStranger(gateway, async (person) => {
        for (let i = 0; i < CODES_PER_KEY; i++) await person.sendCode(stage.ordinaryPhone());
        assert.match(describe(await sendCode(person, stage.ordinaryPhone())), /^420 FLOOD_WAIT_\d+$/);
      }),
    },
    ...(short ? [] : [{
      name: `more than ${CODES_PER_ADDRESS} codes from an address, from whatever key: FLOOD_WAIT_X, and other addresses are served`,
      run: async () => {
        const wire = { localAddress: '127.0.0.70' };
        let sent = 0;
        for (let keys = 0; keys < 20; keys++) {
          const person = await Person.connect(gateway, wire);
          for (let i = 0; i < CODES_PER_KEY; i++) {
            const outcome = await sendCode(person, stage.ordinaryPhone());
            if (outcome.result !== undefined) sent += 1;
            else {
              assert.match(describe(outcome), /^420 FLOOD_WAIT_\d+$/);
              assert.equal(sent, CODES_PER_ADDRESS);
              person.close();
              return withStranger(gateway, async (other) => void (await other.sendCode(stage.ordinaryPhone())));
            }
          }
          person.close();
        }
        assert.fail(`${sent} codes were sent`);
      },
    }]),
    {
      name: 'numbers that are none: PHONE_NUMBER_INVALID; numbers of another DC: 303 PHONE_MIGRATE_X',
      run: () => withStranger(gateway, async (person) => {
        for (const phone of ['', '1', 'abc', '+', '0'.repeat(5), '1'.repeat(40), '99966\u0000', '٩٩٩٦٦٢٠٠٠١']) assert.equal(describe(await sendCode(person, phone)), '400 PHONE_NUMBER_INVALID', JSON.stringify(phone));
        assert.equal(describe(await sendCode(person, '9996610001')), '303 PHONE_MIGRATE_1');
      }),
    },
    {
      name: 'a password, a bot token, a recovery that nobody has are refused',
      run: () => withStranger(gateway, async (person) => {
        assert.equal(describe(await person.attempt('auth.checkPassword', { password: { _: 'inputCheckPasswordEmpty' } })), '400 PASSWORD_HASH_INVALID');
        assert.equal(describe(await person.attempt('auth.importBotAuthorization', { flags: 0, api_id: 1, api_hash: '0'.repeat(32), bot_auth_token: '123:forged' })), '400 ACCESS_TOKEN_INVALID');
        await mustBeStranger(person);
      }),
    },
  ];
}

function travelRows(stage: Stage): Row[] {
  const { gateway, otherDc } = stage;
  const INVALID_BYTES = '400 AUTH_BYTES_INVALID';
  const importAt = (dc: Gateway, id: bigint, bytes: Uint8Array): Promise<string> => withStranger(dc, async (stranger) => {
    const outcome = await stranger.attempt('auth.importAuthorization', { id, bytes });
    if (outcome.result === undefined) await mustBeStranger(stranger);
    return describe(outcome);
  });
  return [
    {
      name: 'an exported login is the same user in the other DC, once, there alone, and only for its own user',
      run: async () => {
        const person = await Person.signUp(gateway, stage.phone(), 'Traveller');
        const exported = async (dc = otherDc.id): Promise<{ id: bigint; bytes: Uint8Array }> => person.call('auth.exportAuthorization', { dc_id: dc });
        const first = await exported();
        assert.equal(first.id, BigInt(person.userId));
        assert.match(await importAt(otherDc, first.id, first.bytes), /^a result/);
        assert.equal(await importAt(otherDc, first.id, first.bytes), INVALID_BYTES, 'a second time');
        const elsewhere = await exported();
        assert.equal(await importAt(gateway, elsewhere.id, elsewhere.bytes), INVALID_BYTES, 'at another DC');
        const stolen = await exported();
        assert.equal(await importAt(otherDc, stolen.id + 32n, stolen.bytes), INVALID_BYTES, 'for another user');
        const forged = Buffer.from((await exported()).bytes);
        forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1;
        for (const bytes of [forged, Buffer.alloc(0), randomBytes(33), Buffer.concat([Buffer.from([gateway.id]), randomBytes(32)]), Buffer.alloc(100_000)]) assert.equal(await importAt(otherDc, first.id, bytes), INVALID_BYTES, 'forged');
        for (const dc of [0, -1, 3, 99]) assert.equal(describe(await person.attempt('auth.exportAuthorization', { dc_id: dc })), '400 DC_ID_INVALID');
        person.close();
      },
    },
    {
      name: 'an exported login imported by ten at once logs one in',
      run: async () => {
        const person = await Person.signUp(gateway, stage.phone(), 'Ten');
        const { id, bytes } = await person.call('auth.exportAuthorization', { dc_id: otherDc.id });
        const outcomes = await Promise.all(Array.from({ length: 10 }, () => importAt(otherDc, id, bytes)));
        assert.equal(outcomes.filter((outcome) => outcome.startsWith('a result')).length, 1, outcomes.join(', '));
        person.close();
      },
    },
    {
      name: 'an exported login is worthless after its user logged out, and an imported one ends with it',
      run: async () => {
        const person = await Person.signUp(gateway, stage.phone(), 'Leaver');
        const key = await makeKey(otherDc);
        const there = await Person.connect(otherDc, { key });
        const used = await person.call('auth.exportAuthorization', { dc_id: otherDc.id });
        assert.ok((await there.attempt('auth.importAuthorization', { id: used.id, bytes: used.bytes })).result);
        const kept = await person.call('auth.exportAuthorization', { dc_id: otherDc.id });
        await person.call('auth.logOut', {});
        assert.equal(await importAt(otherDc, kept.id, kept.bytes), INVALID_BYTES);
        await there.session.wire.whenClosed();
        await withStranger(otherDc, mustBeStranger, key);
      },
    },
  ];
}

/** auth.bindTempAuthKey on a session of the temporary key, with a flaw if any. */
async function bind(session: Session, facts: Omit<Binding, 'messageId' | 'sessionId' | 'nonce'>, lies: BindingLies & { claimed?: Partial<{ permanentKeyId: bigint; nonce: bigint; expiresAt: number }> } = {}): Promise<Outcome> {
  await session.ping();
  const id = messageId();
  const binding: Binding = { ...facts, messageId: id, sessionId: session.sessionId, nonce: randomBytes(8).readBigUInt64LE(0) };
  const query = encode('auth.bindTempAuthKey', {
    perm_auth_key_id: BigInt.asIntN(64, lies.claimed?.permanentKeyId ?? facts.permanent.id), nonce: BigInt.asIntN(64, lies.claimed?.nonce ?? binding.nonce), expires_at: lies.claimed?.expiresAt ?? facts.expiresAt, encrypted_message: bindingMessage(binding, lies),
  });
  return session.call(query, undefined, { id });
}

function bindingRows(stage: Stage): Row[] {
  const { gateway } = stage;
  let owner: Person | undefined;
  const ownerOf = async (): Promise<Person> => (owner ??= await Person.signUp(gateway, stage.phone(), 'Permanent'));
  const inAnHour = (): number => Math.floor(Date.now() / 1_000) + 3_500;
  const refused = (name: string, lies: (facts: { other: AuthKey }) => Parameters<typeof bind>[2], expected = '400 ENCRYPTED_MESSAGE_INVALID'): Row => ({
    name: `bindTempAuthKey: ${name}: ${expected}`,
    run: async () => {
      const permanent = (await ownerOf()).session.key;
      const temporary = await makeKey(gateway, { expiresIn: 3_600 });
      const session = await Session.open(gateway, temporary);
      const outcome = await bind(session, { permanent, temporary, expiresAt: inAnHour() }, lies({ other: await makeKey(gateway) }));
      assert.equal(describe(outcome), expected);
      assert.equal(describe(await session.call(begun(encode('updates.getState', {})))), '401 AUTH_KEY_PERM_EMPTY', 'it is bound');
      session.close();
    },
  });
  const random = (): bigint => randomBytes(8).readBigUInt64LE(0);
  return [
    {
      name: 'bindTempAuthKey: a right binding acts as the permanent key\'s user, and binds once',
      run: async () => {
        const person = await ownerOf();
        const temporary = await makeKey(gateway, { expiresIn: 3_600 });
        const session = await Session.open(gateway, temporary);
        const facts = { permanent: person.session.key, temporary, expiresAt: inAnHour() };
        assert.ok((await bind(session, facts)).result);
        assert.ok((await session.call(begun(encode('updates.getState', {})))).result);
        const other = await makeKey(gateway);
        assert.equal(describe(await bind(session, { ...facts, permanent: other })), '400 TEMP_AUTH_KEY_ALREADY_BOUND');
        session.close();
      },
    },
    refused('another nonce inside', () => ({ nonce: random() })),
    refused('another temporary key inside', ({ other }) => ({ temporaryKeyId: other.id })),
    refused('another permanent key inside', ({ other }) => ({ permanentKeyId: other.id })),
    refused('another session inside', () => ({ sessionId: random() })),
    refused('another end inside', () => ({ expiresAt: inAnHour() + 60 })),
    refused('another message id inside', () => ({ messageId: messageId() })),
    refused('an unknown constructor inside', () => ({ constructorId: 0x12345678 })),
    refused('a sequence number inside', () => ({ seqNo: 1 })),
    refused('another length inside', () => ({ length: 36 })),
    refused('encrypted under another key', ({ other }) => ({ key: other })),
    refused('encrypted under the attacker\'s key, in its name', ({ other }) => ({ key: other, envelopeKeyId: other.id })),
    refused('msg_key broken', () => ({ msgKey: (msgKey) => Buffer.from(msgKey.map((byte) => byte ^ 1)) })),
    refused('a permanent key that doesn\'t exist', () => ({ claimed: { permanentKeyId: random() } })),
    refused('another nonce claimed', () => ({ claimed: { nonce: random() } })),
    refused('another end claimed', () => ({ claimed: { expiresAt: inAnHour() + 60 } })),
    refused('an end that is past', () => ({ claimed: { expiresAt: 1_600_000_000 }, expiresAt: 1_600_000_000 }), '400 EXPIRES_AT_INVALID'),
    {
      name: 'bindTempAuthKey under a permanent key: TEMP_AUTH_KEY_EMPTY; of a message that was used, replayed: refused',
      run: async () => {
        const { key } = (await ownerOf()).session;
        const session = await Session.open(gateway, await makeKey(gateway));
        assert.equal(describe(await bind(session, { permanent: key, temporary: session.key, expiresAt: inAnHour() })), '400 TEMP_AUTH_KEY_EMPTY');
        session.close();
      },
    },
    {
      name: 'an unbound temporary key may call three methods',
      run: async () => {
        const session = await Session.open(gateway, await makeKey(gateway, { expiresIn: 3_600 }));
        const samples = new SampleRequests({ contact: { user_id: 1, access_hash: 1n }, ownMessage: 1 });
        const outcomes = await inTurns(implementedMethods(), async ({ name }) => ({ name, outcome: await session.call(begun(encodeMarked(samples.request(name)).bytes)) }));
        const allowed = outcomes.filter(({ outcome }) => describe(outcome) !== '401 AUTH_KEY_PERM_EMPTY').map(({ name }) => name);
        assert.deepEqual(allowed.sort(), ['auth.bindTempAuthKey', 'help.getConfig', 'help.getNearestDc']);
        session.close();
      },
    },
    {
      name: 'a bound temporary key ends when its permanent one logs out; another user\'s goes on',
      run: async () => {
        const [person, bystander] = [await Person.signUp(gateway, stage.phone(), 'Bound'), await Person.signUp(gateway, stage.phone(), 'Bystander')];
        const temporary = await makeKey(gateway, { expiresIn: 3_600 });
        const session = await Session.open(gateway, temporary);
        assert.ok((await bind(session, { permanent: person.session.key, temporary, expiresAt: inAnHour() })).result);
        await person.call('auth.logOut', {});
        await session.wire.whenClosed();
        const later = await Session.open(gateway, temporary);
        assert.equal(describe(await later.call(begun(encode('updates.getState', {})))), '401 AUTH_KEY_UNREGISTERED');
        later.close();
        await bystander.call('updates.getState', {});
        bystander.close();
      },
    },
  ];
}

function sessionRows(stage: Stage): Row[] {
  const { gateway } = stage;
  return [
    {
      name: 'a session that is ended from another loses its connections and its login',
      run: async () => {
        const phone = stage.phone();
        const first = await Person.signUp(gateway, phone, 'Two sessions');
        const key = await makeKey(gateway);
        const second = await Person.connect(gateway, { key });
        await second.signIn(phone);
        const parallel = await Session.open(gateway, key);
        await parallel.ping();
        const { authorizations } = await first.call('account.getAuthorizations', {});
        const other = authorizations.find((authorization) => !authorization.current);
        assert.ok(other);
        await first.call('account.resetAuthorization', { hash: other.hash });
        await Promise.all([second.session.wire.whenClosed(), parallel.wire.whenClosed()]);
        await withStranger(gateway, mustBeRevoked, key);
        await first.call('updates.getState', {});
        first.close();
      },
    },
    {
      name: 'auth.resetAuthorizations ends all others, and the own one goes on',
      run: async () => {
        const phone = stage.phone();
        const first = await Person.signUp(gateway, phone, 'Many sessions');
        const others = await Promise.all([1, 2, 3].map(async () => {
          const other = await Person.connect(gateway);
          await other.signIn(phone);
          return other;
        }));
        await first.call('auth.resetAuthorizations', {});
        await Promise.all(others.map((other) => other.session.wire.whenClosed()));
        const { authorizations } = await first.call('account.getAuthorizations', {});
        assert.equal(authorizations.length, 1);
        first.close();
      },
    },
    {
      name: 'a session of somebody else can\'t be ended, seen or changed: HASH_INVALID',
      run: async () => {
        const [victim, attacker] = [await Person.signUp(gateway, stage.phone(), 'Victim'), await Person.signUp(gateway, stage.phone(), 'Attacker')];
        const extra = await Person.connect(gateway);
        await extra.signIn(victim.phone);
        const { authorizations } = await victim.call('account.getAuthorizations', {});
        for (const { hash } of authorizations.filter(({ current }) => current !== true)) {
          assert.equal(describe(await attacker.attempt('account.resetAuthorization', { hash })), '400 HASH_INVALID');
          assert.equal(describe(await attacker.attempt('account.changeAuthorizationSettings', { hash, call_requests_disabled: true })), '400 HASH_INVALID');
        }
        assert.equal(describe(await attacker.attempt('account.resetAuthorization', { hash: randomBytes(8).readBigInt64LE(0) })), '400 HASH_INVALID');
        await extra.call('updates.getState', {});
        for (const person of [victim, attacker, extra]) person.close();
      },
    },
    {
      name: 'logging out ends every connection of the key; the same key is a stranger\'s then',
      run: async () => {
        const person = await Person.signUp(gateway, stage.phone(), 'Leaving');
        const parallel = await Session.open(gateway, person.session.key);
        await parallel.ping();
        await person.call('auth.logOut', {});
        await parallel.wire.whenClosed();
        assert.equal(describe(await person.attempt('updates.getState', {})), '401 AUTH_KEY_UNREGISTERED');
        person.close();
      },
    },
    {
      name: 'another user who logs in on a key ends the login before, and gets nothing of it',
      run: async () => {
        const person = await Person.signUp(gateway, stage.phone(), 'Before');
        await person.send('self', 'a secret of the one before');
        const next = await Person.signUp(gateway, stage.phone(), 'Next');
        await person.signIn(next.phone);
        const outcome = await person.attempt('messages.getHistory', { peer: { _: 'inputPeerSelf' }, offset_id: 0, offset_date: 0, add_offset: 0, limit: 10, max_id: 0, min_id: 0, hash: 0n });
        assert.ok(outcome.result && !outcome.result.includes('a secret of the one before'));
        for (const each of [person, next]) each.close();
      },
    },
  ];
}

function qrRows(stage: Stage): Row[] {
  const { gateway } = stage;
  const show = (person: Person, except: number[] = []): ReturnType<Person['call']> => person.call('auth.exportLoginToken', { api_id: 1, api_hash: '0'.repeat(32), except_ids: except });
  const shownToken = async (person: Person, except: number[] = []): Promise<Uint8Array> => {
    const shown = await show(person, except) as { _: string; token?: Uint8Array };
    assert.equal(shown._, 'auth.loginToken');
    return shown.token as Uint8Array;
  };
  const accept = async (person: Person, token: Uint8Array): Promise<string> => describe(await person.attempt('auth.acceptLoginToken', { token }));
  return [
    {
      name: 'a QR token logs in the key that shows it, once, as the one who accepted it',
      run: async () => {
        const [alice, bob] = [await Person.signUp(gateway, stage.phone(), 'Alice'), await Person.signUp(gateway, stage.phone(), 'Bob')];
        const [screen, thief] = [await Person.connect(gateway), await Person.connect(gateway)];
        const token = await shownToken(screen);
        await shownToken(thief);
        assert.match(await accept(alice, token), /^a result/);
        assert.equal(await accept(bob, token), '400 AUTH_TOKEN_ALREADY_ACCEPTED');
        assert.notEqual((await show(thief) as { _: string })._, 'auth.loginTokenSuccess', 'another key is logged in');
        for (const outcome of [await thief.attempt('auth.importLoginToken', { token }), await thief.attempt('auth.importAuthorization', { id: BigInt(alice.userId), bytes: token })]) assert.equal(outcome.error?.code, 400, describe(outcome));
        await mustBeStranger(thief);
        const done = await show(screen) as { _: string; authorization?: { user?: { id: number } } };
        assert.deepEqual({ kind: done._, user: Number(done.authorization?.user?.id) }, { kind: 'auth.loginTokenSuccess', user: alice.userId });
        for (const person of [alice, bob, screen, thief]) person.close();
      },
    },
    {
      name: 'forged QR tokens, those for others, and those of other kinds are refused',
      run: async () => {
        const alice = await Person.signUp(gateway, stage.phone(), 'Alice');
        const screen = await Person.connect(gateway);
        const excluding = await shownToken(screen, [alice.userId]);
        assert.equal(await accept(alice, excluding), '400 AUTH_TOKEN_EXCEPTION');
        const { bytes } = await alice.call('auth.exportAuthorization', { dc_id: gateway.id });
        for (const token of [Buffer.alloc(0), randomBytes(33), Buffer.concat([Buffer.from([gateway.id]), randomBytes(32)]), bytes]) assert.match(await accept(alice, token), /^400 AUTH_TOKEN_(INVALIDX|EXPIRED)$/);
        assert.equal(describe(await screen.attempt('auth.importLoginToken', { token: bytes })), '400 AUTH_TOKEN_EXPIRED', 'an exported login served as a QR token');
        await mustBeStranger(screen);
        for (const person of [alice, screen]) person.close();
      },
    },
    {
      name: 'a QR token ends after half a minute',
      patient: true,
      run: async () => {
        const alice = await Person.signUp(gateway, stage.phone(), 'Late Alice');
        const screen = await Person.connect(gateway);
        const token = await shownToken(screen);
        await new Promise((resolve) => setTimeout(resolve, QR_TOKEN_MS));
        assert.equal(await accept(alice, token), '400 AUTH_TOKEN_EXPIRED');
        for (const person of [alice, screen]) person.close();
      },
    },
  ];
}

/** Logins: codes, travelling logins, bindings, sessions, QR tokens. Code expiry by time is proven by the service's own tests, whose clock can be moved. */
export function loginRows(stage: Stage, short: boolean): Row[] {
  return [...codeRows(stage, short), ...travelRows(stage), ...bindingRows(stage), ...sessionRows(stage), ...qrRows(stage)];
}
