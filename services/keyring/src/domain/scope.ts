/** Users that have a box in every DC (the service account) have their home wherever the other side is. */
const EVERYWHERE: ReadonlySet<number> = new Set([777000]);
const DC_MODULUS = 32;
const USER_ID_MAX = 2 ** 40 - 1;

/** Facts that every DC must read alike, and the keys and secrets for them. */
const SHARED_SCOPE = 'directory';
const SHARED_PURPOSE = /^(directory$|directory-|phone-index$)/;

export type ScopeKind = 'dialog' | 'user' | 'auth-keys' | 'directory';

export interface Scope {
  kind: ScopeKind;
  /** The DC whose agent makes the key. */
  home: number;
  /** Other DCs that keep a copy of it. */
  copies: number[];
}

export interface Place {
  /** This DC. */
  dc: number;
  /** All DCs, rising. */
  dcs: readonly number[];
}

/**
 * What a scope stands for, seen from `place.dc`; undefined if it is none (libs/crypto keyring.ts lists them). The key of a private
 * chat is made where its lower user lives; the keys of the directory in the lowest DC.
 */
export function parseScope(scope: string, place: Place): Scope | undefined {
  if (scope === 'auth-keys') return { kind: 'auth-keys', home: place.dc, copies: [] };
  if (scope === SHARED_SCOPE) {
    const home = place.dcs[0] as number;
    return { kind: 'directory', home, copies: place.dcs.filter((dc) => dc !== home) };
  }
  const [kind, low, high, more] = scope.split(':');
  if (more !== undefined) return undefined;
  const first = userId(low);
  if (first === undefined) return undefined;
  if (kind === 'user' && high === undefined) return { kind: 'user', home: homeOf(first, place), copies: [] };
  const second = userId(high);
  if (kind !== 'dialog' || second === undefined || first > second) return undefined;
  const home = EVERYWHERE.has(first) ? homeOf(second, place) : homeOf(first, place);
  const other = EVERYWHERE.has(second) ? home : homeOf(second, place);
  return { kind: 'dialog', home, copies: other === home ? [] : [other] };
}

/** The DC whose agent derives the secret of that purpose. */
export function secretHome(purpose: string, place: Place): number {
  return SHARED_PURPOSE.test(purpose) ? place.dcs[0] as number : place.dc;
}

function userId(text: string | undefined): number | undefined {
  if (text === undefined || !/^[1-9]\d{0,12}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= USER_ID_MAX ? id : undefined;
}

const homeOf = (id: number, place: Place): number => (EVERYWHERE.has(id) ? place.dc : id % DC_MODULUS);
