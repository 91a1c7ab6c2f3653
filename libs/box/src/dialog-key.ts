import type { DataKey, Keyring } from '@heliograph/crypto/keyring';
import { channelOfBox, homeDcOf, isChannelBox } from './box-id';

/** Lives in every DC. */
const SERVICE_ACCOUNT = 777_000;
/** First byte of content that was sealed in one of several DCs: this and the DC. Other content begins with its key's version, which is below. */
const SEALED_IN_DC = 0x80;

/**
 * Scope of a data key of a dialog between `a` and `b`. Of a private chat of one DC there is one, which both sides and their copies share (`dc` 0); Saved
 * Messages: twice the same user. Between DCs each DC seals what its side writes under a key of its own, and the other side's DC holds a
 * copy of it: nobody waits for another DC to write (docs/adr/0010-data-centers.md). So it is in a basic group and a channel (one of the two is its box, below zero),
 * wherever its members are: any DC may hold a copy (docs/adr/0013-groups-and-channels.md).
 */
export function dialogScope(a: number, b: number, dc = 0): string {
  const group = Math.min(a, b);
  if (group < 0) {
    const scope = isChannelBox(group) ? `channel:${channelOfBox(group)}` : `group:${-group}`;
    return dc === 0 ? scope : `${scope}:${dc}`;
  }
  const pair = a < b ? `dialog:${a}:${b}` : `dialog:${b}:${a}`;
  return dc === 0 ? pair : `${pair}:${dc}`;
}

/** Associated data of a message's content: sealed bytes that are moved to another dialog do not open there. */
export function contentPlace(a: number, b: number): string {
  return `message/${dialogScope(a, b)}`;
}

/** The key that one DC seals a dialog's content under. */
export interface DialogSeal {
  readonly key: DataKey;
  /** The DC, where the dialog is between DCs or of a group; else 0. */
  readonly dc: number;
}

/** Which of a dialog's keys are asked for when `dc` seals: 0 where both sides belong to it. Of a group always its own: members may be of any DC. */
export function sealingDc(dc: number, a: number, b: number): number {
  if (a < 0 || b < 0) return dc;
  return belongs(a, dc) && belongs(b, dc) ? 0 : dc;
}

/**
 * Every DC whose key may have sealed content of the private chat as `dc` holds it (0: the key without a DC). `received`: whether anything
 * came from the other side; without that its DC has sealed nothing, and is not to be asked for its key.
 */
export function sealingsOf(dc: number, box: number, peer: number, received: boolean): number[] {
  const found = new Set([sealingDc(dc, box, peer)]);
  const homes = [box, peer].filter((user) => user !== SERVICE_ACCOUNT).map(homeDcOf);
  if (homes.every((home) => home === homes[0])) found.add(0);
  if (!found.has(0) || found.size > 1) for (const [index, home] of homes.entries()) if (index === 0 || received) found.add(home);
  return [...found];
}

/**
 * Every key that may have sealed content of a dialog whose users may have lived anywhere, or of a group: that which `dc` seals under, and those of all
 * DCs that are here. A key is here before what it sealed (ADR 0011).
 */
export async function keysHere(keyring: Keyring, dc: number, dcs: readonly number[], a: number, b: number): Promise<DataKey[]> {
  if (a < 0 || b < 0) return (await Promise.all(dcs.map((each) => keyring.findDataKey(dialogScope(a, b, each))))).filter((key) => key !== undefined);
  const own = sealingDc(dc, a, b);
  const keys = await Promise.all([0, ...dcs].map((each) => (each === own ? keyring.dataKey(dialogScope(a, b, own)) : keyring.findDataKey(dialogScope(a, b, each)))));
  return keys.filter((key) => key !== undefined);
}

const belongs = (user: number, dc: number): boolean => homeDcOf(user) === dc || user === SERVICE_ACCOUNT;

/** The key that this DC seals under what goes between `a` and `b`, one of which may be a group's box. */
export async function dialogSeal(keyring: Keyring, dc: number, a: number, b: number): Promise<DialogSeal> {
  const sealing = sealingDc(dc, a, b);
  return { key: await keyring.dataKey(dialogScope(a, b, sealing)), dc: sealing };
}

/** Sealed bytes with the mark of the DC that sealed them. */
export function markSealed(sealed: Uint8Array, dc: number): Uint8Array {
  if (dc === 0) return sealed;
  const marked = new Uint8Array(sealed.length + 1);
  marked[0] = SEALED_IN_DC + dc;
  marked.set(sealed, 1);
  return marked;
}

/** Sealed bytes without that mark. */
export const withoutMark = (sealed: Uint8Array): Uint8Array => (sealedIn(sealed) === 0 ? sealed : sealed.subarray(1));

/** The DC that marked some sealed content; 0: it has no mark, the dialog has one key. */
export function sealedIn(sealed: Uint8Array): number {
  const first = sealed[0] ?? 0;
  return first >= SEALED_IN_DC ? first - SEALED_IN_DC : 0;
}

/** What names its keys: a message, as far as its sealed bytes and its dialog go. */
export interface Sealed {
  readonly peer: bigint;
  readonly content?: { readonly sealed: Uint8Array } | undefined;
  readonly reactions?: readonly { readonly sealed: Uint8Array }[];
  readonly reactionTally?: { readonly counts: readonly { readonly sealed: Uint8Array }[] } | undefined;
  readonly uid?: { readonly box: bigint } | undefined;
  /** What its author is called. */
  readonly rankSealed?: Uint8Array;
}

/** The box of the broadcast that a message of a discussion group was copied from; 0: none. The content is sealed as the broadcast's (ADR 0013). */
export function copiedFrom({ peer, uid }: Pick<Sealed, 'peer' | 'uid'>): number {
  return uid !== undefined && uid.box !== peer && isChannelBox(Number(uid.box)) ? Number(uid.box) : 0;
}

/** The peer that names the key of a message's content. */
const sealedFor = (message: Pick<Sealed, 'peer' | 'uid'>): bigint => BigInt(copiedFrom(message)) || message.peer;

/** The data keys that some messages of one box open with. */
export class DialogKeys {
  private readonly keys = new Map<number, DataKey>();

  /** Fetches what these take; may be called again. */
  async fetch(keyring: Keyring, box: number, messages: Iterable<Sealed>): Promise<this> {
    for (const message of messages) {
      const { peer, content, reactions, reactionTally, rankSealed } = message;
      const dc = content ? sealedIn(content.sealed) : 0;
      const sealed = sealedFor(message);
      if (this.lacks(box, sealed, dc)) await this.add(keyring, box, sealed, dc);
      if (rankSealed !== undefined && this.lacks(box, peer, sealedIn(rankSealed))) await this.add(keyring, box, peer, sealedIn(rankSealed));
      for (const given of [reactions, reactionTally?.counts]) {
        for (const { sealed } of given ?? []) if (this.lacks(box, peer, sealedIn(sealed))) await this.add(keyring, box, peer, sealedIn(sealed));
      }
    }
    return this;
  }

  /** What is sealed in a group has a mark; a message that is gone has neither content nor key. */
  private lacks(box: number, peer: bigint, dc: number): boolean {
    return (dc !== 0 || (peer > 0n && box > 0)) && !this.keys.has(nameOf(peer, dc));
  }

  private async add(keyring: Keyring, box: number, peer: bigint, dc: number): Promise<void> {
    // A channel has keys of its own, whichever box has its messages.
    this.keys.set(nameOf(peer, dc), await keyring.dataKey(dialogScope(isChannelBox(Number(peer)) ? 0 : box, Number(peer), dc)));
  }

  /** The key of a message's content. Throws when it was not fetched. */
  ofContent(message: Pick<Sealed, 'peer' | 'uid'>, sealed: Uint8Array): DataKey {
    return this.of(sealedFor(message), sealed);
  }

  /** Throws when the message's key was not fetched. */
  of(peer: bigint, sealed: Uint8Array): DataKey {
    const key = this.keys.get(nameOf(peer, sealedIn(sealed)));
    if (!key) throw new Error('the key of an opened dialog was not fetched');
    return key;
  }
}

/** Boxes are below 2^41 on either side of 0 and DCs below 32, so this is exact. */
const nameOf = (peer: bigint, dc: number): number => Number(peer) * 32 + dc;

/** The keys of some messages of one box. */
export const dialogKeys = (keyring: Keyring, box: number, messages: Iterable<Sealed>): Promise<DialogKeys> => new DialogKeys().fetch(keyring, box, messages);

/** Scope and associated data of what only one user may see of a dialog: the draft. */
export const draftScope = (box: number): string => `user:${box}`;
export const draftPlace = (box: number, peer: number): string => `draft/user:${box}/${peer}`;
