import { type MessageInitShape } from '@bufbuild/protobuf';
import { isChannelBox } from '@heliograph/box/box-id';
import { decode } from '@heliograph/protos/codec';
import { AdminEventSchema, type AdminEvent } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { ListAdminLogRequest, ListAdminLogResponseSchema } from '@heliograph/protos/heliograph/messagestore/v1/channel_box_pb';
import { CallError } from '@heliograph/service-kit/call-error';
import type { Clock } from '@heliograph/service-kit/kit';
import type { Storage } from '@heliograph/storage/storage';
import { ADMIN_LOG_PAGE_EVENTS_MAX, ADMIN_LOG_READ_ROWS } from '../../limits';
import { ADMIN_LOG_KEPT_SECONDS, boxAdminLog, spanOf } from '../../tables/box-admin-log';

type Request = Pick<ListAdminLogRequest, 'channel' | 'maxId' | 'minId' | 'limit' | 'kinds' | 'users'>;

/** What was done in a channel in the last 48 hours, the newest first: those events that are asked for. Throws INVALID_ARGUMENT. */
export async function listAdminLog(deps: { readonly storage: Pick<Storage, 'range'>; readonly clock: Pick<Clock, 'now'> }, request: Request): Promise<MessageInitShape<typeof ListAdminLogResponseSchema>> {
  const box = Number(request.channel);
  if (!isChannelBox(box) || request.limit <= 0) throw new CallError('INVALID_ARGUMENT', 'the log of which channel, and how much of it');
  const limit = Math.min(request.limit, ADMIN_LOG_PAGE_EVENTS_MAX);
  const now = Math.floor(deps.clock.now() / 1000);
  const oldest = now - ADMIN_LOG_KEPT_SECONDS;
  const kinds = new Set(request.kinds);
  const users = new Set(request.users);
  const wanted = (event: AdminEvent): boolean => event.date > oldest && (kinds.size === 0 || kinds.has(event.kind)) && (users.size === 0 || users.has(event.user));
  const events: AdminEvent[] = [];
  for (let span = spanOf(now) + 1; span >= spanOf(oldest) && events.length < limit; span -= 1) {
    for (let below = request.maxId; events.length < limit;) {
      const rows = await deps.storage.range(boxAdminLog, { box, span }, { ...(below > 0n ? { from: { id: below }, fromExclusive: true } : {}), to: { id: request.minId }, toExclusive: true, limit: ADMIN_LOG_READ_ROWS });
      for (const { v } of rows) {
        const event = v && decode(AdminEventSchema, v);
        if (event && wanted(event) && events.length < limit) events.push(event);
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < ADMIN_LOG_READ_ROWS) break;
      below = last.id;
    }
  }
  return { events };
}
