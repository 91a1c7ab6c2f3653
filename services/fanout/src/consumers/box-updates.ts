import { fromBinary } from '@bufbuild/protobuf';
import { answeredCaller } from '@heliograph/box/answered-caller';
import { renderUpdates } from '@heliograph/box/render-update';
import type { LogRecord } from '@heliograph/event-log/event-log';
import { BoxEventSchema, type BoxEvent } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { writeObject } from '@heliograph/tl/writer';
import type { Deps } from '../deps';
import { UPDATES_TOO_LONG } from '../routes';

/**
 * Pushes what changed in a batch of boxes to their owners' sessions, one event after the other, so that a box's order stays. An
 * event that can't be rendered makes the sessions ask for the difference instead.
 */
export async function pushBoxUpdates(deps: Deps, records: readonly LogRecord[]): Promise<void> {
  for (const record of records) {
    // The key of an event is its box: most users are not online here, and their events need not be read.
    const user = Number(record.key);
    if (user > 0) deps.routes.wentBy(user);
    if (deps.routes.of(user).size === 0) continue;
    let event: BoxEvent;
    try {
      const caller = answeredCaller(record.value);
      if (caller !== undefined && deps.routes.hasOnly(user, caller)) {
        // Most who write have one device: nobody is left to push to, unless another is just coming.
        deps.routes.leftUntold(user);
        continue;
      }
      event = fromBinary(BoxEventSchema, record.value);
    } catch (error) {
      deps.metrics.failures.add(1, { what: 'event' });
      deps.log.error({ offset: String(record.offset), error: error instanceof Error ? error.message : 'unknown' }, 'an event of box-updates cannot be read');
      continue;
    }
    await pushEvent(deps, event);
  }
}

async function pushEvent(deps: Deps, event: BoxEvent): Promise<void> {
  const user = Number(event.box);
  // A channel's box (below zero) has no owner to push to.
  if (user <= 0 || event.updates.length === 0) return;
  const updates = await render(deps, user, event);
  // The session that made the change has it in its answer, unless nobody waited for that any more.
  const answered = event.silent;
  deps.routes.deliver({
    userIds: [event.box],
    what: { case: 'updates', value: updates },
    exceptAuthKeyId: answered ? event.callerAuthKeyId : 0n,
    exceptSessionId: answered ? event.callerSessionId : 0n,
  });
  deps.metrics.pushed.add(1, { kind: 'box' });
  deps.metrics.lag.record(Math.max(0, deps.clock.now() / 1000 - event.date));
}

async function render(deps: Deps, user: number, event: BoxEvent): Promise<Uint8Array> {
  try {
    return writeObject(await renderUpdates(deps.keyring, user, event.updates, event.date), 'newest');
  } catch (error) {
    deps.metrics.failures.add(1, { what: 'render' });
    deps.log.error({ error: error instanceof Error ? error.message : 'unknown' }, 'a change could not be rendered');
    return UPDATES_TOO_LONG;
  }
}
