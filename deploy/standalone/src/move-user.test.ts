import { randomBytes } from 'node:crypto';
import { LoginMoveService } from '@heliograph/protos/heliograph/auth/v1/login_move_pb';
import { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import { BoxMoveService } from '@heliograph/protos/heliograph/messagestore/v1/box_move_pb';
import { HomeService } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import type { TypeMessage } from '@heliograph/tl/api';
import { Homes } from '@heliograph/users/homes';
import { moveUser, type MoveStep, type MoveUserDeps } from '@heliograph/users/move-user';
import { eventually, numbered, type Person, System } from './testing/two-data-centers';

jest.setTimeout(240_000);

const TOKEN = 'of the operator';

/** All that a person's clients may ask of their home, but for what moves on by itself (dates of presence). */
async function everythingOf(person: Person, others: readonly Person[]): Promise<unknown> {
  const difference = await person.call('message-store', { _: 'updates.getDifference', pts: 1, date: 1, qts: 0 });
  const dialogs = await person.call('message-store', { _: 'messages.getDialogs', offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 100, hash: 0n });
  const state = await person.call('message-store', { _: 'updates.getState' });
  const contacts = await person.call('users', { _: 'contacts.getContacts', hash: 0n });
  const blocked = await person.call('users', { _: 'contacts.getBlocked', offset: 0, limit: 100 });
  const drafts = await person.call('message-store', { _: 'messages.getAllDrafts' });
  return {
    histories: await Promise.all(others.map((other) => person.history(other))),
    difference: difference._ === 'updates.difference' ? { messages: difference.new_messages, others: difference.other_updates, pts: difference.state.pts } : difference._,
    dialogs: dialogs._ === 'messages.dialogs' ? dialogs.dialogs : dialogs._,
    pts: state.pts,
    unread: state.unread_count,
    contacts: contacts._ === 'contacts.contacts' ? contacts.contacts : contacts._,
    blocked: blocked.blocked.map(({ peer_id: peer }) => peer),
    drafts: 'updates' in drafts ? drafts.updates : drafts._,
    found: await found(person, others[0] as Person, 'first'),
  };
}

async function found(person: Person, other: Person, q: string): Promise<number[]> {
  const answer = await person.call('message-store', {
    _: 'messages.search', peer: person.peer(other), q, filter: { _: 'inputMessagesFilterEmpty' }, min_date: 0, max_date: 0, offset_id: 0, add_offset: 0, limit: 100, max_id: 0, min_id: 0, hash: 0n,
  });
  return answer._ === 'messages.messagesNotModified' ? [] : answer.messages.map(({ id }) => id);
}

const idOf = (history: readonly TypeMessage[], text: string): number => (history.find((message) => message._ === 'message' && message.message === text) as TypeMessage).id;

/** A little of everything that a box and an account hold. */
async function live(ann: Person, ben: Person, far: Person): Promise<void> {
  await ann.knows(far, 'Distant');
  await ann.knows(ben, 'Near');
  await ben.knows(ann, 'Annie');
  await far.knows(ann, 'Annie');
  await ann.call('users', { _: 'contacts.importContacts', contacts: [{ _: 'inputPhoneContact', client_id: 1n, phone: '491700000000', first_name: 'Not yet', last_name: '' }] });
  await ann.call('users', { _: 'account.updateProfile', first_name: 'Ann', about: 'was here' });
  for (const other of [far, ben]) {
    for (const text of numbered(0, 3, 'first')) {
      await ann.send(other, text);
      await other.send(ann, `${text} back`);
    }
  }
  await ann.send(ann, 'to myself');
  // Who joined may be announced among them.
  for (const other of [far, ben]) await eventually(async () => (await ann.texts(other)).includes('first 2 back') && (await other.texts(ann)).includes('first 2'));
  const history = await ann.history(far);
  await ann.call('message-store', { _: 'messages.editMessage', peer: ann.peer(far), id: idOf(history, 'first 0'), message: 'first edited' });
  await ann.call('message-store', { _: 'messages.deleteMessages', id: [idOf(history, 'first 1')], revoke: true });
  await ann.call('message-store', { _: 'messages.updatePinnedMessage', peer: ann.peer(far), id: idOf(history, 'first 2') });
  await ann.call('message-store', { _: 'messages.saveDraft', peer: ann.peer(ben), message: 'half a thought' });
  await ann.call('message-store', { _: 'messages.readHistory', peer: ann.peer(ben), max_id: idOf(await ann.history(ben), 'first 1 back') });
}

describe('moving a user to another data center', () => {
  let system: System;
  let ann: Person;
  let ben: Person;
  let far: Person;
  beforeEach(async () => {
    system = await System.start({ ADMIN_TOKEN: TOKEN });
    ann = await system.signUp(2, 'Ann');
    ben = await system.signUp(2, 'Ben');
    far = await system.signUp(1, 'Far');
    await eventually(async () => (await ann.sees(far))?.first_name === 'Far' && (await far.sees(ann))?.first_name === 'Ann');
  });
  afterEach(() => system.close());

  /** As the operator's command does. */
  async function move(person: Person, to: number): Promise<Person> {
    await eventually(async () => {
      const { status, body } = await system.kit(person.dc).http('POST', '/admin/move-user', { body: JSON.stringify({ user: person.id, to }), headers: { authorization: `Bearer ${TOKEN}` } });
      if (status !== 200 && status !== 202 && status !== 503) throw new Error(JSON.stringify(body));
      return status === 200;
    });
    return person.of(system, to);
  }

  /** The mover itself, in the data center that a user leaves. */
  function mover(from: number): MoveUserDeps {
    const kit = system.kit(from).kit('users');
    return {
      dc: kit.dc, dcs: kit.dcs, storage: kit.storage, homes: new Homes(kit), log: kit.log, clock: kit.clock, random: (bytes) => kit.random(bytes),
      joinedErrands: { sweep: async () => {} } as MoveUserDeps['joinedErrands'],
      boxesOf: (dc) => kit.client(BoxMoveService, { dc }),
      loginsOf: (dc) => kit.client(LoginMoveService, { dc }),
      homesOf: (dc) => kit.replicas(HomeService, { dc }),
      keys: kit.client(KeyringService),
    };
  }

  /** They write to each other in all directions, reach each other once and in order, and see what they changed. */
  async function talk(moved: Person, others: readonly Person[], word: string): Promise<void> {
    for (const other of others) {
      const sides = [[moved, other], [other, moved]] as const;
      const before = await Promise.all(sides.map(async ([reader, peer]) => (await reader.texts(peer)).length));
      for (const text of numbered(0, 3, word)) {
        await moved.send(other, text);
        await other.send(moved, `${text} back`);
      }
      const expected = [...numbered(0, 3, word), ...numbered(0, 3, word).map((text) => `${text} back`)];
      for (const [index, [reader, peer]] of sides.entries()) {
        await eventually(async () => {
          const texts = (await reader.texts(peer)).slice(-6);
          expect([...texts].sort()).toEqual([...expected].sort());
          return true;
        });
        expect(await reader.texts(peer)).toHaveLength((before[index] as number) + 6);
      }
      const history = await moved.history(other);
      await moved.call('message-store', { _: 'messages.editMessage', peer: moved.peer(other), id: idOf(history, `${word} 0`), message: `${word} changed` });
      await eventually(async () => (await other.texts(moved)).includes(`${word} changed`));
      expect(await found(moved, other, word)).toHaveLength(6);
      expect(await found(other, moved, word)).toHaveLength(6);
    }
  }

  /** Rows of a data center that are this person's, and not those of others who live there and know them. */
  async function rowsOf(person: Person, dc: number, neighbours: readonly Person[]): Promise<string[]> {
    const rows = await system.rowsOf(dc).naming(person.id);
    return rows.filter((row) => {
      const [table = '', ...key] = row.split('/');
      if (table === 'contact_owners') return key[2] === String(person.id);
      if (table === 'data_keys') return !neighbours.some((neighbour) => row.includes(String(neighbour.id)));
      return key[0] === String(person.id) || !/^(box_|contacts$|blocked$)/.test(table);
    });
  }

  /** What a data center keeps of somebody who left: where they went. */
  const address = (person: Person): string[] => [`box_state/${person.id}/0/0`];

  it('takes everything along, there and back, and leaves nothing but the address', async () => {
    await live(ann, ben, far);
    const before = await everythingOf(ann, [far, ben, ann]);
    const there = await move(ann, 1);
    expect(await everythingOf(there, [far, ben, ann])).toEqual(before);
    await expect(ann.call('message-store', { _: 'updates.getState' })).rejects.toThrow('USER_MIGRATE_1');
    await expect(ann.call('users', { _: 'contacts.getContacts', hash: 0n })).rejects.toThrow('USER_MIGRATE_1');
    expect(await rowsOf(ann, 2, [ben])).toEqual(address(ann));
    await talk(there, [far, ben], 'moved');

    system = await system.restart();
    [ann, ben, far] = [ann.of(system), ben.of(system), far.of(system)];
    const after = await everythingOf(there.of(system), [far, ben, ann]);
    const home = await move(there.of(system), 2);
    expect(await everythingOf(home, [far, ben, ann])).toEqual(after);
    expect(await rowsOf(ann, 1, [far])).toEqual(address(ann));
    await talk(home, [far, ben], 'home');
  });

  const STEPS: readonly MoveStep[] = [
    'telling the data centers', 'holding the logins', 'holding the box', 'copying the box', 'waiting for what was sent', 'adopting the box', 'copying the account', 'switching',
    'letting the logins go', 'sending on what came meanwhile', 'erasing the box', 'erasing the account', 'telling every data center',
  ];

  it('goes on where it was cut off, whichever step that was, while others write on', async () => {
    await live(ann, ben, far);
    const written: string[] = [];
    const write = async (): Promise<void> => {
      const text = `meanwhile ${written.length / 2}`;
      written.push(`${text} from ben`, `${text} from far`);
      await ben.send(ann, `${text} from ben`);
      await far.send(ann, `${text} from far`);
    };
    // There, and back to the data center of the id: each time cut off before every step, then taken up.
    let living = ann;
    for (const to of [1, 2]) {
      const met: string[] = [];
      for (const cut of [...STEPS, undefined]) {
        await write();
        const attempt = moveUser(mover(living.dc), ann.id, to, (step) => {
          if (step === cut) throw new Error('cut off');
          met.push(step);
        });
        await attempt.catch((error: Error) => {
          if (error.message !== 'cut off') throw error;
        });
      }
      expect(new Set(met)).toEqual(new Set(STEPS));
      living = living.of(system, to);
      await eventually(async () => {
        const texts = [...await living.texts(far), ...await living.texts(ben)].filter((text) => text.startsWith('meanwhile'));
        expect(texts).toEqual([...written.filter((text) => text.endsWith('far')), ...written.filter((text) => text.endsWith('ben'))]);
        return true;
      });
      expect(await rowsOf(ann, 3 - to, [to === 1 ? ben : far])).toEqual(address(ann));
    }
    await talk(living, [far, ben], 'after');
  });

  it('is refused with a reason when it can not be', async () => {
    const ask = async (dc: number, user: number, to: number, token = TOKEN) => system.kit(dc).http('POST', '/admin/move-user', { body: JSON.stringify({ user, to }), headers: { authorization: `Bearer ${token}` } });
    expect((await ask(2, ann.id, 1, 'wrong')).status).toBe(401);
    expect((await ask(2, far.id, 2)).status).toBe(404);
    await expect(moveUser(mover(2), ann.id, 3, () => {})).rejects.toThrow('there is no data center 3');
    await expect(moveUser(mover(2), ann.id, 2, () => {})).rejects.toThrow('lives in data center 2 already');
    await expect(moveUser(mover(2), ann.id + 64, 1, () => {})).rejects.toThrow(`there is no user ${ann.id + 64}`);
    await expect(moveUser(mover(1), ann.id, 2, () => {})).rejects.toThrow('does not live in data center 1');
    system.link.state = 'refused';
    await expect(moveUser(mover(2), ann.id, 1, () => {})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    // Nobody was held up for it.
    await ann.send(ben, 'still here');
  });

  it('takes logins along: an old one is sent there, and may be imported', async () => {
    await ann.logIn();
    expect(await ann.userOf(2)).toEqual({ userId: ann.id, homeDc: 2 });
    const there = await move(ann, 1);
    expect(await ann.userOf(2)).toEqual({ userId: ann.id, homeDc: 1 });
    await expect(ann.call('auth', { _: 'auth.exportAuthorization', dc_id: 2 })).rejects.toThrow('USER_MIGRATE_1');
    const { id, bytes } = await ann.call('auth', { _: 'auth.exportAuthorization', dc_id: 1 });
    const key = randomBytes(8).readBigUInt64LE();
    await there.storeKey(1, key);
    await there.call('auth', { _: 'auth.importAuthorization', id, bytes }, 1, key);
    expect(await there.userOf(1, key)).toEqual({ userId: ann.id, homeDc: 1 });
    expect((await there.call('auth', { _: 'account.getAuthorizations' }, 1, key)).authorizations).toHaveLength(1);
    // By the code: sent to the data center that the user lives in now.
    await expect(ann.call('auth', { _: 'auth.sendCode', phone_number: ann.phone, api_id: 1, api_hash: '0', settings: { _: 'codeSettings' } })).rejects.toThrow('PHONE_MIGRATE_1');
    // What is left of a login elsewhere ends with the others.
    await system.kit(1).kit('auth').client(LoginMoveService, { dc: 2 }).endLogins({ userId: BigInt(ann.id), exceptKeyId: 0n });
    expect(await ann.userOf(2)).toEqual({ userId: 0, homeDc: 0 });
  });

  it('waits for a data center that is out of reach in the middle, and its user is told to wait', async () => {
    await live(ann, ben, far);
    const before = await everythingOf(ann, [far, ben]);
    let cut = false;
    const moving = moveUser(mover(2), ann.id, 1, (step) => {
      if (step === 'copying the box' && !cut) {
        cut = true;
        system.link.state = 'refused';
      }
    });
    await eventually(() => cut);
    await expect(ann.call('message-store', { _: 'updates.getState' })).rejects.toThrow('FLOOD_WAIT_5');
    await expect(ann.call('users', { _: 'account.updateProfile', about: 'late' })).rejects.toThrow('FLOOD_WAIT_5');
    await ben.send(ann, 'meanwhile');
    system.link.state = 'up';
    await moving;
    const there = ann.of(system, 1);
    await eventually(async () => (await there.texts(ben)).at(-1) === 'meanwhile');
    const after = await everythingOf(there, [far]) as { pts: number };
    expect(after.pts).toBe((before as { pts: number }).pts + 1);
  });
});
