import type { DialogRecord, GroupCaller, GroupChange, GroupRecord, GroupView, MemberRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { isPresent } from '@heliograph/box/group-rights';
import type { Change, DerivedBody } from '../../change';
import { BOX_ITSELF } from '../../ids';
import { NO_BYTES } from '../../records';

/** A group's box while an act changes it: who is in it as of the act, and what they are told. */
export class Group {
  constructor(private readonly change: Change, readonly actor: number, private readonly caller: GroupCaller | undefined) {}

  get box(): number {
    return this.change.box;
  }

  get record(): GroupRecord | undefined {
    return this.change.dialog(BOX_ITSELF)?.group;
  }

  member(user: number): MemberRecord | undefined {
    return this.change.dialog(user)?.member;
  }

  /** Whether they are in the group. */
  has(user: number): boolean {
    return isPresent(this.member(user));
  }

  /** By id, rising; as of all that the act did so far. */
  present(): number[] {
    const rows = new Map<number, DialogRecord>();
    for (const row of this.change.state.dialogs.all()) rows.set(Number(row.peer), row);
    for (const [peer, row] of this.change.dialogs) rows.set(peer, row);
    return [...rows].filter(([, row]) => isPresent(row.member)).map(([peer]) => peer).sort((a, b) => a - b);
  }

  editRecord(changes: Partial<GroupRecord>): void {
    const row = this.change.editDialog(BOX_ITSELF);
    row.group = { ...(row.group ?? emptyGroup()), ...changes };
  }

  editMember(user: number, changes: Partial<MemberRecord>): void {
    const row = this.change.editDialog(user);
    row.member = { ...(row.member ?? emptyMember()), ...changes };
  }

  /** The group as this user sees it now. */
  view(user: number): GroupView {
    const record = this.record ?? emptyGroup();
    const member = this.member(user);
    return {
      $typeName: 'heliograph.box.v1.GroupView',
      titleSealed: record.titleSealed,
      memberCount: record.memberCount,
      date: record.date,
      version: record.version,
      creator: record.creator,
      defaultBanned: record.defaultBanned,
      noforwards: record.noforwards,
      deactivated: record.deactivated,
      migratedTo: record.migratedTo,
      admin: member?.admin ?? false,
      left: member?.left ?? false,
      kicked: record.destroyed || (member?.kicked ?? false),
      ttlPeriod: record.ttlPeriod,
    };
  }

  /** Derives a command for a user's box. The actor's, when it is the one that answers who waits. */
  derive(user: number, body: DerivedBody, answers: boolean): void {
    this.change.derived.push({ box: user, body, caller: answers && user === this.actor ? this.caller : undefined });
  }

  /** The actor is told that it isn't done. */
  refuse(error: string): void {
    this.answer({ error });
  }

  /** The actor is told that it is done, where no message says so. */
  done(): void {
    this.answer({});
  }

  answer({ error = '', duplicateOf, requested = false, more = false }: { error?: string; duplicateOf?: { box: bigint; id: number }; requested?: boolean; more?: boolean }): void {
    if (this.caller === undefined) return;
    this.derive(this.actor, {
      case: 'groupAnswer',
      value: { $typeName: 'heliograph.box.v1.GroupAnswer', group: BigInt(this.box), error, requested, more, duplicateOf: duplicateOf && { $typeName: 'heliograph.box.v1.MessageUid', ...duplicateOf } },
    }, true);
  }

  /** Everybody present is told of a change that no message goes with; the actor is answered with it. */
  tell(change: GroupChange['change']): void {
    const version = this.record?.version ?? 0;
    for (const user of this.present()) {
      this.derive(user, {
        case: 'groupTold',
        value: { $typeName: 'heliograph.box.v1.GroupTold', group: BigInt(this.box), view: this.view(user), change: { $typeName: 'heliograph.box.v1.GroupChange', version, change }, moreToDelete: false },
      }, true);
    }
  }
}

function emptyGroup(): GroupRecord {
  return {
    $typeName: 'heliograph.box.v1.GroupRecord',
    titleSealed: NO_BYTES, aboutSealed: NO_BYTES, creator: 0n, date: 0, version: 0, memberCount: 0, defaultBanned: 0, noforwards: false, deactivated: false, migratedTo: 0n, ttlPeriod: 0,
    invites: [], requests: [], destroyed: false, deletedFrom: 0,
  };
}

function emptyMember(): MemberRecord {
  return {
    $typeName: 'heliograph.box.v1.MemberRecord',
    inviter: 0n, date: 0, admin: false, left: false, kicked: false, lastPostId: 0, outboxReadId: 0, readId: 0, readDate: 0, sinceId: 0, nonce: 0, approvedBy: 0n, rankSealed: NO_BYTES,
  };
}

