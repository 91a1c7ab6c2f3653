import type { Deps } from './deps';

/**
 * Tells gateways that how these users look, or what they see of others, has changed. Call it after every change of a profile, a username, a
 * contact list or a block list. It resolves when it is published: a caller's next request shows the change.
 */
export async function pushUsersChanged(deps: Pick<Deps, 'fanout' | 'log'>, ...userIds: number[]): Promise<void> {
  await deps.fanout.publish({ pushes: userIds.map((id) => ({ userIds: [], what: { case: 'userChanged' as const, value: BigInt(id) } })) })
    // Views are kept for seconds only: a push that fails delays the change by those.
    .catch((error: unknown) => deps.log.warn({ error: error instanceof Error ? error.name : typeof error }, 'a changed user could not be announced'));
}
