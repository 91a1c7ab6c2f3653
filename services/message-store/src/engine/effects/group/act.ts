import { BANNED } from '@heliograph/box/group-rights';
import type { Content, GroupAct, GroupRecord, GroupSetAbout, GroupSetDefaultRights, GroupSetSettings, GroupSetTitle } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../../change';
import { destroyGroup } from './destroy';
import { Group } from './group';
import { answerRequests, forgetInvites, joinGroup, setInvite } from './invites';
import { migrate } from './migrate';
import { addMember, createGroup, removeMember, setAdmin, setRank } from './members';
import { addPost, deletePosts, editPost, pinPost, post, readPosts, unpinAllPosts } from './posts';
import { closePost, voteInPost } from './polls';
import { deleteReaction, reactToPost, setReactions } from './reactions';
import { isAdmin, isCreator, mayAct } from './rights';

/** What those who aren't in the group are told, by what they ask. */
const STRANGERS_TOLD: Readonly<Record<string, string>> = { post: 'CHAT_WRITE_FORBIDDEN', react: 'CHAT_WRITE_FORBIDDEN', vote: 'PEER_ID_INVALID', destroy: 'CHAT_ADMIN_REQUIRED' };

/**
 * What somebody asked of a group, decided by the group as it is at this command: no change of members or rights overtakes it, and whoever
 * applies it decides alike (ADR 0013). The actor is the box that derived it.
 */
export function* groupAct(change: Change, body: GroupAct): Effect {
  const actor = Number(change.command.origin?.box ?? 0n);
  if (actor <= 0) throw new Error('an act in a group comes from nobody\'s box');
  const group = new Group(change, actor, body.caller);
  const { act } = body;
  if (act.case === 'create') return createGroup(change, group, act.value, body.notice);
  if (group.record === undefined || isOver(group.record, act.case)) return group.refuse(act.case === 'join' ? 'INVITE_HASH_EXPIRED' : 'CHAT_ID_INVALID');
  if (act.case === 'join') return joinGroup(change, group, act.value, body.notice);
  if (act.case === 'add') return addMember(change, group, act.value, body.notice);
  if (!group.has(actor)) return group.refuse(STRANGERS_TOLD[act.case ?? ''] ?? 'USER_NOT_PARTICIPANT');
  switch (act.case) {
    case 'post': return yield* post(change, group, act.value);
    case 'edit': return yield* editPost(change, group, act.value);
    case 'delete': return yield* deletePosts(change, group, act.value);
    case 'pin': return yield* pinPost(change, group, act.value, body.notice);
    case 'unpinAll': return yield* unpinAllPosts(change, group);
    case 'read': return yield* readPosts(change, group, act.value);
    case 'destroy': return yield* destroyGroup(change, group);
    case 'remove': return removeMember(change, group, act.value, body.notice);
    case 'setTitle': return setTitle(change, group, act.value, body.notice);
    case 'setAbout': return setAbout(group, act.value);
    case 'setAdmin': return setAdmin(change, group, act.value);
    case 'setDefaultRights': return setDefaultRights(group, act.value);
    case 'setInvite': return setInvite(group, act.value);
    case 'forgetInvites': return forgetInvites(group, act.value);
    case 'answerRequests': return answerRequests(change, group, act.value, body.notice);
    case 'setSettings': return setSettings(change, group, act.value, body.notice);
    case 'react': return yield* reactToPost(change, group, act.value);
    case 'setReactions': return setReactions(group, act.value);
    case 'deleteReaction': return yield* deleteReaction(group, act.value);
    case 'migrate': return migrate(change, group, act.value, body.notice);
    case 'vote': return yield* voteInPost(change, group, act.value);
    case 'closePoll': return yield* closePost(change, group, act.value);
    case 'setRank': return setRank(group, act.value);
    case undefined: return group.refuse('METHOD_INVALID');
  }
}

/** Of a group that became a supergroup, what was written can still be read and deleted; one that was ended can only be ended again. */
function isOver({ deactivated, destroyed }: GroupRecord, act: GroupAct['act']['case']): boolean {
  return deactivated && (destroyed ? act !== 'destroy' : act !== 'read' && act !== 'delete');
}

function setTitle(change: Change, group: Group, { titleSealed }: GroupSetTitle, notice: Content | undefined): void {
  if (!mayAct(group, BANNED.change_info)) return group.refuse('CHAT_ADMIN_REQUIRED');
  group.editRecord({ titleSealed });
  addPost(change, group, { content: notice, told: { case: 'other', value: true } }, true);
}

function setAbout(group: Group, { aboutSealed }: GroupSetAbout): void {
  if (!mayAct(group, BANNED.change_info)) return group.refuse('CHAT_ADMIN_REQUIRED');
  group.editRecord({ aboutSealed });
  group.done();
}

function setDefaultRights(group: Group, { banned }: GroupSetDefaultRights): void {
  if (!isAdmin(group, group.actor)) return group.refuse('CHAT_ADMIN_REQUIRED');
  const { record } = group;
  if (record?.defaultBanned === banned) return group.refuse('CHAT_NOT_MODIFIED');
  group.editRecord({ defaultBanned: banned, version: (record?.version ?? 0) + 1 });
  group.tell({ case: 'defaultBanned', value: banned });
}

/** Admins set the period after which messages go, the creator alone whether they may be passed on. */
function setSettings(change: Change, group: Group, body: GroupSetSettings, notice: Content | undefined): void {
  if (!isAdmin(group, group.actor)) return group.refuse('CHAT_ADMIN_REQUIRED');
  if (body.noforwards !== undefined && !isCreator(group, group.actor)) return group.refuse('CHAT_ADMIN_REQUIRED');
  const { record } = group;
  const ttlPeriod = body.ttlPeriod ?? record?.ttlPeriod ?? 0;
  const noforwards = body.noforwards ?? record?.noforwards ?? false;
  if (ttlPeriod === record?.ttlPeriod && noforwards === record.noforwards) return group.refuse('CHAT_NOT_MODIFIED');
  group.editRecord({ ttlPeriod, noforwards });
  if (notice !== undefined) addPost(change, group, { content: notice, told: { case: 'other', value: true } }, true);
  else group.tell({ case: 'other', value: true });
}

