import { create } from '@bufbuild/protobuf';
import { UserViewSchema, type UserView } from '@heliograph/protos/heliograph/users/v1/users_pb';
import { isUnreachable } from '@heliograph/service-kit/other-dcs';
import type { HeliographContact } from '@heliograph/tl/api';
import type { Deps } from './deps';
import type { View } from './domain/user-view';
import { OTHER_DC_DEADLINE_MS, REMOTE_VIEW_FRESH_MS, REMOTE_VIEWS_MAX } from './limits';
import { findContacts } from './tables/contacts';
import { phoneMac } from './tables/phones';

interface Remembered {
  view: UserView;
  /** What the viewer had saved of the user when they were asked for. */
  saved: string;
  /** Unix milliseconds. */
  at: number;
}

/**
 * How users of other DCs looked to viewers of this one when they were last asked for, in the memory of this replica alone (nothing of another
 * DC's user is stored here): for REMOTE_VIEW_FRESH_MS so that a busy chat doesn't ask again and again, and after that for the time when
 * their DC cannot be reached. At REMOTE_VIEWS_MAX those asked for longest ago are forgotten.
 */
export class RemoteViews {
  private readonly views = new Map<string, Remembered>();
  /** When users were told to have changed, unix milliseconds. */
  private readonly changedAt = new Map<number, number>();

  constructor(private readonly clock: Pick<Deps['clock'], 'now'>) {}

  /** A view that may be shown without asking; undefined when it is to be asked for. */
  fresh(viewerId: number, userId: number, saved: string): UserView | undefined {
    const entry = this.views.get(nameOf(viewerId, userId));
    if (!entry || entry.saved !== saved || entry.at + REMOTE_VIEW_FRESH_MS <= this.clock.now()) return undefined;
    return Math.max(this.changedAt.get(userId) ?? 0, this.changedAt.get(viewerId) ?? 0) >= entry.at ? undefined : entry.view;
  }

  /** As the user was last seen by this viewer, however long ago. */
  lastKnown(viewerId: number, userId: number): UserView | undefined {
    return this.views.get(nameOf(viewerId, userId))?.view;
  }

  /** Milliseconds since the user was last asked for; undefined when they are not remembered. */
  age(viewerId: number, userId: number): number | undefined {
    const entry = this.views.get(nameOf(viewerId, userId));
    return entry && this.clock.now() - entry.at;
  }

  /** `at`: when the view was asked for, so that a change on the way makes it old. */
  remember(viewerId: number, view: UserView, saved: string, at: number): void {
    const name = nameOf(viewerId, Number(view.id));
    this.views.delete(name);
    this.views.set(name, { view, saved, at });
    if (this.views.size > REMOTE_VIEWS_MAX) this.views.delete(this.views.keys().next().value as string);
  }

  /** The user is gone. */
  forget(viewerId: number, userId: number): void {
    this.views.delete(nameOf(viewerId, userId));
  }

  /** These users look different now, or see others differently. */
  changed(userIds: readonly number[]): void {
    for (const id of userIds) {
      this.changedAt.delete(id);
      this.changedAt.set(id, this.clock.now());
    }
    // What is older than any view that could still be fresh says nothing any more.
    const until = this.clock.now() - REMOTE_VIEW_FRESH_MS;
    for (const [id, at] of this.changedAt) {
      if (at > until && this.changedAt.size <= REMOTE_VIEWS_MAX) break;
      this.changedAt.delete(id);
    }
  }
}

const nameOf = (viewerId: number, userId: number): string => `${viewerId}:${userId}`;

type RemoteDeps = Pick<Deps, 'dc' | 'dcs' | 'homes' | 'storage' | 'keyring' | 'clock' | 'usersOf' | 'otherDcs' | 'remoteViews' | 'phoneSecret' | 'log'>;

/**
 * Users of other DCs as `viewerId` may see them: their DC decides, told whom of them the viewer saved and by which number; the names that the
 * viewer gave them, and that they are close friends, are put in here and don't leave this DC. While a DC cannot be reached its users show as they were last known, else by
 * what the viewer saved. Unknown ids are left out.
 */
export async function findRemoteViews(deps: RemoteDeps, viewerId: number, userIds: readonly number[]): Promise<View[]> {
  const ids = userIds.filter((id) => deps.homes.of(id) !== deps.dc.id);
  if (ids.length === 0) return [];
  const contacts = new Map((await findContacts(deps, viewerId, ids)).flatMap((contact) => (contact ? [[contact.contactId, contact.saved] as const] : [])));
  const perDc = deps.dcs.map((dc) => ({ dc: dc.id, ids: ids.filter((id) => deps.homes.of(id) === dc.id) })).filter((group) => group.ids.length > 0);
  const views = await Promise.all(perDc.map((group) => viewsOfDc(deps, viewerId, group, contacts)));
  return views.flat().map((view) => named(view, contacts.get(Number(view.id))));
}

async function viewsOfDc(deps: RemoteDeps, viewerId: number, { dc, ids }: { dc: number; ids: readonly number[] }, contacts: ReadonlyMap<number, HeliographContact>): Promise<View[]> {
  const savedOf = (id: number): { userId: bigint; phoneMac: Uint8Array } | undefined => {
    const saved = contacts.get(id);
    return saved && { userId: BigInt(id), phoneMac: saved.phone === '' ? new Uint8Array(0) : phoneMac(deps, saved.phone) };
  };
  const savedName = (id: number): string => {
    const saved = savedOf(id);
    return saved ? `saved ${Buffer.from(saved.phoneMac).toString('hex')}` : '';
  };
  const known = new Map(ids.flatMap((id) => {
    const view = deps.remoteViews.fresh(viewerId, id, savedName(id));
    return view ? [[id, view] as const] : [];
  }));
  const asked = ids.filter((id) => !known.has(id));
  if (asked.length === 0) return [...known.values()];
  const at = deps.clock.now();
  try {
    const { users } = await deps.otherDcs.call(dc, () => deps.usersOf(dc).getViews(
      { viewerId: BigInt(viewerId), userIds: asked.map(BigInt), saved: asked.flatMap((id) => savedOf(id) ?? []), fromOtherDc: true }, { deadlineMs: OTHER_DC_DEADLINE_MS },
    ));
    const found = new Set(users.map((view) => Number(view.id)));
    for (const view of users) deps.remoteViews.remember(viewerId, view, savedName(Number(view.id)), at);
    for (const id of asked) if (!found.has(id)) deps.remoteViews.forget(viewerId, id);
    return [...known.values(), ...users];
  } catch (error) {
    if (!isUnreachable(error)) deps.log.warn({ dc, error: error instanceof Error ? error.name : typeof error }, 'users of another data center could not be read');
    return [...known.values(), ...asked.map((id) => deps.remoteViews.lastKnown(viewerId, id) ?? unreachableView(viewerId, id, contacts.has(id)))];
  }
}

/** A user of whom nothing is known here but that they were shown to the viewer once. */
function unreachableView(viewerId: number, userId: number, contact: boolean): UserView {
  return create(UserViewSchema, { id: BigInt(userId), self: viewerId === userId, contact, firstName: 'User' });
}

function named(view: View, saved: HeliographContact | undefined): View {
  if (!saved || view.deleted || view.self) return view;
  const hasName = saved.first_name !== '' || saved.last_name !== '';
  const own = { ...view, contact: true, closeFriend: saved.close_friend ?? false };
  return hasName ? { ...own, firstName: saved.first_name, lastName: saved.last_name } : own;
}
