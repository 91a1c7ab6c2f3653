import type { DialogRecord } from '@heliograph/protos/heliograph/box/v1/box_pb';

/** One mention that was not seen is none any more. `dialog` is an own copy. */
export function seeMention(dialog: DialogRecord): void {
  dialog.unreadMentionsCount = Math.max(0, dialog.unreadMentionsCount - 1);
}
