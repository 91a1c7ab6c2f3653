import { badRequest } from '@heliograph/client-api/rpc-error';
import type { DialogFilter, DialogFilterChatlist, DialogFilterSuggested, TypeDialogFilter } from '@heliograph/tl/api';
import { DIALOG_FILTER_PEERS_MAX, DIALOG_FILTER_TITLE_CHARACTERS_MAX } from '../limits';

/** Ids that clients may give (docs: core.telegram.org/api/folders); 0 is the list of all chats, 1 the archive. */
export const FILTER_IDS = { first: 2, last: 255 } as const;
/** Colors of a filter's tag. */
const COLOR_LAST = 6;
/** An emoji is short, whatever it is joined of. */
const EMOTICON_CHARACTERS_MAX = 16;

/** Throws FILTER_TITLE_EMPTY, FILTER_INCLUDE_EMPTY (nothing could ever be in it), FILTER_INCLUDE_TOO_MUCH, INPUT_FILTER_INVALID (title, emoticon or color beyond bounds). */
export function checkFilter(filter: DialogFilter | DialogFilterChatlist): void {
  const { pinned_peers, include_peers, emoticon = '', color = 0 } = filter;
  const { contacts, non_contacts, groups, broadcasts, bots, exclude_peers = [] }: Partial<DialogFilter> = filter._ === 'dialogFilter' ? filter : {};
  const title = filter.title.text.trim();
  if (title === '') throw badRequest('FILTER_TITLE_EMPTY');
  if ([...title].length > DIALOG_FILTER_TITLE_CHARACTERS_MAX || emoticon.length > EMOTICON_CHARACTERS_MAX || color < 0 || color > COLOR_LAST) throw badRequest('INPUT_FILTER_INVALID');
  const named = pinned_peers.length + include_peers.length;
  if (!(contacts || non_contacts || groups || broadcasts || bots) && named === 0) throw badRequest('FILTER_INCLUDE_EMPTY');
  // Peers that are named twice come off later; twice as many as may stay are too many in any case.
  if (Math.max(named, exclude_peers.length) > 2 * DIALOG_FILTER_PEERS_MAX) throw badRequest('FILTER_INCLUDE_TOO_MUCH');
}

/** Whether all that is in it is named, as it is in folders that are shared (docs: core.telegram.org/api/folders#shared-folders). */
export function isListOfChats(filter: DialogFilter | DialogFilterChatlist): boolean {
  return filter._ === 'dialogFilterChatlist' || (filter.exclude_peers.length === 0 && KINDS.every((kind) => !filter[kind]));
}

const KINDS = ['contacts', 'non_contacts', 'groups', 'broadcasts', 'bots', 'exclude_muted', 'exclude_read', 'exclude_archived'] as const;
const sameKinds = (a: DialogFilter, b: TypeDialogFilter): boolean => b._ === 'dialogFilter' && b.include_peers.length === 0 && KINDS.every((kind) => (a[kind] ?? false) === (b[kind] ?? false));
const suggestion = (text: string, description: string, kinds: Partial<DialogFilter>): DialogFilterSuggested => ({
  _: 'dialogFilterSuggested',
  filter: { _: 'dialogFilter', id: 0, title: { _: 'textWithEntities', text, entities: [] }, pinned_peers: [], include_peers: [], exclude_peers: [], ...kinds },
  description,
});

/** Folders that many find useful. */
const SUGGESTIONS = [
  suggestion('Unread', 'New messages from all chats.', { contacts: true, non_contacts: true, groups: true, broadcasts: true, bots: true, exclude_read: true }),
  suggestion('Personal', 'Only messages from personal chats.', { contacts: true, non_contacts: true }),
];

/** Those that the owner of these folders doesn't have. */
export function suggestFilters(own: readonly TypeDialogFilter[]): DialogFilterSuggested[] {
  return SUGGESTIONS.filter(({ filter }) => filter._ === 'dialogFilter' && !own.some((one) => sameKinds(filter, one)));
}
