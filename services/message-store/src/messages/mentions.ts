import { isCallError } from '@heliograph/service-kit/call-error';
import type { TypeMessageEntity } from '@heliograph/tl/api';
import type { Deps } from '../deps';
import { MENTIONS_MAX } from '../engine/limits';

/** Users whom a text in a group or a channel names, by id or by public name; MENTIONS_MAX at the most. In private chats nobody is mentioned. */
export async function findMentions(deps: Pick<Deps, 'users'>, peer: number, text: string, entities: readonly TypeMessageEntity[] = []): Promise<number[]> {
  if (peer > 0) return [];
  const mentioned = new Set<number>();
  const names = new Set<string>();
  for (const entity of entities) {
    if (mentioned.size + names.size >= MENTIONS_MAX) break;
    if (entity._ === 'messageEntityMentionName') mentioned.add(entity.user_id);
    // Without the @.
    if (entity._ === 'messageEntityMention') names.add(text.slice(entity.offset + 1, entity.offset + entity.length).toLowerCase());
  }
  if (names.size > 0) for (const id of await findByNames(deps, [...names])) if (id !== 0n) mentioned.add(Number(id));
  return [...mentioned];
}

async function findByNames(deps: Pick<Deps, 'users'>, usernames: string[]): Promise<readonly bigint[]> {
  try {
    return (await deps.users.findByUsernames({ usernames })).userIds;
  } catch (error) {
    // A users service of the release before tells nobody's name.
    if (isCallError(error, 'UNIMPLEMENTED')) return [];
    throw error;
  }
}
