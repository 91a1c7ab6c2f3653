import { ON_THE_WAY_SECONDS } from '@heliograph/client-api/answered-elsewhere';
import { encode } from '@heliograph/protos/codec';
import { CommandSchema, type Command, type Hold, type Marker, type MoveOut } from '@heliograph/protos/heliograph/box/v1/box_pb';
import { readParked, type Change, type Effect } from '../change';
import { RELEASED_COMMANDS } from '../limits';

/**
 * Moving a box to another DC (ADR 0011). Commands of other boxes always come to the DC that the box's id names, in the order that their
 * origin marks need; if the box lives elsewhere they are sent on from there, over one way, in that order. What arrives while the way changes
 * is parked and released later, in order.
 */

/** Told to callers of a box that is on its way: clients wait and ask again. */
export const ON_ITS_WAY = `FLOOD_WAIT_${ON_THE_WAY_SECONDS}`;

/** What any command but those of a move meets at a box that does not live here, or takes nothing directly now. False: the box takes it itself. */
export function divert(change: Change): boolean {
  const { movedTo, parking, versionBase } = change.state.head;
  const { origin, forwarded } = change.command;
  if (movedTo === 0) {
    if (parking && origin !== undefined && !forwarded) park(change);
    // Sent on to a box that never came here: nothing knows how to apply it.
    else if (forwarded && versionBase === 0n) change.refuse('PEER_ID_INVALID');
    else return false;
    return true;
  }
  if (origin === undefined) change.refuse(parking ? ON_ITS_WAY : `USER_MIGRATE_${movedTo}`);
  else if (parking) park(change);
  else change.derived.push({ box: change.box, dc: movedTo, command: sentOn(change.command) });
  return true;
}

function park(change: Change): void {
  change.rows.push({ kind: 'parked', command: sentOn(change.command) });
}

/** The command as another log takes it: of the same origin. Who waits for a group's answer waits where the box lives. */
function sentOn(command: Command): Uint8Array {
  return encode(CommandSchema, { ...command, forwarded: true });
}

/** From now on the box lives in that DC. Repeating it changes nothing; naming another DC sends what is parked there. */
export function* moveOut(change: Change, { dc }: MoveOut): Effect {
  const { movedTo, parking } = change.state.head;
  if (movedTo === dc) return;
  if (movedTo !== 0 && !parking) return change.refuse('MOVE_WITHOUT_HOLD');
  change.move = { movedTo: dc, parking: true };
}

/** A box that lives elsewhere: nothing more is sent there, and a marker says so behind what was. */
export function* hold(change: Change, { token }: Hold): Effect {
  const { movedTo, parking } = change.state.head;
  if (movedTo === 0) return change.refuse('MOVE_NOT_AWAY');
  if (!parking) change.move = { parking: true };
  change.derived.push({ box: change.box, dc: movedTo, command: markerFor(change, token) });
}

/** All that was sent on before has arrived. At the end of a release into the own log: nothing is left, so nothing need be parked any more. */
export function* marker(change: Change, { token }: Marker): Effect {
  const { movedTo, parking, released } = change.state.head;
  if (movedTo !== 0) {
    change.derived.push({ box: change.box, dc: movedTo, command: sentOn(change.command) });
    return;
  }
  change.move = { marker: token };
  if (parking && (yield* readParked(released, 1)).length === 0) change.move.parking = false;
}

/**
 * Sends on the next parked commands, oldest first: to the DC that the box lives in, or, where it lives here, into its own log once more.
 * There the end is known only when a marker behind them is applied, for what arrives directly meanwhile must come after them.
 */
export function* release(change: Change): Effect {
  const { movedTo, parking, released } = change.state.head;
  change.more = false;
  if (!parking) return;
  const parked = yield* readParked(released, RELEASED_COMMANDS);
  for (const { command } of parked) change.derived.push({ box: change.box, dc: movedTo, command });
  const last = parked.at(-1);
  if (last !== undefined) change.move = { released: last.version };
  if (parked.length === RELEASED_COMMANDS) change.more = true;
  else if (movedTo !== 0) change.move = { ...change.move, parking: false };
  else {
    change.derived.push({ box: change.box, dc: 0, command: markerFor(change, change.state.head.marker) });
    change.more = true;
  }
}

function markerFor(change: Change, token: bigint): Uint8Array {
  return encode(CommandSchema, {
    effect: change.command.effect, box: BigInt(change.box), date: change.date, forwarded: true, body: { case: 'marker', value: { token } },
  });
}
