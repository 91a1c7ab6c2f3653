import type { DialogFilter } from '@heliograph/tl/api';
import { DIALOG_FILTER_PEERS_MAX } from '../limits';
import { checkFilter, suggestFilters } from './dialog-filter';

const filter = (changes: Partial<DialogFilter>): DialogFilter => ({ _: 'dialogFilter', id: 2, title: { _: 'textWithEntities', text: 'Work', entities: [] }, pinned_peers: [], include_peers: [], exclude_peers: [], groups: true, ...changes });
const titled = (text: string): Partial<DialogFilter> => ({ title: { _: 'textWithEntities', text, entities: [] } });
const self = { _: 'inputPeerSelf' } as const;

test.each<[string, Partial<DialogFilter>]>([
  ['FILTER_TITLE_EMPTY', titled('  ')],
  ['INPUT_FILTER_INVALID', titled('thirteen long')],
  ['INPUT_FILTER_INVALID', { emoticon: 'x'.repeat(17) }],
  ['INPUT_FILTER_INVALID', { color: 7 }],
  ['FILTER_INCLUDE_EMPTY', { groups: undefined, exclude_read: true, exclude_peers: [self] }],
  ['FILTER_INCLUDE_TOO_MUCH', { include_peers: Array.from({ length: 2 * DIALOG_FILTER_PEERS_MAX + 1 }, () => self) }],
])('%s', (error, changes) => {
  expect(() => checkFilter(filter(changes))).toThrow(error);
});

test.each<Partial<DialogFilter>>([{}, { groups: undefined, include_peers: [self] }, { groups: undefined, pinned_peers: [self] }, titled('👩‍👩‍👧 x')])('takes %j', (changes) => {
  expect(() => checkFilter(filter(changes))).not.toThrow();
});

test('suggests what one does not have', () => {
  const titles = (own: DialogFilter[]): unknown[] => suggestFilters(own).map(({ filter: suggested }) => suggested._ === 'dialogFilter' && suggested.title.text);
  expect(titles([])).toEqual(['Unread', 'Personal']);
  expect(titles([filter({ groups: undefined, contacts: true, non_contacts: true, ...titled('Mine') })])).toEqual(['Unread']);
});
