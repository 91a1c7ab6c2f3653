import type { Fate } from '../engine/due-sweeper';
import type { Admissions } from './admissions';

/** What becomes of a scheduled message of one user to another at its time: nobody waits any more who could be told why it does not go out. */
export async function fateOf(admissions: Pick<Admissions, 'find'>, from: number, to: number): Promise<Fate> {
  const contact = await admissions.find(from, to);
  if (!contact.toExists || contact.toDeleted || contact.blockedBySelf) return 'drop';
  return contact.blockedByPeer ? 'keep' : 'deliver';
}
