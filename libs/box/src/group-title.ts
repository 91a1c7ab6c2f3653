import type { Keyring } from '@heliograph/crypto/keyring';
import { dialogScope, markSealed, sealedIn, withoutMark, type DialogSeal } from './dialog-key';

const TEXT = new TextEncoder();

/** The key that `dc` seals under what its users write in a basic group: content, title and about alike. */
export async function groupSeal(keyring: Keyring, dc: number, chatId: number): Promise<DialogSeal> {
  return { key: await keyring.dataKey(groupScope(chatId, dc)), dc };
}

/** Scope of the key that `dc` seals under in a basic group. */
export const groupScope = (chatId: number, dc: number): string => dialogScope(-chatId, 0, dc);

/** Title of a basic group, or of one of its invite links, as commands carry it. */
export const sealTitle = (seal: DialogSeal, chatId: number, title: string): Uint8Array => sealText(seal, titlePlace(chatId), title);

/** About text of a basic group as commands carry it. */
export const sealAbout = (seal: DialogSeal, chatId: number, about: string): Uint8Array => sealText(seal, aboutPlace(chatId), about);

/** A title that was sealed in any DC; empty bytes are the empty title. Throws SealBroken when the bytes were changed or are another group's, and what fetching the key throws. */
export const openTitle = (keyring: Keyring, chatId: number, sealed: Uint8Array): Promise<string> => openText(keyring, chatId, titlePlace(chatId), sealed);

/** An about text, likewise. */
export const openAbout = (keyring: Keyring, chatId: number, sealed: Uint8Array): Promise<string> => openText(keyring, chatId, aboutPlace(chatId), sealed);

// A title that is put where an about belongs does not open there.
const titlePlace = (chatId: number): string => `title/group:${chatId}`;
const aboutPlace = (chatId: number): string => `about/group:${chatId}`;

function sealText({ key, dc }: DialogSeal, place: string, text: string): Uint8Array {
  return text === '' ? new Uint8Array(0) : markSealed(key.seal(TEXT.encode(text), place), dc);
}

async function openText(keyring: Keyring, chatId: number, place: string, sealed: Uint8Array): Promise<string> {
  if (sealed.length === 0) return '';
  const key = await keyring.dataKey(groupScope(chatId, sealedIn(sealed)));
  return Buffer.from(key.open(withoutMark(sealed), place)).toString();
}
