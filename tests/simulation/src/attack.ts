import type { BoxEngine, BoxEngineDeps, BoxReader } from '@heliograph/message-store/engine/contract';
import type { effectOf } from '@heliograph/message-store/engine/effect';
import type { DataCenter, StoreKind } from './data-center';
import type { Random } from './random';
import type { Scheduler } from './scheduler';

export interface AttackContext {
  scheduler: Scheduler;
  random: Random;
  dc: DataCenter;
  /** The process whose engine is made. */
  owner: object;
  /** How many engines were made in this DC before. */
  life: number;
}

/** A defect that is planted on purpose: the simulator must find it. */
export interface Attack {
  /** As box.md lists it. */
  name: string;
  /** Where it shows. */
  kind?: StoreKind;
  dcs?: 1 | 2;
  zombies?: boolean;
  remake?: boolean;
  slowDisk?: boolean;
  /** The topic is made anew under its old epoch. */
  keepEpoch?: boolean;
  /** Records that another process, or this one, appended are taken for the next ones, wherever they stand. */
  blindHands?: boolean;
  deps?(deps: BoxEngineDeps, context: AttackContext): BoxEngineDeps;
  effect?(original: typeof effectOf, context: AttackContext): typeof effectOf;
  read?(engine: BoxEngine, box: number, context: AttackContext): Promise<BoxReader>;
}
