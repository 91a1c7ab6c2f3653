import { channelBox, channelOfBox } from '@heliograph/box/box-id';
import { isMember } from '@heliograph/box/channel-rights';
import type { Deps } from '../deps';
import type { BoxReader } from '../engine/contract';
import { COMMON_CHATS_DIALOGS_MAX, REQUEST_CHATS_MAX } from '../limits';
import { walkDialogs } from './dialogs';
import { isIn } from './group-view';
import { findDcs } from './homes';

type SharingDeps = Pick<Deps, 'dc' | 'dcs' | 'homes' | 'groups' | 'channels'>;

/** Groups that the reader's owner and somebody else are in: ids of basic groups, and of supergroups, each by falling id. */
export interface SharedChats {
  groups(): Promise<number[]>;
  channels(): Promise<number[]>;
}

/** Those of ids below `below` (0: all). Of the owner's newest COMMON_CHATS_DIALOGS_MAX dialogs, REQUEST_CHATS_MAX groups of each kind are compared. */
export function sharedChats(deps: SharingDeps, reader: BoxReader, user: number, below = 0): SharedChats {
  const compared = (ids: number[]): number[] => ids.filter((id) => below <= 0 || id < below).sort((a, b) => b - a).slice(0, REQUEST_CHATS_MAX);
  return {
    groups: async () => {
      const ids = compared(walkDialogs(reader, COMMON_CHATS_DIALOGS_MAX).filter(({ view }) => view !== undefined && isIn(view)).map(({ peer }) => -Number(peer)));
      if (ids.length === 0) return [];
      const [dc = deps.dc] = await findDcs(deps, [user]);
      const theirs = await deps.groups.listViews(user, dc, ids);
      return theirs.filter(({ view }) => view !== undefined && isIn(view)).map(({ id }) => Number(id));
    },
    channels: async () => {
      const ids = compared(reader.channels().filter(({ membership }) => !membership?.broadcast).map(({ peer }) => channelOfBox(Number(peer))));
      if (ids.length === 0) return [];
      const theirs = await deps.channels.find(user, ids.map(channelBox));
      return theirs.filter(({ member, record }) => isMember(member) && record?.destroyed === false).map(({ channel }) => channelOfBox(Number(channel)));
    },
  };
}
