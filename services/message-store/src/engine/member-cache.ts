import type { ChannelMember } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { MEMBERS_IN_BOX_MAX } from './limits';

/** What the box of a channel knows of the users that it met lately, as of its last command. Those not met for longest are forgotten. */
export class MemberCache {
  private readonly byUser = new Map<number, ChannelMember | undefined>();

  get size(): number {
    return this.byUser.size;
  }

  /** undefined: look into the rows; `member` undefined: nothing is known of them. */
  find(user: number): { member: ChannelMember | undefined } | undefined {
    if (!this.byUser.has(user)) return undefined;
    const member = this.byUser.get(user);
    this.byUser.delete(user);
    this.byUser.set(user, member);
    return { member };
  }

  set(user: number, member: ChannelMember | undefined): void {
    this.byUser.delete(user);
    this.byUser.set(user, member);
    if (this.byUser.size <= MEMBERS_IN_BOX_MAX) return;
    for (const oldest of this.byUser.keys()) {
      this.byUser.delete(oldest);
      return;
    }
  }

  /** All of them, or none if one has to be looked up. */
  findAll(users: readonly number[]): (ChannelMember | undefined)[] | undefined {
    const found: (ChannelMember | undefined)[] = [];
    for (const user of users) {
      const known = this.find(user);
      if (known === undefined) return undefined;
      found.push(known.member);
    }
    return found;
  }
}
