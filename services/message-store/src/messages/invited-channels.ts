import { adminRights, isKicked, isMember, mayRead } from '@heliograph/box/channel-rights';
import { ADMIN } from '@heliograph/box/group-rights';
import { openTitle } from '@heliograph/box/group-title';
import { invitedChannel } from '@heliograph/client-api/channel';
import type { CallerContext } from '@heliograph/client-api/method';
import type { ChannelState } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import type { TypeChat } from '@heliograph/tl/api';
import type { Deps } from '../deps';

/** The channels of a shared list that there are, by their boxes and as the caller is shown them. */
export interface Shown {
  readonly channels: readonly number[];
  /** Those that he may join by the list and could not see otherwise; the gateway fills in the rest. */
  readonly chats: TypeChat[];
}

/**
 * What somebody who opens a shared list is shown of its channels. Left out are those that have ended, and those that are not his to know of: he could see them by the sharer alone,
 * who may not invite there any more.
 */
export async function shownChannels(deps: Pick<Deps, 'channels' | 'keyring'>, caller: CallerContext, sharer: number, boxes: readonly number[]): Promise<Shown> {
  const states = (await deps.channels.find(caller.userId, boxes)).filter(({ record }) => record !== undefined && !record.destroyed);
  const hidden = states.filter(({ record, member }) => record !== undefined && !mayRead(record, member, caller.date) && !isKicked(member, caller.date));
  const inviting = await inviter(deps, sharer, hidden);
  const invited = hidden.filter(({ channel }) => inviting.has(channel));
  const unknown = new Set(hidden.filter((state) => state.member === undefined && !invited.includes(state)));
  const chats = await Promise.all(invited.map((state) => view(deps, state)));
  return { channels: states.filter((state) => !unknown.has(state)).map(({ channel }) => Number(channel)), chats: chats.filter((chat) => chat !== undefined) };
}

/** Of these channels, those to which somebody may invite. */
async function inviter(deps: Pick<Deps, 'channels'>, sharer: number, states: readonly ChannelState[]): Promise<ReadonlySet<bigint>> {
  const his = states.filter(({ record }) => record !== undefined && adminRights(record, sharer) & ADMIN.invite_users);
  if (his.length === 0) return new Set();
  // Who made a channel stays its creator when he leaves it.
  const found = await deps.channels.find(sharer, his.map(({ channel }) => Number(channel)));
  return new Set(found.filter(({ member }) => isMember(member)).map(({ channel }) => channel));
}

async function view(deps: Pick<Deps, 'keyring'>, { channel, record }: ChannelState): Promise<TypeChat | undefined> {
  if (record === undefined) return undefined;
  return invitedChannel({ channel, record, title: await openTitle(deps.keyring, Number(channel), record.titleSealed) });
}
