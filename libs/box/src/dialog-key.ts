import type { DataKey, Keyring } from '@heliograph/crypto/keyring';

/** Scope of the data key of a private chat; both sides and their copies share it. Saved Messages: twice the same user. */
export function dialogScope(a: number, b: number): string {
  return a < b ? `dialog:${a}:${b}` : `dialog:${b}:${a}`;
}

/** Associated data of a message's content: sealed bytes that are moved to another dialog do not open there. */
export function contentPlace(a: number, b: number): string {
  return `message/${dialogScope(a, b)}`;
}

/** Scope and associated data of what only one user may see of a dialog: the draft. */
export const draftScope = (box: number): string => `user:${box}`;
export const draftPlace = (box: number, peer: number): string => `draft/user:${box}/${peer}`;

/** The data keys of several dialogs of one box, by peer. */
export async function dialogKeys(keyring: Keyring, box: number, peers: Iterable<number>): Promise<Map<number, DataKey>> {
  const keys = new Map<number, DataKey>();
  for (const peer of new Set(peers)) keys.set(peer, await keyring.dataKey(dialogScope(box, peer)));
  return keys;
}
