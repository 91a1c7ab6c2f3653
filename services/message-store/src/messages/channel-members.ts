import { RpcError } from '@heliograph/client-api/rpc-error';
import type { CallerContext } from '@heliograph/client-api/method';
import type { ChannelMember } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { UserView } from '@heliograph/protos/heliograph/users/v1/users_pb';
import type { Deps } from '../deps';
import { MEMBER_CURSORS_MAX, MEMBER_CURSORS_SECONDS, MEMBERS_PAGE_MAX, MEMBERS_WALKED_MAX } from '../limits';
import type { ChannelReader, MemberKind } from './channels';

interface Walk {
  /** Unix seconds. */
  readonly begun: number;
  /** Ends of pages: so many members come before the one after that user. Rising. */
  readonly ends: { offset: number; after: number }[];
}

/**
 * Where pages of lists of members end, so that the next page, which is asked for by a number, needs no walk from the start. Members who come or go meanwhile shift
 * the places after them by one: a list that is walked once may miss or repeat them. Forgotten after MEMBER_CURSORS_SECONDS.
 */
export class MemberCursors {
  private readonly walks = new Map<string, Walk>();

  /** Remembers that `offset` members come before the one after `after`. `now`: Unix seconds. */
  keep(box: number, kind: MemberKind, offset: number, after: number, now: number): void {
    const { ends } = this.walk(keyOf(box, kind), now);
    if (offset - (ends.at(-1)?.offset ?? 0) >= MEMBERS_PAGE_MAX) ends.push({ offset, after });
  }

  /** The known place that is nearest before `offset`. */
  nearest(box: number, kind: MemberKind, offset: number, now: number): { offset: number; after: number } {
    return this.walk(keyOf(box, kind), now).ends.findLast((end) => end.offset <= offset) ?? { offset: 0, after: 0 };
  }

  private walk(key: string, now: number): Walk {
    const held = this.walks.get(key);
    if (held !== undefined && now - held.begun < MEMBER_CURSORS_SECONDS) return held;
    const walk: Walk = { begun: now, ends: [] };
    this.walks.delete(key);
    this.walks.set(key, walk);
    // At the limit the list that was begun first leaves.
    if (this.walks.size > MEMBER_CURSORS_MAX) this.walks.delete(this.walks.keys().next().value as string);
    return walk;
  }
}

const keyOf = (box: number, kind: MemberKind): string => `${box} ${kind}`;

/** A page of those members in the list's own order. Throws 500 RPC_CALL_FAIL where the way there is longer than MEMBERS_WALKED_MAX: repeated, the call goes on from there. */
export async function pageOfMembers({ memberCursors }: Pick<Deps, 'memberCursors'>, caller: CallerContext, channel: ChannelReader, kind: MemberKind, offset: number, limit: number): Promise<ChannelMember[]> {
  const { box } = channel;
  let { offset: at, after } = memberCursors.nearest(box, kind, offset, caller.date);
  const read = async (rows: number): Promise<ChannelMember[]> => {
    const { members } = await channel.listMembers(kind, after, rows);
    after = Number(members.at(-1)?.user ?? after);
    at += members.length;
    memberCursors.keep(box, kind, at, after, caller.date);
    return members;
  };
  const begun = at;
  while (at < offset) {
    if (at - begun >= MEMBERS_WALKED_MAX) throw new RpcError(500, 'RPC_CALL_FAIL');
    if ((await read(Math.min(offset - at, MEMBERS_PAGE_MAX))).length === 0) return [];
  }
  return read(limit);
}

/** A page of those members whom the caller sees so that they pass, among the first MEMBERS_WALKED_MAX, and how many pass there. */
export async function searchMembers(
  deps: Pick<Deps, 'users'>, caller: CallerContext, channel: ChannelReader, kind: MemberKind, passes: (view: UserView) => boolean, offset: number, limit: number,
): Promise<{ members: ChannelMember[]; count: number }> {
  const found: ChannelMember[] = [];
  let after = 0;
  for (let walked = 0; walked < MEMBERS_WALKED_MAX;) {
    const { members, more } = await channel.listMembers(kind, after, MEMBERS_PAGE_MAX);
    const last = members.at(-1);
    if (last === undefined) break;
    const { users } = await deps.users.getViews({ viewerId: BigInt(caller.userId), userIds: members.map(({ user }) => user).filter((user) => user > 0n) });
    const passing = new Set(users.filter(passes).map(({ id }) => id));
    found.push(...members.filter(({ user }) => passing.has(user)));
    after = Number(last.user);
    walked += members.length;
    if (!more) break;
  }
  return { members: found.slice(offset, offset + limit), count: found.length };
}

/** Whether a word of somebody's name, or their public name, begins like each word that is looked for. */
export function isNamedLike(query: string): (view: UserView) => boolean {
  const wanted = wordsOf(query.replace(/^@/, ''));
  return ({ firstName, lastName, username }) => {
    const words = [...wordsOf(`${firstName} ${lastName}`), username.toLowerCase()];
    return wanted.every((word) => words.some((each) => each.startsWith(word)));
  };
}

const wordsOf = (text: string): string[] => text.toLowerCase().split(/[\s\p{P}]+/u).filter((word) => word !== '');
