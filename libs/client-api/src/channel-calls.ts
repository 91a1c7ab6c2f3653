import { homeDcOf } from '@heliograph/box/box-id';
import { sliceOf } from '@heliograph/service-kit/slices';
import { VIEWS_PER_CALL_MAX } from './limits';

/** Boxes of channels by who is asked for them: those of a call belong to one replica of one DC, which its first one leads to. */
export function channelCalls(boxes: Iterable<number>): [number, ...number[]][] {
  const byOwner = new Map<string, [number, ...number[]][]>();
  for (const box of boxes) {
    const owner = `${homeDcOf(box)} ${sliceOf(box)}`;
    const calls = byOwner.get(owner);
    const last = calls?.at(-1);
    if (calls === undefined) byOwner.set(owner, [[box]]);
    else if (last !== undefined && last.length < VIEWS_PER_CALL_MAX) last.push(box);
    else calls.push([box]);
  }
  return [...byOwner.values()].flat();
}
