import { decode } from '@heliograph/protos/codec';
import { ReactionSchema, type Reaction } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Storage } from '@heliograph/storage/storage';
import { boxReaction, boxReactor, reactionSlotOf } from '../tables/box-reaction';
import { MEMBER_VERSIONS_READ } from './limits';
import { readAsOf } from './rows-as-of';

const reactionOf = (v: Uint8Array): Reaction => decode(ReactionSchema, v);

/** How somebody had reacted to a message of a channel, just before a version; what was taken back has nothing sealed. Throws RowsGone. */
export function readReaction(storage: Storage, { box, id, user, version }: { box: number; id: number; user: number; version: bigint }): Promise<Reaction | undefined> {
  return readAsOf(version, `a reaction to ${id} of ${box}`, async (below) => {
    const from = below === undefined ? { user } : { user, version: below };
    const rows = await storage.range(boxReaction, { box, id, slot: reactionSlotOf(user) }, { from, fromExclusive: below !== undefined, to: { user }, limit: MEMBER_VERSIONS_READ });
    return rows.flatMap((row) => (row.v === null ? [] : [reactionOf(row.v)]));
  });
}

/** Whether somebody reacts by it: there is one, and it was not taken back. */
export const isGiven = (reaction: Reaction | undefined): reaction is Reaction => (reaction?.sealed.length ?? 0) > 0;

const ALL_REACTORS = 0n;
const emojiList = (token: bigint): bigint => BigInt.asIntN(64, token);

/** The lists that a reaction is in. */
export const reactorLists = (reaction: Reaction | undefined): bigint[] => (isGiven(reaction) ? [ALL_REACTORS, emojiList(reaction.token)] : []);

/** A page of those who reacted (`token`: with one emoji), newest first, of versions below `below` (0: the newest). */
export async function listReactions(storage: Storage, { box, id, token, below, limit }: { box: number; id: number; token: bigint | undefined; below: bigint; limit: number }): Promise<Reaction[]> {
  if (limit <= 0) return [];
  const from = below > 0n ? { from: { version: below }, fromExclusive: true } : {};
  const rows = await storage.range(boxReactor, { box, id, list: token === undefined ? ALL_REACTORS : emojiList(token) }, { ...from, limit });
  return rows.flatMap((row) => (row.v === null ? [] : [reactionOf(row.v)]));
}
