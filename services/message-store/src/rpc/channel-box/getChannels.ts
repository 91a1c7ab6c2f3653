import type { MessageInitShape } from '@bufbuild/protobuf';
import { isChannelBox } from '@heliograph/box/box-id';
import { isKicked, mayRead } from '@heliograph/box/channel-rights';
import { openTitle } from '@heliograph/box/group-title';
import type { ChannelMember, ChannelRecord, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChannelStateSchema, GetChannelsRequest, GetChannelsResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Clock } from '@heliograph/service-kit/kit';
import type { Deps } from '../../deps';
import { CHANNELS_PER_CALL_MAX } from '../../limits';
import { readBox } from '../../messages/internal-failure';
import { withOwn } from '../../messages/own-choices';
import { REACTIONS } from '../../messages/own-reactions';
import { VOTES } from '../../messages/own-votes';

const NO_BYTES = new Uint8Array(0);

type StateDeps = Pick<Deps, 'engine' | 'keyring'> & { readonly clock: Pick<Clock, 'now'> };
type Asked = Pick<GetChannelsRequest, 'viewer' | 'channels' | 'withTop' | 'brief'>;

/** Channels with what each knows of the viewer, those that there are; in the order asked. Throws INVALID_ARGUMENT, UNAVAILABLE (a box, or the key of a title). */
export async function getChannels(deps: StateDeps, request: Asked): Promise<MessageInitShape<typeof GetChannelsResponseSchema>> {
  if (request.channels.length > CHANNELS_PER_CALL_MAX) throw new CallError('INVALID_ARGUMENT', `more than ${CHANNELS_PER_CALL_MAX} channels`);
  const states = await Promise.all(request.channels.map((box) => stateOf(deps, Number(box), request)));
  return { channels: states.filter((state) => state !== undefined) };
}

async function stateOf(deps: StateDeps, box: number, { viewer, withTop, brief }: Asked): Promise<MessageInitShape<typeof ChannelStateSchema> | undefined> {
  if (!isChannelBox(box)) return undefined;
  const reader = await readBox(deps, box);
  const dialog = reader.dialog(box);
  const record = dialog?.channel;
  if (dialog === undefined || record === undefined) return undefined;
  const { pts, date } = reader.head();
  const { topId, topDate, pinnedIds } = dialog;
  const [[member], tops] = await Promise.all([
    viewer > 0n ? reader.channelMembers([Number(viewer)]) : [],
    withTop && topId > 0 ? reader.messages([topId]) : [],
  ]);
  const [top] = await withOwn(REACTIONS, reader, Number(viewer), await withOwn(VOTES, reader, Number(viewer), tops.flatMap((record: MessageRecord | undefined) => record ?? [])));
  const state = { channel: BigInt(box), member, pts, topId, topDate, changedDate: date, pinnedIds, top };
  if (!brief) return { ...state, record };
  const title = await openTitle(deps.keyring, box, titleFor(record, member, Math.floor(deps.clock.now() / 1000)));
  return { ...state, title, record: briefly(record, viewer) };
}

/** What somebody who left, or was removed, does not see any more is called as it was when he saw it last. */
function titleFor(record: ChannelRecord, member: ChannelMember | undefined, now: number): Uint8Array {
  const open = mayRead(record, member, now) || (record.linked !== 0n && !record.broadcast && !isKicked(member, now));
  return open || member === undefined || member.titleSealed.length === 0 ? record.titleSealed : member.titleSealed;
}

/** What shows a channel to the viewer: the rest may be many times that. */
function briefly(record: ChannelRecord, viewer: bigint): ChannelRecord {
  return { ...record, titleSealed: NO_BYTES, aboutSealed: NO_BYTES, admins: record.admins.filter(({ user }) => user === viewer), invites: [], requests: [], reactions: undefined };
}
