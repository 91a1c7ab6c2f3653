import type { MessageInitShape } from '@bufbuild/protobuf';
import { channelOfBox } from '@heliograph/box/box-id';
import { renderForViewers } from '@heliograph/box/render-update';
import type { Keyring } from '@heliograph/crypto/keyring';
import type { BoxEvent, BoxUpdate } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChannelPushSchema } from '@heliograph/protos/heliograph/fanout/v1/fanout_pb';
import type { Updates } from '@heliograph/tl/api';
import { writeObject } from '@heliograph/tl/writer';

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

/** What an event of a channel's box says to its members: as most see it, and as the few do to whom it looks otherwise. Throws SealBroken. */
export async function channelPush(keyring: Keyring, box: number, event: BoxEvent): Promise<ChannelPushInit> {
  const { most, apart } = await renderForViewers(keyring, box, event.updates, event.date);
  return { channel: event.box, updates: written(most), variants: apart.map(({ users, updates }) => ({ userIds: users.map(BigInt), updates: written(updates) })), ...routesChanged(event.updates) };
}

/** Nothing where they are told nothing. */
const written = (updates: Updates): Uint8Array => (updates.updates.length === 0 ? new Uint8Array() : writeObject(updates, 'newest'));
