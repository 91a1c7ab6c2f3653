import { isAdmin } from '@heliograph/box/channel-rights';
import type { CallerContext, Method } from '@heliograph/client-api/method';
import { badRequest } from '@heliograph/client-api/rpc-error';
import type { AdminEvent } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ChannelAdminLogEvent } from '@heliograph/tl/api';
import { collectPeers } from '@heliograph/tl/peers';
import type { Deps } from '../../deps';
import { kindsOf, passes } from '../../domain/admin-log-filter';
import { ADMIN_LOG_PAGE_EVENTS_MAX, ADMIN_LOG_SEARCHED_EVENTS_MAX, MEMBERS_PAGE_MAX } from '../../limits';
import { renderAdminEvent } from '../../messages/admin-log';
import { isNamedLike } from '../../messages/channel-members';
import type { ChannelReader } from '../../messages/channels';
import { openChannel } from '../../messages/named-channel';

/**
 * What was done in a channel in the last 48 hours, the newest first, for its admins (docs: core.telegram.org/method/channels.getAdminLog): by kinds, by who did it, by
 * words of messages, titles and names. Throws CHAT_ADMIN_REQUIRED.
 */
export const getAdminLog: Method<Deps, 'channels.getAdminLog'> = async (deps, caller, request) => {
  const channel = await openChannel(deps, caller, request.channel);
  if (!isAdmin(channel.record, caller.userId)) throw badRequest('CHAT_ADMIN_REQUIRED');
  const filter = request.events_filter;
  const kinds = filter ? kindsOf(filter) : [];
  const users = (request.admins ?? []).map((input) => deps.peers.user(caller.userId, input));
  const limit = Math.min(Math.max(request.limit, 0), ADMIN_LOG_PAGE_EVENTS_MAX);
  const events: ChannelAdminLogEvent[] = [];
  if (filter && kinds.length === 0) return { _: 'channels.adminLogResults', events, chats: [], users: [] };
  let maxId = request.max_id > 0n ? request.max_id : 0n;
  for (let seen = 0; events.length < limit && seen < ADMIN_LOG_SEARCHED_EVENTS_MAX;) {
    const page = await channel.listAdminLog({ maxId, minId: request.min_id > 0n ? request.min_id : 0n, limit: ADMIN_LOG_PAGE_EVENTS_MAX, kinds, users });
    const last = page.at(-1);
    if (last === undefined) break;
    const passing = page.filter((event) => filter === undefined || passes(filter, event));
    events.push(...(await search(deps, caller, await render(deps, caller, channel, passing), request.q)).slice(0, limit - events.length));
    seen += page.length;
    maxId = last.id;
    if (page.length < ADMIN_LOG_PAGE_EVENTS_MAX) break;
  }
  return { _: 'channels.adminLogResults', events, chats: [], users: [] };
};

async function render(deps: Deps, caller: CallerContext, channel: ChannelReader, events: readonly AdminEvent[]): Promise<ChannelAdminLogEvent[]> {
  const rendered = await Promise.all(events.map(async (event): Promise<ChannelAdminLogEvent[]> => {
    const action = await renderAdminEvent(deps, caller, channel, event);
    return action ? [{ _: 'channelAdminLogEvent', id: event.id, date: event.date, user_id: Number(event.user), action }] : [];
  }));
  return rendered.flat();
}

/** Those that hold the text, or are of people who are called so. */
async function search(deps: Deps, caller: CallerContext, events: ChannelAdminLogEvent[], query: string): Promise<ChannelAdminLogEvent[]> {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return events;
  const people = new Set<number>();
  for (const event of events) collectPeers(event, (kind, id) => void (kind === 'user' && people.add(id)));
  const { users } = await deps.users.getViews({ viewerId: BigInt(caller.userId), userIds: [...people].slice(0, MEMBERS_PAGE_MAX).map(BigInt) });
  const named = new Set(users.filter(isNamedLike(wanted)).map(({ id }) => Number(id)));
  return events.filter((event) => {
    let found = named.has(event.user_id);
    collectPeers(event.action, (kind, id) => void (found ||= kind === 'user' && named.has(id)));
    return found || textsOf(event.action).some((text) => text.toLowerCase().includes(wanted));
  });
}

/** What people wrote in it. */
function textsOf(action: object): string[] {
  return Object.values(action).flatMap((value: unknown) => {
    if (typeof value === 'object' && value !== null) return 'message' in value && typeof value.message === 'string' ? [value.message] : [];
    return typeof value === 'string' ? [value] : [];
  });
}
