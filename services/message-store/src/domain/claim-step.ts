import { holderOfSlice } from '@heliograph/service-kit/slices';

/** A process of the engine, as this one sees it. */
export interface Member {
  readonly replica: number;
  readonly life: string;
  readonly replicas: number;
  readonly leaving: boolean;
  /** Looks of this process since the member's last sign of life; counted in looks, so that no clock and no pause of this process matters. */
  readonly silentLooks: number;
  /** This process has seen it give two signs of life: it is no row that a dead one left. */
  readonly proven: boolean;
}

export interface Claim {
  readonly owner: number | undefined;
  /** Undefined: nobody's. */
  readonly life: string | undefined;
  readonly generation: number;
}

export interface Myself {
  readonly replica: number;
  readonly life: string;
  readonly replicas: number;
  readonly leaving: boolean;
}

/**
 * What to do about one piece of work:
 * - `keep`: it is mine and runs; `begin`: it is mine and doesn't run yet
 * - `give`: it is mine and belongs to another: end in order, then release it
 * - `drop`: it runs here and is another's: stop at once
 * - `claim`: it belongs to me and nobody alive has it; `expect`: somebody alive has it and will release it
 * - `none`
 */
export type ClaimStep = 'keep' | 'begin' | 'give' | 'drop' | 'claim' | 'expect' | 'none';

/** The replica that should work on `number`. Undefined: nobody serves. */
export function designated(number: number, me: Myself, members: readonly Member[], silentLooksMax: number): number | undefined {
  const serving = members.filter((member) => member.proven && !member.leaving && member.silentLooks < silentLooksMax && member.life !== me.life);
  const live = new Set(serving.map((member) => member.replica));
  if (!me.leaving) live.add(me.replica);
  const replicas = Math.max(me.replicas, ...serving.map((member) => member.replicas));
  return holderOfSlice(number, [...live].sort((a, b) => a - b), replicas);
}

/**
 * @param running whether this process works on it
 * @param target who should (`designated`)
 * @param looks how often this process has looked so far
 */
export function claimStep({ claim, running, target, me, members, looks, silentLooksMax }: {
  claim: Claim | undefined; running: boolean; target: number | undefined; me: Myself; members: readonly Member[]; looks: number; silentLooksMax: number;
}): ClaimStep {
  if (claim?.life === me.life) {
    if (target !== me.replica) return 'give';
    return running ? 'keep' : 'begin';
  }
  if (running) return 'drop';
  if (target !== me.replica) return 'none';
  if (claim === undefined || claim.life === undefined) return 'claim';
  const holder = members.find((member) => member.life === claim.life);
  // An earlier process of this number is gone, unless it is seen to live: then two were started by mistake, and the first to claim keeps.
  if (claim.owner === me.replica) return holder?.proven === true && holder.silentLooks < silentLooksMax ? 'expect' : 'claim';
  const silent = holder === undefined ? looks >= silentLooksMax : holder.silentLooks >= silentLooksMax;
  return silent ? 'claim' : 'expect';
}
