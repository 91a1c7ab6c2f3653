import type { DataKey } from '@heliograph/crypto/keyring';
import type { DialogFilterRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { HeliographDialogFilter, TypeDialogFilter } from '@heliograph/tl/api';
import { readObject } from '@heliograph/tl/reader';
import { writeObject } from '@heliograph/tl/writer';

const place = (box: number, id: number): string => `filter/user:${box}/${id}`;

/** A filter ("folder") of a user as commands carry it, sealed under the owner's user key. */
export function sealFilter(key: DataKey, box: number, id: number, filter: TypeDialogFilter): Uint8Array {
  const stored: HeliographDialogFilter = { _: 'heliograph.dialogFilter', filter };
  return key.seal(writeObject(stored, 'newest'), place(box, id));
}

/** A filter as its owner is shown it. Throws SealBroken when the bytes were changed or are another filter's. */
export function openFilter(key: DataKey, box: number, { id, sealed, shared }: Pick<DialogFilterRecord, 'id' | 'sealed' | 'shared'>): TypeDialogFilter {
  const { filter } = readObject(key.open(sealed, place(box, id)), 'heliograph.DialogFilter') as HeliographDialogFilter;
  return filter._ === 'dialogFilterChatlist' && shared ? { ...filter, has_my_invites: true } : filter;
}
