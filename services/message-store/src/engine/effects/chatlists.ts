import type { Chatlist, ChatlistInvite, DialogFilterRecord, SetChatlist } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { Change, Effect } from '../change';
import { CHATLIST_INVITES_MAX, CHATLISTS_MAX } from '../limits';
import { filtersOf, isFull, withFilter } from './dialog-filters';
import { editSettings } from './settings';

/** Says that a filter is not what a change of it was made from; whoever asked looks again. */
export const FILTER_OUTDATED = 'FILTER_OUTDATED';

const OWN: Chatlist = { $typeName: 'heliograph.box.v1.Chatlist', invites: [], joined: new Uint8Array(0) };

/**
 * Shares a filter, or makes one of what somebody else shares, or changes one of either kind. Refuses FILTER_ID_INVALID (there is none), FILTER_NOT_SUPPORTED (it is not
 * shared), DIALOG_FILTERS_TOO_MUCH, CHATLISTS_TOO_MUCH, INVITES_TOO_MUCH, INVITE_SLUG_EXPIRED (no such link to change or end), FILTER_OUTDATED.
 */
export function* setChatlist(change: Change, body: SetChatlist): Effect {
  const filters = filtersOf(change);
  const before = filters.find(({ id }) => id === body.id);
  const refusal = refusalOf(filters, before, body);
  if (refusal !== undefined) return change.refuse(refusal);
  const chatlist = before?.chatlist ?? OWN;
  const invites = withInvite(chatlist.invites, body);
  if (typeof invites === 'string') return change.refuse(invites);
  const made: DialogFilterRecord = {
    $typeName: 'heliograph.box.v1.DialogFilterRecord', id: body.id, sealed: body.sealed.length > 0 ? body.sealed : before?.sealed ?? body.sealed, shared: invites.length > 0,
    chatlist: { ...chatlist, invites, joined: body.joined.length > 0 ? body.joined : chatlist.joined },
  };
  editSettings(change, () => ({ filters: withFilter(filters, made) }));
  if (made.sealed !== before?.sealed || made.shared !== before.shared) change.announce({ case: 'dialogFilter', value: { ...made, chatlist: undefined } });
}

function refusalOf(filters: readonly DialogFilterRecord[], before: DialogFilterRecord | undefined, { id, base, sealed, joined, invite }: SetChatlist): string | undefined {
  if (id === 0) return 'FILTER_ID_INVALID';
  if (base !== undefined && Buffer.compare(base, before?.sealed ?? OWN.joined) !== 0) return FILTER_OUTDATED;
  if (before === undefined && joined.length === 0) return 'FILTER_ID_INVALID';
  if (before === undefined && isFull(filters)) return 'DIALOG_FILTERS_TOO_MUCH';
  if (before?.chatlist !== undefined) return undefined;
  // Only as a list of chats can it be shared.
  if (sealed.length === 0 || (invite === undefined && joined.length === 0)) return 'FILTER_NOT_SUPPORTED';
  return filters.filter(({ chatlist }) => chatlist !== undefined).length >= CHATLISTS_MAX ? 'CHATLISTS_TOO_MUCH' : undefined;
}

/** The links with one made, changed or ended; or why not. */
function withInvite(invites: readonly ChatlistInvite[], { invite, endedInvite }: Pick<SetChatlist, 'invite' | 'endedInvite'>): ChatlistInvite[] | string {
  if (endedInvite !== 0) {
    if (!invites.some(({ nonce }) => nonce === endedInvite)) return 'INVITE_SLUG_EXPIRED';
    return invites.flatMap((each) => (each.nonce === endedInvite ? invite ?? [] : each));
  }
  if (invite === undefined) return [...invites];
  return invites.length >= CHATLIST_INVITES_MAX ? 'INVITES_TOO_MUCH' : [...invites, invite];
}
