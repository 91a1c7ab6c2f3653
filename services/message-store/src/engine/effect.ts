import type { Command } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { Change, type BoxState, type Effect } from './change';
import { channelAct } from './effects/channel/act';
import { discussPost } from './effects/channel/discuss-post';
import { channelMention, channelReaction, channelTold, readChannel, readChannelContents, readThread } from './effects/channel/own-box';
import { deleteCopy } from './effects/delete-copy';
import { deleteHistory } from './effects/delete-history';
import { deleteMessages } from './effects/delete';
import { deliver } from './effects/deliver';
import { setChatlist } from './effects/chatlists';
import { orderDialogFilters, setDialogFilter, setDialogFilterTags } from './effects/dialog-filters';
import { edit } from './effects/edit';
import { editCopy } from './effects/edit-copy';
import { expire } from './effects/expire';
import { setFolders, wakeChannels } from './effects/folders';
import { groupAct } from './effects/group/act';
import { groupAnswer, groupCall, groupTold } from './effects/group/call';
import { hideBar } from './effects/hide-bar';
import { markDialogUnread } from './effects/mark-dialog-unread';
import { divert, hold, marker, moveOut, release } from './effects/move';
import { resetNotifySettings, setNotifySettings } from './effects/notify';
import { pin } from './effects/pin';
import { pinCopy } from './effects/pin-copy';
import { pinDialog } from './effects/pin-dialog';
import { react, reactCopy } from './effects/react';
import { readContents } from './effects/read-contents';
import { readInbox } from './effects/read-inbox';
import { readOutbox } from './effects/read-outbox';
import { readReactions } from './effects/read-reactions';
import { rememberReaction } from './effects/remember-reaction';
import { reorderPinnedDialogs } from './effects/reorder-pinned-dialogs';
import { saveDraft } from './effects/save-draft';
import { deleteScheduled, schedule } from './effects/schedule';
import { send } from './effects/send';
import { sendScheduled } from './effects/send-scheduled';
import { setDefaultTtl } from './effects/ttl';
import { unpinAll, unpinAllCopy } from './effects/unpin-all';
import { closePoll, endPolls, pollCopy, readPollVotes, vote } from './effects/vote';
import { DERIVED_COMMANDS_MAX } from './limits';

/** The effect that new commands carry. A release that changes what a command does raises it and keeps the old way for the old number. */
export const EFFECT_VERSION = 1;

/**
 * The effect of a command on a box: a pure function of the state as of just before `version` and the command. No clock, no
 * randomness, no I/O: what it must read beyond the state it yields, and is answered as of just before `version`, so that a repetition
 * after a crash (rows of this command and of later ones may be there already) comes to the same change.
 *
 * Usage: drive `effect` to its end, answering each yielded Read; then `change` is complete.
 */
export function effectOf(state: BoxState, command: Command, version: bigint): { change: Change; effect: Effect } {
  if (command.effect > EFFECT_VERSION) throw new Error(`a command asks for effect ${command.effect}; this release knows up to ${EFFECT_VERSION}`);
  const change = new Change(state, command, version);
  return { change, effect: run(change) };
}

function* run(change: Change): Effect {
  const { origin } = change.command;
  const moving = moveOf(change);
  if (moving !== undefined) {
    yield* moving;
  } else if (divert(change)) {
    return;
  } else if (origin === undefined) {
    yield* body(change);
  } else {
    const source = Number(origin.box);
    const before = change.state.dialogs.get(source);
    // Exactly once across boxes: derived commands of one box come in order of origin, so one high-water mark tells repetitions.
    if (before !== undefined && isAtOrBelow(origin, before)) return;
    yield* body(change);
    // Without a dialog the command had nothing to work on, and has nothing when it is repeated.
    if (change.dialog(source) !== undefined) {
      const dialog = change.editDialog(source);
      dialog.originVersion = origin.version;
      dialog.originIndex = origin.index;
    }
  }
  if (change.derived.length > DERIVED_COMMANDS_MAX) throw new Error(`a command derives ${change.derived.length} commands, more than ${DERIVED_COMMANDS_MAX}`);
}

/** The effect of a command that moves a box. */
function moveOf(change: Change): Effect | undefined {
  const command = change.command.body;
  switch (command.case) {
    case 'moveOut': return moveOut(change, command.value);
    case 'hold': return hold(change, command.value);
    case 'marker': return marker(change, command.value);
    case 'release': return release(change);
    default: return undefined;
  }
}

function isAtOrBelow(origin: { version: bigint; index: number }, mark: { originVersion: bigint; originIndex: number }): boolean {
  return origin.version < mark.originVersion || (origin.version === mark.originVersion && origin.index <= mark.originIndex);
}

function body(change: Change): Effect {
  const command = change.command.body;
  switch (command.case) {
    case 'send': return send(change, command.value);
    case 'deliver': return deliver(change, command.value);
    case 'edit': return edit(change, command.value);
    case 'editCopy': return editCopy(change, command.value);
    case 'delete': return deleteMessages(change, command.value);
    case 'deleteCopy': return deleteCopy(change, command.value);
    case 'deleteHistory': return deleteHistory(change, command.value);
    case 'readInbox': return readInbox(change, command.value);
    case 'readOutbox': return readOutbox(change, command.value);
    case 'pin': return pin(change, command.value);
    case 'pinCopy': return pinCopy(change, command.value);
    case 'unpinAll': return unpinAll(change, command.value);
    case 'unpinAllCopy': return unpinAllCopy(change, command.value);
    case 'saveDraft': return saveDraft(change, command.value);
    case 'pinDialog': return pinDialog(change, command.value);
    case 'reorderPinnedDialogs': return reorderPinnedDialogs(change, command.value);
    case 'markDialogUnread': return markDialogUnread(change, command.value);
    case 'readContents': return readContents(change, command.value);
    case 'react': return react(change, command.value);
    case 'reactCopy': return reactCopy(change, command.value);
    case 'readReactions': return readReactions(change, command.value);
    case 'rememberReaction': return rememberReaction(change, command.value);
    case 'groupCall': return groupCall(change, command.value);
    case 'groupAct': return groupAct(change, command.value);
    case 'groupAnswer': return groupAnswer(change, command.value);
    case 'groupTold': return groupTold(change, command.value);
    case 'schedule': return schedule(change, command.value);
    case 'deleteScheduled': return deleteScheduled(change, command.value);
    case 'sendScheduled': return sendScheduled(change, command.value);
    case 'expire': return expire(change, command.value);
    case 'setDefaultTtl': return setDefaultTtl(change, command.value);
    case 'setNotifySettings': return setNotifySettings(change, command.value);
    case 'resetNotifySettings': return resetNotifySettings(change);
    case 'setFolders': return setFolders(change, command.value);
    case 'wakeChannels': return wakeChannels(change, command.value);
    case 'setDialogFilter': return setDialogFilter(change, command.value);
    case 'orderDialogFilters': return orderDialogFilters(change, command.value);
    case 'setDialogFilterTags': return setDialogFilterTags(change, command.value);
    case 'setChatlist': return setChatlist(change, command.value);
    case 'hideBar': return hideBar(change, command.value);
    case 'channelAct': return channelAct(change, command.value);
    case 'channelTold': return channelTold(change, command.value);
    case 'channelMention': return channelMention(change, command.value);
    case 'channelReaction': return channelReaction(change, command.value);
    case 'readChannel': return readChannel(change, command.value);
    case 'readChannelContents': return readChannelContents(change, command.value);
    case 'readThread': return readThread(change, command.value);
    case 'discussPost': return discussPost(change, command.value);
    case 'vote': return vote(change, command.value);
    case 'closePoll': return closePoll(change, command.value);
    case 'pollCopy': return pollCopy(change, command.value);
    case 'endPolls': return endPolls(change, command.value);
    case 'readPollVotes': return readPollVotes(change, command.value);
    case 'moveOut': case 'hold': case 'marker': case 'release': case undefined: throw new Error('a command without a body of its own');
  }
}
