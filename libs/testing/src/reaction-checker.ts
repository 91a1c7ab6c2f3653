import type { FinalBox, FinalMessage } from './checker';
import type { FinalGroup } from './group-checker';

/** Somebody reacted to a message of their own box, or took it back (empty emoji). */
export interface ReactionFact {
  box: number;
  id: number;
  emoji: string;
  /** pts in that box, if it was answered. */
  ackPts?: number;
}

/**
 * What contradicts the promises of reactions: each person has at most the last one that was acknowledged, or one whose fate is not known; and all copies
 * of a message show the same, as far as their owners were told of everything (both sides of a private chat, members who were there since the message).
 */
export function checkReactions(boxes: readonly FinalBox[], groups: readonly FinalGroup[], facts: readonly ReactionFact[], limit = 20): string[] {
  const found: string[] = [];
  const report = (text: string): void => { if (found.length < limit) found.push(text); };
  checkAcknowledged(boxes, facts, report);
  const since = new Map(groups.map((group) => [group.group, new Map(group.members.filter(({ left, kicked }) => !left && !kicked).map(({ user, sinceId }) => [user, sinceId]))]));
  const copies = new Map<string, { box: number; message: FinalMessage }[]>();
  for (const box of boxes) {
    for (const message of box.messages) {
      const { uid, peer, alive } = message;
      if (!alive || (peer < 0 && !((since.get(peer)?.get(box.box) ?? Infinity) < uid.id))) continue;
      const key = `${uid.box}/${uid.id}`;
      copies.set(key, [...copies.get(key) ?? [], { box: box.box, message }]);
    }
  }
  for (const [key, each] of copies) {
    const [first] = each as [{ box: number; message: FinalMessage }];
    for (const other of each) {
      if (textOf(other.message) !== textOf(first.message)) report(`R2 message ${key}: box ${first.box} shows ${textOf(first.message)}, box ${other.box} ${textOf(other.message)}`);
    }
  }
  return found;
}

function checkAcknowledged(boxes: readonly FinalBox[], facts: readonly ReactionFact[], report: (text: string) => void): void {
  const byMessage = new Map<string, ReactionFact[]>();
  for (const fact of facts) byMessage.set(`${fact.box}/${fact.id}`, [...byMessage.get(`${fact.box}/${fact.id}`) ?? [], fact]);
  for (const box of boxes) {
    for (const message of box.messages) {
      if (!message.alive) continue;
      const own = byMessage.get(`${box.box}/${message.id}`) ?? [];
      const lastAcked = Math.max(0, ...own.map(({ ackPts }) => ackPts ?? 0));
      const allowed = own.filter(({ ackPts }) => ackPts === undefined || ackPts === lastAcked).map(({ emoji }) => emoji);
      if (lastAcked === 0) allowed.push('');
      const shown = message.reactions?.get(box.box) ?? '';
      if (!allowed.includes(shown)) report(`R1 box ${box.box}: message ${message.id} shows the owner's reaction "${shown}", acknowledged was ${allowed.join(' or ')}`);
    }
  }
}

const textOf = ({ reactions }: FinalMessage): string => [...reactions ?? []].sort(([a], [b]) => a - b).map(([user, emoji]) => `${user} ${emoji}`).join(', ');
