import { isChannelBox } from '@heliograph/box/box-id';
import { postRefusal } from '@heliograph/box/channel-rights';
import type { ChannelAct } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../../change';
import { setAdmin } from './admins';
import { setBanned } from './bans';
import { Channel } from './channel';
import { createChannel } from './create';
import { clearForOneself, deleteChannelHistory, deleteParticipant, deletePosts } from './deletions';
import { answerRequests, forgetInvites, setInvite } from './invites';
import { invite, join, joinListed, leave } from './members';
import { editPost, pinPost, post, setSendAs, unpinAllPosts } from './posts';
import { closeInChannel, voteInChannel } from './polls';
import { deleteReactions, reactToPost, setReactions } from './reactions';
import { setRank } from './ranks';
import { readPosts } from './read';
import { destroy, setAbout, setDefaultRights, setSettings, setTitle, setUsername } from './settings';
import { succeed } from './succession';

/**
 * What somebody asked of a channel, decided by the channel as it is at this command: no change of members or rights overtakes it, and whoever applies
 * it decides alike (ADR 0013).
 */
export function* channelAct(change: Change, body: ChannelAct): Effect {
  const actor = Number(body.actor);
  if (!isChannelBox(change.box) || actor <= 0) return change.refuse('CHANNEL_INVALID');
  const channel = new Channel(change, actor);
  yield* channel.load([actor]);
  yield* decide(channel, body);
  channel.finish();
}

function* decide(channel: Channel, { act, notice }: ChannelAct): Effect {
  const { change, actor } = channel;
  if (act.case === 'create') return yield* createChannel(channel, act.value, notice);
  if (!channel.exists) return change.refuse('CHANNEL_INVALID');
  if (act.case === 'succeed') return succeed(channel, act.value, notice);
  if (channel.record.destroyed) return change.refuse('CHANNEL_PRIVATE');
  if (act.case === 'join') return join(channel, act.value, notice);
  if (act.case === 'joinListed') return yield* joinListed(channel, act.value, notice);
  if (!channel.isPresent(actor)) {
    const refusal = strangerRefusal(channel, act.case);
    if (refusal !== undefined) return change.refuse(refusal);
  }
  switch (act.case) {
    case 'post': return yield* post(channel, act.value);
    case 'edit': return yield* editPost(channel, act.value);
    case 'delete': return yield* deletePosts(channel, act.value);
    case 'pin': return yield* pinPost(channel, act.value, notice);
    case 'unpinAll': return unpinAllPosts(channel);
    case 'read': return readPosts(channel, act.value);
    case 'leave': return leave(channel, act.value, notice);
    case 'invite': return yield* invite(channel, act.value, notice);
    case 'setBanned': return yield* setBanned(channel, act.value, notice);
    case 'setAdmin': return yield* setAdmin(channel, act.value);
    case 'setTitle': return setTitle(channel, act.value, notice);
    case 'setAbout': return setAbout(channel, act.value);
    case 'setDefaultRights': return setDefaultRights(channel, act.value);
    case 'setInvite': return setInvite(channel, act.value);
    case 'forgetInvites': return forgetInvites(channel, act.value);
    case 'setSettings': return setSettings(channel, act.value, notice);
    case 'setUsername': return setUsername(channel, act.value);
    case 'answerRequests': return yield* answerRequests(channel, act.value, notice);
    case 'destroy': return destroy(channel);
    case 'deleteParticipant': return yield* deleteParticipant(channel, act.value);
    case 'deleteHistory': return yield* deleteChannelHistory(channel, act.value);
    case 'react': return yield* reactToPost(channel, act.value);
    case 'setReactions': return setReactions(channel, act.value);
    case 'deleteReactions': return yield* deleteReactions(channel, act.value);
    case 'clearHistory': return clearForOneself(channel, act.value);
    case 'vote': return yield* voteInChannel(channel, act.value);
    case 'closePoll': return yield* closeInChannel(channel, act.value);
    case 'setSendAs': return yield* setSendAs(channel, act.value);
    case 'setRank': return yield* setRank(channel, act.value);
    case undefined: return change.refuse('METHOD_INVALID');
  }
}

/** Why somebody who is no member may not ask for this; undefined: perhaps he may. */
function strangerRefusal(channel: Channel, act: ChannelAct['act']['case']): string | undefined {
  const { change, record, actor } = channel;
  if (act === 'leave') return 'USER_NOT_PARTICIPANT';
  // Whoever may read may vote.
  if (act === 'vote') return undefined;
  // The group of a channel's discussions takes posts of strangers, if it says so.
  const refusal = postRefusal(record, channel.member(actor), actor, change.date, 0);
  if (act === 'post' || act === 'edit' || act === 'delete' || act === 'react' || act === 'setSendAs') return refusal;
  return refusal === 'CHANNEL_PRIVATE' ? refusal : 'CHAT_ADMIN_REQUIRED';
}
