import { decode } from '@heliograph/protos/codec';
import { PollVoteSchema, type PollVote } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Storage } from '@heliograph/storage/storage';
import { boxVote, boxVoter, voteSlotOf } from '../tables/box-vote';
import { MEMBER_VERSIONS_READ } from './limits';
import { readAsOf } from './rows-as-of';

const voteOf = (v: Uint8Array): PollVote => decode(PollVoteSchema, v);

/** What somebody chose in a poll of a channel, just before a version; one that was taken back has no options. Throws RowsGone. */
export function readVote(storage: Storage, { box, id, user, version }: { box: number; id: number; user: number; version: bigint }): Promise<PollVote | undefined> {
  return readAsOf(version, `a vote in ${id} of ${box}`, async (below) => {
    const from = below === undefined ? { user } : { user, version: below };
    const rows = await storage.range(boxVote, { box, id, slot: voteSlotOf(user) }, { from, fromExclusive: below !== undefined, to: { user }, limit: MEMBER_VERSIONS_READ });
    return rows.flatMap((row) => (row.v === null ? [] : [voteOf(row.v)]));
  });
}

/** The lists of voters that a vote is in. */
export function listsOf(vote: PollVote | undefined): number[] {
  const options = vote?.options ?? 0;
  if (options === 0) return [];
  const lists = [ALL_VOTERS];
  for (let answer = 0; options >= 2 ** answer; answer += 1) if ((options & (1 << answer)) !== 0) lists.push(answerList(answer));
  return lists;
}

const ALL_VOTERS = 0;
const answerList = (answer: number): number => answer + 1;

/** A page of those who chose an answer (undefined: any), newest first, of versions below `below` (0: the newest). */
export async function listVotes(storage: Storage, { box, id, answer, below, limit }: { box: number; id: number; answer: number | undefined; below: bigint; limit: number }): Promise<PollVote[]> {
  if (limit <= 0) return [];
  const from = below > 0n ? { from: { version: below }, fromExclusive: true } : {};
  const rows = await storage.range(boxVoter, { box, id, list: answer === undefined ? ALL_VOTERS : answerList(answer) }, { ...from, limit });
  return rows.flatMap((row) => (row.v === null ? [] : [voteOf(row.v)]));
}
