import type { GroupRecord, MemberRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChatView, GroupBoxService } from '@heliograph/protos/heliograph/messagestore/v1/group_box_pb';
import { isPresent } from '@heliograph/box/group-rights';
import type { Client, Clock } from '@heliograph/service-kit/kit';
import { GROUP_MEMBERS_CACHED_MAX, GROUP_MEMBERS_SECONDS } from '../limits';
import { groupBox, homeDcOf } from '@heliograph/box/box-id';

/** A basic group as its own box has it. */
export interface GroupState {
  readonly record: GroupRecord;
  /** Everybody whom it knows of, those who left too, by id. */
  readonly members: ReadonlyMap<number, MemberRecord>;
}

interface Lately {
  readonly members: readonly number[];
  /** Milliseconds of the clock. */
  readonly until: number;
}

/** What boxes know of basic groups: asked from whoever owns the box, in its DC. Every call fails as a call between services does. */
export class Groups {
  private readonly lately = new Map<number, Lately>();

  /** `boxes`: the message stores by DC. */
  constructor(private readonly boxes: ReadonlyMap<number, Client<typeof GroupBoxService>>, private readonly clock: Pick<Clock, 'now'>) {}

  /** The group as it is now; undefined when there is none. */
  async find(chatId: number): Promise<GroupState | undefined> {
    const box = groupBox(chatId);
    const answer = await this.boxes.get(homeDcOf(box))?.getGroup({ chatId: BigInt(chatId) }, { routeKey: box });
    if (answer?.group === undefined) return undefined;
    const members = new Map<number, MemberRecord>();
    for (const { userId, state } of answer.members) if (state !== undefined) members.set(Number(userId), state);
    return { record: answer.group, members };
  }

  /** Who is in the group, as of GROUP_MEMBERS_SECONDS ago or later: for what passes and decides nothing. */
  async listMembersLately(chatId: number): Promise<readonly number[]> {
    const now = this.clock.now();
    const held = this.lately.get(chatId);
    if (held !== undefined && now < held.until) return held.members;
    const members = presentMembers(await this.find(chatId));
    this.lately.delete(chatId);
    this.lately.set(chatId, { members, until: now + GROUP_MEMBERS_SECONDS * 1000 });
    // At the limit the group that was asked about longest ago leaves.
    if (this.lately.size > GROUP_MEMBERS_CACHED_MAX) this.lately.delete(this.lately.keys().next().value as number);
    return members;
  }

  /** The groups as another user, who lives in `dc`, sees them, in the order asked; at most 200. */
  async listViews(viewer: number, dc: number, chatIds: readonly number[]): Promise<ChatView[]> {
    const answer = await this.boxes.get(dc)?.getChatViews({ viewerId: BigInt(viewer), chatIds: chatIds.map(BigInt) }, { routeKey: viewer });
    return answer?.chats ?? [];
  }
}

/** Its creator and admins, those who are in it, rising. */
export function adminsOf(group: GroupState | undefined): number[] {
  const creator = Number(group?.record.creator ?? 0n);
  return presentMembers(group).filter((user) => user === creator || group?.members.get(user)?.admin);
}

/** Ids of those who are in the group, rising. */
export function presentMembers(group: GroupState | undefined): number[] {
  return [...(group?.members ?? [])].filter(([, member]) => isPresent(member)).map(([user]) => user).sort((a, b) => a - b);
}
