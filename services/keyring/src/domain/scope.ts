/** Users that have a box in every DC (the service account) have their home wherever the other side is. */
const EVERYWHERE: ReadonlySet<number> = new Set([777000]);
const DC_MODULUS = 32;
const USER_ID_MAX = 2 ** 40 - 1;

/** Facts that every DC must read alike, and the keys and secrets for them. */
const SHARED_SCOPE = 'directory';
const SHARED_PURPOSE = /^(directory$|directory-|phone-index$)/;

export type ScopeKind = 'dialog' | 'group' | 'channel' | 'user' | 'auth-keys' | 'directory';

export interface Scope {
  kind: ScopeKind;
  /** The DC whose agent makes the key. */
  home: number;
  /** Other DCs that keep a copy of it. */
  copies: number[];
  /** Of a group or a channel: its home DC. What the key sealed reaches other DCs by way of that one, which has the key therefore. */
  through?: number;
}

export interface Place {
  /** This DC. */
  dc: number;
  /** All DCs, rising. */
  dcs: readonly number[];
  /** Where users live that moved: one or, while they are on the way, two DCs. Others live where their id says. */
  homes?: ReadonlyMap<number, readonly number[]>;
}

/**
 * What a scope stands for, seen from `place.dc`; undefined if it is none (libs/crypto keyring.ts lists them). A key of a private chat
 * is made by the DC that its scope names, one of those that its users live in; without a DC, where its lower user lives; one of a basic
 * group or a channel by the DC that its scope names, for all others: members may be of any DC; the keys of the directory in the lowest DC.
 */
export function parseScope(scope: string, place: Place): Scope | undefined {
  if (scope === 'auth-keys') return { kind: 'auth-keys', home: place.dc, copies: [] };
  if (scope === SHARED_SCOPE) {
    const home = place.dcs[0] as number;
    return { kind: 'directory', home, copies: place.dcs.filter((dc) => dc !== home) };
  }
  const [kind, low, high, sealing, more] = scope.split(':');
  if (more !== undefined) return undefined;
  const first = userId(low);
  if (first === undefined) return undefined;
  if (kind === 'user' && high === undefined && sealing === undefined) {
    const [home, ...copies] = homesOf(first, place) as [number, ...number[]];
    return { kind: 'user', home, copies };
  }
  if ((kind === 'group' || kind === 'channel') && high !== undefined && sealing === undefined) {
    const home = dcNumber(high);
    return home === undefined ? undefined : { kind, home, copies: place.dcs.filter((dc) => dc !== home), through: first % DC_MODULUS };
  }
  const second = userId(high);
  if (kind !== 'dialog' || second === undefined || first > second) return undefined;
  if (sealing !== undefined && dcNumber(sealing) === undefined) return undefined;
  const users = [first, second].filter((id) => !EVERYWHERE.has(id));
  const parties = [...new Set(users.flatMap((id) => homesOf(id, place)))];
  // Without a DC it was made where the lower user was made, wherever they live now.
  const home = sealing === undefined ? bornIn(users[0] ?? first, place) : Number(sealing);
  // A chat of somebody who moved may have been sealed wherever they lived.
  if (!parties.includes(home) && !users.some((id) => place.homes?.has(id))) return undefined;
  return { kind: 'dialog', home, copies: parties.filter((dc) => dc !== home) };
}

/** Users that a scope names: whose homes it depends on. */
export function usersOf(scope: string): number[] {
  const [kind, ...ids] = scope.split(':');
  if (kind !== 'user' && kind !== 'dialog') return [];
  return ids.slice(0, kind === 'user' ? 1 : 2).flatMap((text) => {
    const id = userId(text);
    return id === undefined || EVERYWHERE.has(id) ? [] : [id];
  });
}

/** What another DC's agent is asked for instead of `access-hash-of-<dc>` and `invite-links-of-<dc>`: its own. */
const FOREIGN_SECRET = /^(access-hash|invite-links)-of-([1-9]\d?)$/;

/** The DC whose access hashes or invite links a purpose is for, and what it calls its secret; undefined when it is none of those purposes. */
export function foreignSecret(purpose: string): { dc: number; purpose: string } | undefined {
  const found = FOREIGN_SECRET.exec(purpose);
  return found?.[1] === undefined ? undefined : { dc: Number(found[2]), purpose: found[1] };
}

/** The DC whose agent derives the secret of that purpose. */
export function secretHome(purpose: string, place: Place): number {
  return SHARED_PURPOSE.test(purpose) ? place.dcs[0] as number : place.dc;
}

const dcNumber = (text: string): number | undefined => (/^[1-9]\d?$/.test(text) ? Number(text) : undefined);

function userId(text: string | undefined): number | undefined {
  if (text === undefined || !/^[1-9]\d{0,12}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= USER_ID_MAX ? id : undefined;
}

const bornIn = (id: number, place: Place): number => (EVERYWHERE.has(id) ? place.dc : id % DC_MODULUS);
const homesOf = (id: number, place: Place): readonly number[] => place.homes?.get(id) ?? [bornIn(id, place)];
