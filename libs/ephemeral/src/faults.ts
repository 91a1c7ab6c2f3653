import type { Ephemeral } from './ephemeral';
import { EphemeralUnavailable } from './errors';

/** For tests: from now on every call of that store fails as Redis's do while it is gone. Answers what brings it back. */
export function loseEphemeral(store: Ephemeral): () => void {
  const lost = async (): Promise<never> => {
    throw new EphemeralUnavailable('the store is lost');
  };
  const sound = { ...store };
  for (const name of Object.keys(sound) as (keyof Ephemeral)[]) if (name !== 'close') store[name] = lost;
  return () => void Object.assign(store, sound);
}
