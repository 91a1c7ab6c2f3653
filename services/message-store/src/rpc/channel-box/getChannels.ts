import type { MessageInitShape } from '@bufbuild/protobuf';
import { isChannelBox } from '@heliograph/box/box-id';
import { openTitle } from '@heliograph/box/group-title';
import type { ChannelRecord, MessageRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChannelStateSchema, GetChannelsRequest, GetChannelsResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Deps } from '../../deps';
import { CHANNELS_PER_CALL_MAX } from '../../limits';
import { readBox } from '../../messages/internal-failure';
import { withOwnReactions } from '../../messages/own-reactions';
import { withOwnVotes } from '../../messages/own-votes';

const NO_BYTES = new Uint8Array(0);

type Asked = Pick<GetChannelsRequest, 'viewer' | 'channels' | 'withTop' | 'brief'>;

/** Channels with what each knows of the viewer, those that there are; in the order asked. Throws INVALID_ARGUMENT, UNAVAILABLE (a box, or the key of a title). */
export async function getChannels(deps: Pick<Deps, 'engine' | 'keyring'>, request: Asked): Promise<MessageInitShape<typeof GetChannelsResponseSchema>> {
  if (request.channels.length > CHANNELS_PER_CALL_MAX) throw new CallError('INVALID_ARGUMENT', `more than ${CHANNELS_PER_CALL_MAX} channels`);
  const states = await Promise.all(request.channels.map((box) => stateOf(deps, Number(box), request)));
  return { channels: states.filter((state) => state !== undefined) };
}

async function stateOf(deps: Pick<Deps, 'engine' | 'keyring'>, box: number, { viewer, withTop, brief }: Asked): Promise<MessageInitShape<typeof ChannelStateSchema> | undefined> {
  if (!isChannelBox(box)) return undefined;
  const reader = await readBox(deps, box);
  const dialog = reader.dialog(box);
  const record = dialog?.channel;
  if (dialog === undefined || record === undefined) return undefined;
  const { pts, date } = reader.head();
  const { topId, topDate, pinnedIds } = dialog;
  const [members, tops, title] = await Promise.all([
    viewer > 0n ? reader.channelMembers([Number(viewer)]) : [],
    withTop && topId > 0 ? reader.messages([topId]) : [],
    brief ? openTitle(deps.keyring, box, record.titleSealed) : undefined,
  ]);
  const [top] = await withOwnReactions(reader, Number(viewer), await withOwnVotes(reader, Number(viewer), tops.flatMap((record: MessageRecord | undefined) => record ?? [])));
  const state = { channel: BigInt(box), member: members[0], pts, topId, topDate, changedDate: date, pinnedIds, top };
  return brief ? { ...state, title, record: briefly(record, viewer) } : { ...state, record };
}

/** What shows a channel to the viewer: the rest may be many times that. */
function briefly(record: ChannelRecord, viewer: bigint): ChannelRecord {
  return { ...record, titleSealed: NO_BYTES, aboutSealed: NO_BYTES, admins: record.admins.filter(({ user }) => user === viewer), invites: [], requests: [], reactions: undefined };
}
