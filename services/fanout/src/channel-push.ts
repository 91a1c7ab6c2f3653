import type { MessageInitShape } from '@bufbuild/protobuf';
import { channelOfBox } from '@heliograph/box/box-id';
import { authorOf } from '@heliograph/box/channel-sight';
import { renderForViewers } from '@heliograph/box/render-update';
import type { Keyring } from '@heliograph/crypto/keyring';
import type { BoxEvent, BoxUpdate } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChannelPushSchema } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Updates } from '@heliograph/tl/api';
import { writeObject } from '@heliograph/tl/writer';
import type { RecentAuthors } from './recent-authors';

export type ChannelPushInit = MessageInitShape<typeof ChannelPushSchema>;

/** Bytes that make the sessions of a channel's members ask for its difference. They name nobody, so they are the same for all. */
export function channelTooLong(box: number, date: number): Uint8Array {
  return writeObject({ _: 'updateShort', update: { _: 'updateChannelTooLong', channel_id: channelOfBox(box) }, date }, 'newest');
}

/** Who came and who went with these changes: the last word on each. */
export function routesChanged(updates: readonly BoxUpdate[]): { joined: bigint[]; left: bigint[] } {
  const present = new Map<bigint, boolean>();
  for (const { change } of updates) {
    if (change.case !== 'channel') continue;
    for (const user of change.value.joined) present.set(user, true);
    for (const user of change.value.left) present.set(user, false);
  }
  const all = [...present];
  return { joined: all.filter(([, here]) => here).map(([user]) => user), left: all.filter(([, here]) => !here).map(([user]) => user) };
}

/** Whom an event of a channel concerns that only says how far somebody has read; undefined: everybody. Takes note of who writes. */
export function concernedBy(authors: RecentAuthors, box: number, updates: readonly BoxUpdate[]): number[] | undefined {
  let concerned: number[] | undefined;
  for (const { change } of updates) {
    if (change.case === 'message') authors.wrote(box, change.value.id, authorOf(change.value));
    else if (change.case === 'channel' && change.value.firstReadId > 0) concerned = authors.readUpTo(box, change.value.firstReadId, Number(change.value.firstReader));
  }
  return updates.length === 1 ? concerned : undefined;
}

/**
 * What an event of a channel's box says to its members: as most see it, and as the few do to whom it looks otherwise. `concerned`: nobody else is told at all.
 * Throws SealBroken.
 */
export async function channelPush(keyring: Keyring, box: number, event: BoxEvent, concerned?: readonly number[]): Promise<ChannelPushInit> {
  const { most, apart } = await renderForViewers(keyring, box, event.updates, event.date);
  if (concerned !== undefined) {
    const others = concerned.filter((user) => !apart.some(({ users }) => users.includes(user)));
    const variants = [...apart, { users: others, updates: most }].filter(({ users }) => users.length > 0);
    return { channel: event.box, variants: variants.map(({ users, updates }) => ({ userIds: users.map(BigInt), updates: written(updates) })) };
  }
  const variants = apart.map(({ users, updates }) => ({ userIds: users.map(BigInt), updates: written(updates) }));
  return { channel: event.box, updates: written(most), variants, posted: event.updates.some(({ change }) => change.case === 'message'), ...routesChanged(event.updates) };
}

/** Nothing where they are told nothing. */
const written = (updates: Updates): Uint8Array => (updates.updates.length === 0 ? new Uint8Array() : writeObject(updates, 'newest'));
