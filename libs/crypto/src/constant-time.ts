import { timingSafeEqual } from 'node:crypto';

/** Whether both hold the same bytes; the time tells only whether their lengths differ. */
export function constantTimeEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
