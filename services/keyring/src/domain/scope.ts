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
 * What a scope stands for, seen from `place.dc`; undefined if it is none (libs/crypto keyring.ts lists them). A key of a private chat
 * is made by the DC that its scope names, one of those that its users live in; without a DC, where its lower user lives; the keys of the
 * directory in the lowest DC.
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
  if (kind === 'user' && high === undefined && sealing === undefined) return { kind: 'user', home: homeOf(first, place), copies: [] };
  const second = userId(high);
  if (kind !== 'dialog' || second === undefined || first > second) return undefined;
  const lower = EVERYWHERE.has(first) ? homeOf(second, place) : homeOf(first, place);
  const upper = EVERYWHERE.has(second) ? lower : homeOf(second, place);
  if (sealing !== undefined && !/^[1-9]\d?$/.test(sealing)) return undefined;
  const home = sealing === undefined ? lower : Number(sealing);
  if (home !== lower && home !== upper) return undefined;
  return { kind: 'dialog', home, copies: [...new Set([lower, upper])].filter((dc) => dc !== home) };
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
