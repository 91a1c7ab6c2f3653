import { answeredCaller } from '@heliograph/box/answered-caller';
import { channelOfBox, isChannelBox } from '@heliograph/box/box-id';
import { renderUpdates } from '@heliograph/box/render-update';
import type { LogRecord } from '@heliograph/event-log/event-log';
import { decode } from '@heliograph/protos/codec';
import { BoxEventSchema, type BoxEvent } from '@heliograph/protos/heliograph/box/v1/box_pb';
import type { TypeUpdate } from '@heliograph/tl/api';
import { writeObject } from '@heliograph/tl/writer';
import { channelPush, channelTooLong, concernedBy, routesChanged } from '../channel-push';
import type { Deps } from '../deps';
import type { PushInit } from '../gateway-stream';
import { UPDATES_TOO_LONG } from '../routes';

/**
 * Pushes what changed in a batch of boxes to their owners' sessions, one event after the other, so that a box's order stays. An
 * event that can't be rendered makes the sessions ask for the difference instead.
 */
export async function pushBoxUpdates(deps: Deps, records: readonly LogRecord[]): Promise<void> {
  for (const record of records) {
    // The key of an event is its box: most users are not online here, and their events need not be read.
    const box = Number(record.key);
    const ofChannel = isChannelBox(box);
    if (box > 0 || ofChannel) deps.routes.wentBy(box);
    // Who left a channel is remembered for gateways that announce it later.
    if (deps.routes.of(box).size === 0 && !ofChannel) continue;
    let event: BoxEvent;
    try {
      const caller = ofChannel ? undefined : answeredCaller(record.value);
      if (caller !== undefined && deps.routes.hasOnly(box, caller)) {
        // Most who write have one device: nobody is left to push to, unless another is just coming.
        deps.routes.leftUntold(box);
        continue;
      }
      event = decode(BoxEventSchema, record.value);
    } catch (error) {
      deps.metrics.failures.add(1, { what: 'event' });
      deps.log.error({ offset: String(record.offset), error: error instanceof Error ? error.message : 'unknown' }, 'an event of box-updates cannot be read');
      continue;
    }
    if (event.updates.length === 0) continue;
    await (ofChannel ? pushChannelEvent(deps, box, event) : pushEvent(deps, box, event));
  }
}

async function pushEvent(deps: Deps, user: number, event: BoxEvent): Promise<void> {
  // A group's box has no owner to push to.
  if (user <= 0) return;
  const joined: TypeUpdate[] = [];
  for (const { change } of event.updates) {
    if (change.case !== 'membership') continue;
    const { channel, present, version, broadcast } = change.value;
    deps.routes.deliver({ userIds: [event.box], what: { case: 'channelRoute', value: { channel, present, version } } });
    if (present && broadcast) joined.push({ _: 'updateChannelTooLong', channel_id: channelOfBox(Number(channel)) });
  }
  const rendered = await rendering(deps, () => renderUpdates(deps.keyring, user, event.updates, event.date), () => undefined);
  // Some say nothing to the owner's sessions that the channel itself doesn't.
  if (rendered?.updates.length === 0) return;
  // No message of a broadcast says who came, and TDLib lists none of which it knows nothing else; it asks for nothing of one that it has not been told of before.
  rendered?.updates.push(...joined);
  const value = rendered === undefined ? UPDATES_TOO_LONG : writeObject(rendered, 'newest');
  deliver(deps, event, { userIds: [event.box], what: { case: 'updates', value } });
}

async function pushChannelEvent(deps: Deps, box: number, event: BoxEvent): Promise<void> {
  const { routes } = deps;
  const concerned = concernedBy(deps.authors, box, event.updates);
  const changed = routesChanged(event.updates);
  routes.noteRoutes(box, changed, event.version);
  if (routes.of(box).size === 0) return;
  const value = await rendering(deps, () => channelPush(deps.keyring, box, event, concerned), () => ({ channel: event.box, updates: channelTooLong(box, event.date), ...changed }));
  deliver(deps, event, { what: { case: 'channel', value: { ...value, version: event.version } } });
}

function deliver(deps: Deps, event: BoxEvent, push: PushInit): void {
  // The session that made the change has it in its answer, unless nobody waited for that any more.
  const answered = event.silent;
  deps.routes.deliver({ ...push, exceptAuthKeyId: answered ? event.callerAuthKeyId : 0n, exceptSessionId: answered ? event.callerSessionId : 0n });
  deps.metrics.pushed.add(1, { kind: 'box' });
  deps.metrics.lag.record(Math.max(0, deps.clock.now() / 1000 - event.date));
}

/** What `render` makes of an event, else what lets clients ask. */
async function rendering<T>(deps: Deps, render: () => Promise<T>, otherwise: () => T): Promise<T> {
  try {
    return await render();
  } catch (error) {
    deps.metrics.failures.add(1, { what: 'render' });
    deps.log.error({ error: error instanceof Error ? error.message : 'unknown' }, 'a change could not be rendered');
    return otherwise();
  }
}
