import { homeDcOf } from '@heliograph/box/box-id';
import { timingSafeEqual, createHash } from 'node:crypto';
import { LoginMoveService } from '@heliograph/protos/heliograph/auth/v1/login_move_pb';
import { KeyringService } from '@heliograph/protos/heliograph/keyring/v1/keyring_pb';
import { BoxMoveService } from '@heliograph/protos/heliograph/messagestore/v1/box_move_pb';
import { HomeService } from '@heliograph/protos/heliograph/users/v1/homes_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Kit } from '@heliograph/service-kit/kit';
import type { Deps } from './deps';
import { isAccountId } from './domain/user-id';
import type { Home } from './homes';
import { MOVE_LEASE_MS, MOVES_MAX } from './limits';
import { MoveRefused, moveUser, type MoveUserDeps } from './move-user';

interface Move {
  to: number;
  step: string;
  state: 'moving' | 'done' | 'failed';
  /** Why it failed, for the operator. */
  reason?: string;
  refused?: boolean;
}

/** What `POST /admin/move-user` answers. */
export interface MoveAnswer {
  state: Move['state'];
  step: string;
  reason?: string;
}

/**
 * `POST /admin/move-user` with `{"user": id, "to": dc}` starts or goes on with a move and tells at once how far it is: asked again, it tells again (202
 * moving, 200 done, 409 refused, 503 failed for now: the next question goes on). `GET /admin/move-user?user=id` only tells. 404: another DC knows.
 * Only with ADMIN_TOKEN set, as `authorization: Bearer …`.
 */
export function serveMoves(kit: Kit, deps: Deps): void {
  const token = kit.setting('ADMIN_TOKEN');
  if (token === undefined) return;
  const moveDeps: MoveUserDeps = {
    dc: deps.dc, dcs: deps.dcs, storage: deps.storage, homes: deps.homes, joinedErrands: deps.joinedErrands, clock: kit.clock, log: kit.log, random: deps.random,
    boxesOf: (dc) => kit.client(BoxMoveService, { dc }),
    loginsOf: (dc) => kit.client(LoginMoveService, { dc }),
    homesOf: (dc) => kit.replicas(HomeService, { dc }),
    keys: kit.client(KeyringService),
  };
  const moves = new Map<number, Move>();
  const life = new Uint8Array(kit.random(8));

  const run = async (userId: number, move: Move): Promise<void> => {
    const lease = `users:move:${userId}`;
    if (!(await deps.ephemeral.setIfAbsent(lease, life, MOVE_LEASE_MS)) && Buffer.compare(await deps.ephemeral.get(lease) ?? new Uint8Array(0), life) !== 0) {
      throw new CallError('UNAVAILABLE', 'another replica of the users service moves the user');
    }
    const renewal = kit.clock.every(MOVE_LEASE_MS / 4, () => deps.ephemeral.set(lease, life, MOVE_LEASE_MS));
    try {
      await moveUser(moveDeps, userId, move.to, (step) => {
        move.step = step;
        kit.log.info({ step, to: move.to }, 'moving a user');
      });
    } finally {
      renewal.stop();
      await deps.ephemeral.delete(lease).catch(() => {});
    }
  };
  const start = (userId: number, to: number): Move => {
    const move: Move = { to, step: 'beginning', state: 'moving' };
    moves.set(userId, move);
    deps.inBackground('move a user', async () => {
      try {
        await run(userId, move);
        move.state = 'done';
      } catch (error) {
        move.state = 'failed';
        move.refused = error instanceof MoveRefused;
        move.reason = error instanceof Error ? error.message : String(error);
        kit.log.warn({ step: move.step, to, error: error instanceof Error ? { name: error.name, stack: error.stack } : {} }, 'the move of a user stopped; asking for it again goes on');
      }
    });
    return move;
  };

  /** Several data centers may share this endpoint: the one that the user lives in, or is still leaving, answers. */
  const isInvolved = (user: number, home: Home | undefined): boolean => (home?.movingFrom || home?.dc || homeDcOf(user)) === deps.dc.id;
  kit.http('GET', '/admin/move-user', async ({ query, headers }) => {
    if (!isToken(headers['authorization'], token)) return { status: 401, body: { error: 'the admin token is wrong' } };
    const user = Number(query.get('user'));
    if (!isAccountId(user)) return { status: 400, body: { error: 'give ?user=<id>' } };
    const home = await deps.homes.find(user);
    if (!isInvolved(user, home)) return { status: 404, body: { error: `user ${user} does not live in data center ${deps.dc.id}` } };
    const known = moves.get(user);
    return { status: 200, body: { dc: home?.dc ?? homeDcOf(user), movingTo: home?.movingTo ?? 0, movingFrom: home?.movingTo ? 0 : home?.movingFrom ?? 0, ...(known?.state === 'moving' ? { step: known.step } : {}) } };
  });
  kit.http('POST', '/admin/move-user', async ({ body, headers }) => {
    if (!isToken(headers['authorization'], token)) return { status: 401, body: { error: 'the admin token is wrong' } };
    const { user, to } = parse(body);
    if (user === undefined || to === undefined) return { status: 400, body: { error: 'give {"user": <id>, "to": <DC>}' } };
    const known = moves.get(user);
    if (known?.state === 'moving') return known.to === to ? { status: 202, body: answer(known) } : { status: 409, body: { ...answer(known), reason: `on the way to data center ${known.to}` } };
    if (known?.to === to && known.state === 'failed') {
      moves.delete(user);
      return { status: known.refused === true ? 409 : 503, body: answer(known) };
    }
    if (known?.to === to && known.state === 'done') {
      moves.delete(user);
      return { status: 200, body: answer(known) };
    }
    const home = await deps.homes.find(user);
    if (home?.dc === to && home.movingTo === 0 && home.movingFrom === 0) return { status: 200, body: { state: 'done', step: 'the user lives there' } };
    if (!isInvolved(user, home)) return { status: 404, body: { error: `user ${user} does not live in data center ${deps.dc.id}` } };
    if (moves.size >= MOVES_MAX) for (const [ended, { state }] of moves) if (state !== 'moving') moves.delete(ended);
    if (moves.size >= MOVES_MAX) return { status: 503, body: { error: `more than ${MOVES_MAX} moves at once` } };
    return { status: 202, body: answer(start(user, to)) };
  });
}

const answer = ({ state, step, reason }: Move): MoveAnswer => ({ state, step, ...(reason === undefined ? {} : { reason }) });

function isToken(header: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}

function parse(body: Uint8Array): { user?: number; to?: number } {
  try {
    const { user, to } = JSON.parse(Buffer.from(body).toString()) as { user?: unknown; to?: unknown };
    return { user: Number.isSafeInteger(user) ? user as number : undefined, to: Number.isSafeInteger(to) ? to as number : undefined };
  } catch {
    return {};
  }
}
