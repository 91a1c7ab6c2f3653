import { homeDcOf } from '@heliograph/box/box-id';
import { HOME_ON_THE_WAY } from '@heliograph/client-api/home-dc';
import { decode, encode } from '@heliograph/protos/codec';
import { HeadSchema, type Head } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { LoginMoveService } from '@heliograph/protos/heliograph/auth/v1/login_move_pb';
import type { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import type { BoxMoveService } from '@heliograph/protos/heliograph/messagestore/v1/box_move_pb';
import type { HomeService } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import { isUnreachable } from '@heliograph/service-kit/other-dcs';
import type { Client, Clock } from '@heliograph/service-kit/kit';
import type { Deps } from './deps';
import { isAccountId } from './domain/user-id';
import { homeKey } from './homes';
import { MOVE_CALL_DEADLINE_MS, MOVE_PAUSE_MS, MOVE_WAIT_TURNS } from './limits';
import { eraseUserRows, readUserRows } from './moving-rows';
import { homes } from './tables/homes';
import { joinedElsewhere } from './tables/joined-elsewhere';
import { users } from './tables/users';

export interface MoveUserDeps extends Pick<Deps, 'dc' | 'dcs' | 'storage' | 'homes' | 'joinedErrands' | 'log' | 'random'> {
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** Of a DC, this one included. */
  boxesOf(dc: number): Client<typeof BoxMoveService>;
  loginsOf(dc: number): Client<typeof LoginMoveService>;
  /** Each replica of the users service of a DC. */
  homesOf(dc: number): readonly Client<typeof HomeService>[];
  readonly keys: Pick<Client<typeof KeyringService>, 'deleteDataKey'>;
}

/** Why a user can't be moved as asked; a sentence for the operator. */
export class MoveRefused extends Error {
  override readonly name = 'MoveRefused';
}

/**
 * Moves a user of this DC to another one: nothing is lost, nothing of it stays here (ADR 0011). Each step may be repeated; calling it again after
 * a failure goes on. From the holding of the logins to the switch of the directory the user's clients are told to wait.
 *
 * Throws MoveRefused; CallError when a DC that takes part can't be reached: call again.
 * @param told is called as each step begins; what it throws stops the move there
 */
export async function moveUser(deps: MoveUserDeps, userId: number, to: number, told: (step: MoveStep) => void): Promise<void> {
  if (await claim(deps, userId, to)) {
    await new Move(deps, userId, to, told).carryOver();
    const here = { dc: deps.dc.id, moving_to: to };
    const there = { dc: to, moving_to: null, moving_from: deps.dc.id, moved_at: Math.floor(deps.clock.now() / 1000) };
    told('switching');
    const switched = await deps.storage.replaceIf(homes, homeKey(userId), here, there);
    if (!switched.applied && !(switched.current?.dc === to && switched.current.moving_from === deps.dc.id)) throw new MoveRefused('somebody else changed where the user lives meanwhile');
  }
  await new Move(deps, userId, to, told).cleanUp();
}

/** What a move is doing. */
export type MoveStep =
  | 'telling the data centers' | 'holding the logins' | 'holding the box' | 'copying the box' | 'waiting for what was sent' | 'adopting the box' | 'copying the account' | 'switching'
  | 'letting the logins go' | 'sending on what came meanwhile' | 'erasing the box' | 'erasing the account' | 'telling every data center';

/** Takes the move on; false when the user has arrived and only what is left here is to be erased. */
async function claim(deps: MoveUserDeps, userId: number, to: number): Promise<boolean> {
  const from = deps.dc.id;
  if (!isAccountId(userId)) throw new MoveRefused(`${userId} is no user's id`);
  if (!deps.dcs.some((dc) => dc.id === to)) throw new MoveRefused(`there is no data center ${to}`);
  const home = await deps.homes.find(userId);
  if (home?.movingFrom === from && home.dc === to) return false;
  if ((home?.dc ?? homeDcOf(userId)) !== from) throw new MoveRefused(`user ${userId} does not live in data center ${from}`);
  if (to === from) throw new MoveRefused(`user ${userId} lives in data center ${to} already`);
  if (home?.movingTo && home.movingTo !== to) throw new MoveRefused(`user ${userId} is on the way to data center ${home.movingTo}`);
  if (home?.movingFrom && !home.movingTo) throw new MoveRefused(`something of user ${userId} is still to be erased in data center ${home.movingFrom}: let the move from there end first`);
  if ((await deps.storage.get(users, { user_id: userId })) === undefined) throw new MoveRefused(`there is no user ${userId}`);
  // Nobody is held up for a data center that isn't there.
  for (const replica of deps.homesOf(to)) await replica.findHomes({ userIds: [] }, { deadlineMs: MOVE_CALL_DEADLINE_MS });
  const key = homeKey(userId);
  const onTheWay = { moving_to: to, moving_from: from };
  const claimed = home ? await deps.storage.replaceIf(homes, key, { dc: from, moving_to: home.movingTo || null }, onTheWay) : await deps.storage.insertIfAbsent(homes, { ...key, dc: from, ...onTheWay });
  if (claimed.applied || (claimed.current?.dc === from && claimed.current.moving_to === to)) return true;
  throw new MoveRefused('somebody else moves the user');
}

/** The steps of one user's move; `carryOver` before the directory is switched, `cleanUp` after it. */
class Move {
  private readonly from: number;
  /** The DC that others' commands come to. */
  private readonly birth: number;
  private readonly id: bigint;
  private readonly near: { routeKey: number; deadlineMs: number };

  constructor(private readonly deps: MoveUserDeps, private readonly userId: number, private readonly to: number, private readonly told: (step: MoveStep) => void) {
    this.from = deps.dc.id;
    this.birth = homeDcOf(userId);
    this.id = BigInt(userId);
    this.near = { routeKey: userId, deadlineMs: MOVE_CALL_DEADLINE_MS };
  }

  /** Everything of the user is in the other DC; nothing changes here any more. */
  async carryOver(): Promise<void> {
    const { deps, from, to, birth, id } = this;
    this.told('telling the data centers');
    for (const dc of new Set([from, to, birth])) await this.reload(dc);
    this.told('holding the logins');
    const { ttlDays } = await deps.loginsOf(from).holdLogins({ userId: id }, this.near);
    await deps.loginsOf(to).holdLogins({ userId: id }, this.near);
    await this.carryBox();
    this.told('copying the account');
    // Who joined is told from here: nobody there knows whom it is still owed to.
    await until(deps, async () => {
      await deps.joinedErrands.sweep();
      const owed = await Promise.all(deps.dcs.map(({ id: dc }) => deps.storage.get(joinedElsewhere, { dc, user_id: this.userId })));
      return owed.every((row) => row === undefined);
    });
    const [target] = deps.homesOf(to);
    for await (const rows of readUserRows(deps, this.userId)) await target?.takeUser(rows, { deadlineMs: MOVE_CALL_DEADLINE_MS });
    await deps.loginsOf(to).settleLogins({ userId: id, homeDc: HOME_ON_THE_WAY, ttlDays }, this.near);
  }

  private async carryBox(): Promise<void> {
    const { deps, from, to, birth, id, near } = this;
    let there = await this.look(to);
    if (!livesHere(there.head)) {
      this.told('holding the box');
      // A box that has left already was held before.
      if (birth !== from && (await this.look(from)).head.movedTo === 0) {
        const token = Buffer.from(deps.random(8)).readBigInt64LE() | 1n;
        await deps.boxesOf(birth).moveBox({ userId: id, step: { case: 'hold', value: token } }, near);
        await until(deps, async () => (await this.look(from)).head.marker === token);
      }
      const out = await deps.boxesOf(from).moveBox({ userId: id, step: { case: 'moveOut', value: to } }, near);
      there = await this.look(to);
      const version = out.version > there.version ? out.version : there.version;
      this.told('copying the box');
      for (let part = 0; ; part += 1) {
        const { more } = await untilReached(deps, () => deps.boxesOf(from).copyBox({ userId: id, to, part, version }, near));
        if (!more) break;
      }
      // What the box sent from here must be there before what it sends from there: origin marks drop what comes late.
      this.told('waiting for what was sent');
      const { ends } = await deps.boxesOf(from).awaitRelay({ userId: id }, near);
      await until(deps, async () => (await deps.boxesOf(from).awaitRelay({ userId: id, ends }, near)).arrived);
      this.told('adopting the box');
      const head = encode(HeadSchema, { ...headOf(out), versionBase: version });
      // An owner that was replaced at this very moment may have read the box before.
      await until(deps, async () => {
        await deps.boxesOf(to).adoptBox({ userId: id, head }, near);
        return livesHere((await this.look(to)).head);
      });
    }
    if (birth !== from && birth !== to) await deps.boxesOf(birth).moveBox({ userId: id, step: { case: 'moveOut', value: to } }, near);
  }

  /** The user lives there: lets what waited follow, and erases what is here. */
  async cleanUp(): Promise<void> {
    const { deps, from, to, birth, id, near, userId } = this;
    for (const dc of [from, to]) await this.reload(dc);
    this.told('letting the logins go');
    for (const dc of [to, from]) await deps.loginsOf(dc).settleLogins({ userId: id, homeDc: to, ttlDays: 0 }, near);
    this.told('sending on what came meanwhile');
    for (const dc of new Set([birth, from])) {
      await until(deps, async () => {
        const { more, head } = await deps.boxesOf(dc).moveBox({ userId: id, step: { case: 'release', value: true } }, near);
        return !more && !decode(HeadSchema, head).parking;
      });
    }
    this.told('erasing the box');
    const { version } = await this.look(from);
    for (let part = 0; ; part += 1) {
      const { more } = await untilReached(deps, () => deps.boxesOf(from).eraseBox({ userId: id, part, version }, near));
      if (!more) break;
    }
    this.told('erasing the account');
    await eraseUserRows(deps, userId);
    await deps.keys.deleteDataKey({ scope: `user:${userId}`, hereOnly: true });
    this.told('telling every data center');
    for (const { id: dc } of deps.dcs) {
      await this.reload(dc);
      if (dc !== from && dc !== to) await deps.loginsOf(dc).settleLogins({ userId: id, homeDc: to, ttlDays: 0 }, near);
    }
    await deps.storage.replaceIf(homes, homeKey(userId), { dc: to, moving_to: null }, { moving_from: null });
  }

  private async reload(dc: number): Promise<void> {
    for (const replica of this.deps.homesOf(dc)) await replica.reloadHomes({}, { deadlineMs: MOVE_CALL_DEADLINE_MS });
  }

  private async look(dc: number): Promise<{ head: Head; version: bigint }> {
    const answer = await this.deps.boxesOf(dc).moveBox({ userId: this.id, step: { case: 'look', value: true } }, this.near);
    return { head: headOf(answer), version: answer.version };
  }
}

const headOf = ({ head }: { head: Uint8Array }): Head => decode(HeadSchema, head);

/** Whether a box with that head came from another DC and has not left again. */
const livesHere = (head: Head): boolean => head.movedTo === 0 && head.versionBase > 0n;

/** Asks until it holds; gives up after MOVE_WAIT_TURNS. */
async function until(deps: Pick<MoveUserDeps, 'clock'>, holds: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < MOVE_WAIT_TURNS; turn += 1) {
    if (await holds()) return;
    await deps.clock.sleep(MOVE_PAUSE_MS);
  }
  throw new CallError('UNAVAILABLE', 'what is on its way between the data centers did not arrive in time');
}

/** Repeats what says that it can't be done yet. */
async function untilReached<T>(deps: Pick<MoveUserDeps, 'clock'>, task: () => Promise<T>): Promise<T> {
  let result: T | undefined;
  await until(deps, async () => {
    try {
      result = await task();
      return true;
    } catch (error) {
      if (isUnreachable(error)) return false;
      throw error;
    }
  });
  return result as T;
}
