import { BANNED } from '@heliograph/box/group-rights';
import { decode } from '@heliograph/protos/codec';
import { ChannelMemberSchema, type ChannelMember } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Storage } from '@heliograph/storage/storage';
import { boxMember, MEMBER_SLOTS, SLOT_KICKED, SLOT_RESTRICTED, slotOf } from '../tables/box-member';
import type { MembersPage } from './contract';
import { MEMBER_PAGE_ROWS, MEMBER_READS_AT_ONCE, MEMBER_VERSIONS_READ } from './limits';
import { readAsOf } from './rows-as-of';

/** What a channel knew of users just before a version, in the order asked. Throws RowsGone. */
export async function readMemberRows(storage: Storage, box: number, users: readonly number[], version: bigint): Promise<(ChannelMember | undefined)[]> {
  const found: (ChannelMember | undefined)[] = [];
  for (let start = 0; start < users.length; start += MEMBER_READS_AT_ONCE) {
    found.push(...await Promise.all(users.slice(start, start + MEMBER_READS_AT_ONCE).map((user) => readMemberAsOf(storage, box, user, version))));
  }
  return found;
}

function readMemberAsOf(storage: Storage, box: number, user: number, version: bigint): Promise<ChannelMember | undefined> {
  return readAsOf(version, `a member of ${box}`, async (below) => {
    const from = below === undefined ? { user } : { user, version: below };
    const rows = await storage.range(boxMember, { box, slot: slotOf(user) }, { from, fromExclusive: below !== undefined, to: { user }, limit: MEMBER_VERSIONS_READ });
    return rows.flatMap((row) => (row.v === null ? [] : [memberOf(row.v)]));
  });
}

/** A row of a member. Its bytes are its own: it may stay in memory. */
function memberOf(v: Uint8Array): ChannelMember {
  const member = decode(ChannelMemberSchema, v);
  member.titleSealed = new Uint8Array(member.titleSealed);
  member.rankSealed = new Uint8Array(member.rankSealed);
  return member;
}

/** Which members a list holds. */
export type MemberKind = 'present' | 'kicked' | 'restricted';

/** Whether the user is kicked, or restricted in part, by the row: however long ago that ended. */
export const isKicked = (member: ChannelMember): boolean => (member.banned & BANNED.view_messages) !== 0;
export const isRestricted = (member: ChannelMember): boolean => member.banned !== 0 && !isKicked(member);

/** The lists that a row belongs to. */
export function listSlotsOf(member: ChannelMember | undefined): number[] {
  if (member === undefined || member.banned === 0) return [];
  return [isKicked(member) ? SLOT_KICKED : SLOT_RESTRICTED];
}

const BELONGS: Record<MemberKind, (member: ChannelMember) => boolean> = { present: ({ present }) => present, kicked: isKicked, restricted: isRestricted };
const LISTS: Record<Exclude<MemberKind, 'present'>, number> = { kicked: SLOT_KICKED, restricted: SLOT_RESTRICTED };

/**
 * A page of a channel's members, in the order of their slots, then ids.
 * @param after the last user of the page before; 0: from the start
 */
export async function listMemberRows(storage: Storage, box: number, kind: MemberKind, after: number, limit: number): Promise<MembersPage> {
  const members: ChannelMember[] = [];
  const last = kind === 'present' ? MEMBER_SLOTS - 1 : LISTS[kind];
  const first = kind === 'present' ? (after === 0 ? 0 : slotOf(after)) : last;
  let from = after;
  for (let slot = first; slot <= last; slot += 1) {
    for (;;) {
      const rows = await storage.range(boxMember, { box, slot }, { ...(from === 0 ? {} : { from: { user: from }, fromExclusive: true }), limit: MEMBER_PAGE_ROWS });
      let user = 0;
      for (const row of rows) {
        // The newest of each user comes first.
        if (row.user === user || row.v === null) continue;
        user = row.user;
        const member = memberOf(row.v);
        if (!BELONGS[kind](member)) continue;
        if (members.length === limit) return { members, more: true };
        members.push(member);
      }
      const end = rows.at(-1);
      if (end === undefined || rows.length < MEMBER_PAGE_ROWS) break;
      from = end.user;
    }
    from = 0;
  }
  return { members, more: false };
}
