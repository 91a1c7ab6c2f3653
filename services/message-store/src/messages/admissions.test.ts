import { create } from '@bufbuild/protobuf';
import { CheckContactResponseSchema, type CheckContactResponse } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { ADMISSION_SECONDS, ADMISSIONS_MAX } from '../limits';
import { Admissions } from './admissions';

const A = 1_000_002;
const B = 1_000_034;

class UsersOf {
  asked = 0;
  blocked = false;
  exists = true;
  hold: Promise<void> = Promise.resolve();
  async checkContact(): Promise<CheckContactResponse> {
    this.asked += 1;
    const answer = create(CheckContactResponseSchema, { toExists: this.exists, blockedByPeer: this.blocked });
    await this.hold;
    return answer;
  }
}

describe('admissions', () => {
  let users: UsersOf;
  let now = 0;
  let admissions: Admissions;
  beforeEach(() => {
    users = new UsersOf();
    now = 1_000;
    admissions = new Admissions(users, { now: () => now });
  });

  test('ask once per pair, direction and period', async () => {
    await admissions.find(A, B);
    await admissions.find(A, B);
    expect(users.asked).toBe(1);
    await admissions.find(B, A);
    expect(users.asked).toBe(2);
    now += ADMISSION_SECONDS * 1000;
    await admissions.find(A, B);
    expect(users.asked).toBe(3);
  });

  test('a block is seen from the moment it is told', async () => {
    await admissions.find(A, B);
    users.blocked = true;
    admissions.forget(A, B);
    expect((await admissions.find(A, B)).blockedByPeer).toBe(true);
  });

  test('an answer that was on its way when something was forgotten is not kept', async () => {
    let release = (): void => {};
    users.hold = new Promise((resolve) => { release = resolve; });
    const before = admissions.find(A, B);
    users.blocked = true;
    admissions.forget(A, B);
    release();
    expect((await before).blockedByPeer).toBe(false);
    expect((await admissions.find(A, B)).blockedByPeer).toBe(true);
  });

  test('nobody is remembered who is not there', async () => {
    users.exists = false;
    await admissions.find(A, B);
    users.exists = true;
    expect((await admissions.find(A, B)).toExists).toBe(true);
  });

  test('so many pairs are kept, the oldest leaves', async () => {
    for (let to = 0; to <= ADMISSIONS_MAX; to += 1) await admissions.find(A, to);
    users.asked = 0;
    await admissions.find(A, ADMISSIONS_MAX);
    expect(users.asked).toBe(0);
    await admissions.find(A, 0);
    expect(users.asked).toBe(1);
  });
});
