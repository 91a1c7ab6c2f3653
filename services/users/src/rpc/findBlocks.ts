import type { FindBlocksRequest } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../deps';
import { PAIRS_PER_CALL_MAX } from '../limits';
import { areBlocked } from '../tables/blocked';

/** For each pair in the order asked: does the owner block the user, and where does the owner live? Blocks of owners of this DC are known. */
export async function findBlocks(deps: Pick<Deps, 'storage' | 'homes'>, { pairs }: Pick<FindBlocksRequest, 'pairs'>): Promise<{ blocked: boolean[]; ownerDcs: number[] }> {
  if (pairs.length > PAIRS_PER_CALL_MAX) throw new CallError('INVALID_ARGUMENT', `at most ${PAIRS_PER_CALL_MAX} pairs in one call`);
  return {
    blocked: await areBlocked(deps.storage, pairs.map(({ owner, userId }) => ({ owner: Number(owner), peer: Number(userId) }))),
    ownerDcs: pairs.map(({ owner }) => deps.homes.of(Number(owner))),
  };
}
