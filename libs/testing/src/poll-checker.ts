import type { FinalBox, FinalMessage } from './checker';
import type { FinalGroup } from './group-checker';

/** Somebody voted in a poll of their own box, or took the vote back (0). */
export interface VoteFact {
  box: number;
  id: number;
  /** Bit set of the answers. */
  options: number;
  /** Version of the command in that box that told it, if it was answered without a refusal. */
  ackVersion?: bigint;
}

/**
 * What contradicts the promises of polls: each person has the last vote that was acknowledged, or one whose fate is not known; one that can't be changed stays as it
 * was acknowledged first; and all copies of a poll show the same votes and whether it is over, as far as their owners were told of everything (both sides of a
 * private chat, members who were there since the message).
 */
export function checkPolls(boxes: readonly FinalBox[], groups: readonly FinalGroup[], facts: readonly VoteFact[], limit = 20): string[] {
  const found: string[] = [];
  const report = (text: string): void => { if (found.length < limit) found.push(text); };
  checkAcknowledged(boxes, facts, report);
  const since = new Map(groups.map((group) => [group.group, new Map(group.members.filter(({ left, kicked }) => !left && !kicked).map(({ user, sinceId }) => [user, sinceId]))]));
  const first = new Map<string, { box: number; message: FinalMessage }>();
  for (const box of boxes) {
    for (const message of box.messages) {
      const { uid, peer, alive, poll } = message;
      if (!alive || poll === undefined || (peer < 0 && !((since.get(peer)?.get(box.box) ?? Infinity) < uid.id))) continue;
      const key = `${uid.box}/${uid.id}`;
      const other = first.get(key);
      if (other === undefined) first.set(key, { box: box.box, message });
      else if (textOf(other.message) !== textOf(message)) report(`P2 poll ${key}: box ${other.box} shows ${textOf(other.message)}, box ${box.box} ${textOf(message)}`);
    }
  }
  return found;
}

function checkAcknowledged(boxes: readonly FinalBox[], facts: readonly VoteFact[], report: (text: string) => void): void {
  const byPoll = new Map<string, VoteFact[]>();
  for (const fact of facts) byPoll.set(`${fact.box}/${fact.id}`, [...byPoll.get(`${fact.box}/${fact.id}`) ?? [], fact]);
  for (const box of boxes) {
    for (const { id, alive, poll } of box.messages) {
      const own = byPoll.get(`${box.box}/${id}`);
      if (!alive || poll === undefined || own === undefined) continue;
      const acked = own.filter(({ ackVersion, options }) => ackVersion !== undefined && (!poll.final || options !== 0)).sort((a, b) => ((a.ackVersion ?? 0n) < (b.ackVersion ?? 0n) ? -1 : 1));
      const allowed = own.filter(({ ackVersion }) => ackVersion === undefined).map(({ options }) => options);
      const certain = poll.final ? acked[0] : acked.at(-1);
      allowed.push(certain?.options ?? 0);
      const shown = poll.votes.get(box.box) ?? 0;
      if (!(poll.final && certain !== undefined ? [certain.options] : allowed).includes(shown)) report(`P1 box ${box.box}: poll ${id} shows the owner's vote ${shown}, acknowledged was ${allowed.join(' or ')}`);
    }
  }
}

const textOf = ({ poll }: FinalMessage): string => `${[...poll?.votes ?? []].sort(([a], [b]) => a - b).map(([user, options]) => `${user} ${options}`).join(', ')}${poll?.closed ? ', over' : ''}`;
