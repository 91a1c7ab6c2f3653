import { BANNED } from '@heliograph/box/group-rights';
import { AdminEventKind as Kind, type AdminEvent } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChannelAdminLogEventsFilter } from '@heliograph/tl/api';

type Filter = Exclude<keyof ChannelAdminLogEventsFilter, '_'>;

/** Which kinds of events each filter lets through (docs: core.telegram.org/constructor/channelAdminLogEventsFilter); those that are not named let nothing through here. */
const KINDS: Partial<Record<Filter, readonly Kind[]>> = {
  join: [Kind.JOIN], leave: [Kind.LEAVE], invite: [Kind.INVITE], ban: [Kind.BAN], unban: [Kind.BAN], kick: [Kind.BAN], unkick: [Kind.BAN], promote: [Kind.ADMIN], demote: [Kind.ADMIN],
  info: [Kind.TITLE, Kind.ABOUT, Kind.USERNAME, Kind.LINKED],
  settings: [Kind.DEFAULT_RIGHTS, Kind.SIGNATURES, Kind.SIGNATURE_PROFILES, Kind.PREHISTORY, Kind.SLOWMODE, Kind.TTL, Kind.NOFORWARDS],
  pinned: [Kind.PINNED], edit: [Kind.EDIT], delete: [Kind.DELETE], invites: [Kind.INVITE_EDIT, Kind.INVITE_REVOKE, Kind.INVITE_DELETE], edit_rank: [Kind.RANK],
};

/** Kinds that may pass; empty: none does, where a filter is given. */
export function kindsOf(filter: ChannelAdminLogEventsFilter): Kind[] {
  return [...new Set((Object.keys(KINDS) as Filter[]).filter((name) => filter[name]).flatMap((name) => KINDS[name] ?? []))];
}

/** Whether an event passes whose kind may. */
export function passes(filter: ChannelAdminLogEventsFilter, event: AdminEvent): boolean {
  if (event.kind === Kind.BAN) {
    const before = event.memberBefore?.banned ?? 0;
    const after = event.memberAfter?.banned ?? 0;
    const kicked = (bits: number): boolean => (bits & BANNED.view_messages) !== 0;
    if (kicked(after)) return filter.kick ?? false;
    if (after !== 0) return filter.ban ?? false;
    return (kicked(before) ? filter.unkick : filter.unban) ?? false;
  }
  if (event.kind === Kind.ADMIN) return (event.adminAfter?.rights ? filter.promote : filter.demote) ?? false;
  return true;
}
