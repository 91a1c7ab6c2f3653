// A second system with people of its own, for faults after which a system is thrown away.
import { Crowd } from './people/crowd.mjs';
import { startEmbedded } from './target-embedded.mjs';

const LINK_PORT = 19_860;

/**
 * Runs `task` with a system in `folder` and `perDc` people in each DC; ends both, whatever happens.
 * @param {{random: object, log: (line: string) => void}} context of the fault
 * @param {{folder: string, perDc?: number, dcs?: number}} options
 * @param {(own: {target: object, crowd: object}) => Promise<T>} task
 * @returns {Promise<T>}
 * @template T
 */
export async function withOwnSystem({ random, log }, { folder, perDc = 2, dcs = 1 }, task) {
  const target = await startEmbedded({ folder, dcs, random: random.fork('own system'), firstPort: LINK_PORT });
  const crowd = new Crowd({ dcs: target.dcs, perDc, watching: [], random: random.fork('own crowd') });
  try {
    await crowd.gather();
    log(`a system of its own with ${crowd.people.length} people`);
    return await task({ target, crowd });
  } finally {
    await crowd.close();
    // It may have ended by itself: that is what some faults are for.
    await target.stop().catch(() => {});
  }
}
