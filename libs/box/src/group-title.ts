import type { DataKey, Keyring } from '@heliograph/crypto/keyring';
import { dialogScope, sealedIn, type DialogSeal } from './dialog-key';
import { openText, sealText } from './short-text';

/** The key that `dc` seals under what its users write in a basic group or a channel, by its box: content, title and about alike. */
export async function groupSeal(keyring: Keyring, dc: number, box: number): Promise<DialogSeal> {
  return { key: await keyring.dataKey(groupScope(box, dc)), dc };
}

/** Scope of the key that `dc` seals under in a basic group or a channel. */
export function groupScope(box: number, dc: number): string {
  if (box >= 0) throw new RangeError('no box of a group');
  return dialogScope(box, 0, dc);
}

/** Title of a group or a channel, or of one of its invite links, as commands carry it. */
export const sealTitle = (seal: DialogSeal, box: number, title: string): Uint8Array => sealText(seal, placeOf(box, 'title'), title);

/** About text, likewise. */
export const sealAbout = (seal: DialogSeal, box: number, about: string): Uint8Array => sealText(seal, placeOf(box, 'about'), about);

/** What somebody is called in a group or a channel beside his name. */
export const sealRank = (seal: DialogSeal, box: number, rank: string): Uint8Array => sealText(seal, placeOf(box, 'rank'), rank);

/** A title that was sealed in any DC; empty bytes are the empty title. Throws SealBroken when the bytes were changed or are another group's, and what fetching the key throws. */
export const openTitle = (keyring: Keyring, box: number, sealed: Uint8Array): Promise<string> => open(keyring, box, 'title', sealed);

/** An about text, likewise. */
export const openAbout = (keyring: Keyring, box: number, sealed: Uint8Array): Promise<string> => open(keyring, box, 'about', sealed);

/** That, likewise. */
export const openRank = (keyring: Keyring, box: number, sealed: Uint8Array): Promise<string> => open(keyring, box, 'rank', sealed);

/** The same with the key that sealed it at hand. */
export const openRankWith = (key: DataKey, box: number, sealed: Uint8Array): string => openText(key, placeOf(box, 'rank'), sealed);

/** A title that is put where an about belongs, or into another group, does not open there. */
const placeOf = (box: number, what: 'title' | 'about' | 'rank'): string => `${what}/${dialogScope(box, 0)}`;

async function open(keyring: Keyring, box: number, what: 'title' | 'about' | 'rank', sealed: Uint8Array): Promise<string> {
  return sealed.length === 0 ? '' : openText(await keyring.dataKey(groupScope(box, sealedIn(sealed))), placeOf(box, what), sealed);
}
